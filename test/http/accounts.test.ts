import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, expectError, newEmail } from '../support/client.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database; KV: KVNamespace };
const ME = '/api/v1/users/me';

describe('registration', () => {
  const client = new Client();

  it('takes each e-mail once, regardless of case, also of two at once', async () => {
    const email = newEmail();
    const answers = await Promise.all([
      client.register({ email }),
      client.register({ email: email.toUpperCase() }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expectError(await client.register({ email }), 409, 'email_taken');
  });

  it('normalises phones, and takes each once', async () => {
    expect((await client.register({ phone: '13900139001' })).status).toBe(201);
    expectError(await client.register({ phone: '+8613900139001' }), 409, 'phone_taken');
    expect((await client.register({ phone: '+14155550101' })).status).toBe(201);
  });

  it.each([
    ['user_type', { user_type: 'robot' }],
    ['email', { email: 'not-an-address' }],
    ['email', { email: 7 }],
    ['phone', { phone: '12345' }],
    ['phone', { phone: '+8612345678901' }],
    ['enterprise_name', { user_type: 'enterprise' }],
    ['captcha_token', { captcha_token: undefined }],
    ['key_id', { key_id: null }],
    ['email_code', { email_code: '12' }],
  ])('names a bad %s', async (path, fields) => {
    const answer = await client.register(fields);
    expectError(answer, 400, 'invalid_input');
    expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toContain(path);
  });

  it.each(['short1', 'onlyletters', '1234567890', `a1${'x'.repeat(31)}`, 'password1', 'Aa123456'])(
    'refuses the password %s',
    async (password) => {
      const answer = await client.register({}, password);
      expectError(answer, 400, 'password_weak');
      expect(answer.body.errors[0].path).toBe('password');
    },
  );

  it('takes a captcha once, in time and of its own site, and spends it also when the request fails', async () => {
    const captcha_token = await client.captcha();
    expectError(await client.register({ captcha_token }, 'short1'), 400, 'password_weak');
    expectError(await client.register({ captcha_token }), 400, 'captcha_invalid');
    expectError(await client.register({ captcha_token: 'captcha_xxx' }), 400, 'captcha_invalid');
    const foreign = await new Client({ site: 'cn' }).captcha();
    expectError(await client.register({ captcha_token: foreign }), 400, 'captcha_invalid');
    const forged = JSON.parse(atob(await client.captcha()));
    forged.challenge.parameters.data.expires_at += 1000;
    expectError(
      await client.register({ captcha_token: btoa(JSON.stringify(forged)) }),
      400,
      'captcha_invalid',
    );
  });

  it('refuses every bad ciphertext with one and the same answer', async () => {
    const good = await client.encrypt('Aa123456!');
    const used = await client.encrypt('Aa123456!');
    expect((await client.register(used)).status).toBe(201);
    const broken = `${good.password.slice(0, -4)}AAA=`;
    const answers = [
      await client.register(used),
      await client.register({ ...good, key_id: 'rsa_key_20200101_001' }),
      await client.register({ ...good, password: 'Aa123456!' }),
      await client.register({ ...good, password: broken }),
      await client.register({ ...good, password: `${good.password.replace(/=*$/, '')}====` }),
      await client.register({ ...good, password: btoa('x'.repeat(384)) }),
    ];
    for (const answer of answers) expectError(answer, 400, 'ciphertext_invalid');
    expect(new Set(answers.map(({ body }) => body.message)).size).toBe(1);
  });

  it('takes an invite code of a user, and names one that nobody has', async () => {
    const answer = await client.register({ invite_code: 'nobody-has-it' });
    expectError(answer, 400, 'invite_code_invalid');
    expect(answer.body.errors[0].path).toBe('invite_code');
  });

  it('spends a ciphertext whatever becomes of the request', async () => {
    const { email } = await client.newUser();
    const cipher = await client.encrypt('Aa123456!');
    expectError(await client.register({ email, ...cipher }), 409, 'email_taken');
    expectError(
      await client.post('/api/v1/auth/login', { account: email, ...cipher }),
      400,
      'ciphertext_invalid',
    );
  });

  it('never takes the admin’s address', async () => {
    expectError(await client.register({ email: 'ADMIN@example.com' }), 409, 'email_taken');
  });
});

describe('sessions', () => {
  const client = new Client();
  const refresh = (refresh_token: string) => client.post('/api/v1/auth/refresh', { refresh_token });

  async function signIn(): Promise<{ email: string; access: string; refresh: string }> {
    const email = newEmail();
    await client.register({ email });
    const { body } = await client.login(email);
    return { email, access: body.data.access_token, refresh: body.data.refresh_token };
  }

  it('rotates the refresh token; of two at once one wins and nobody is thrown out', async () => {
    const first = await signIn();
    const answers = await Promise.all([refresh(first.refresh), refresh(first.refresh)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = answers.find(({ status }) => status === 200) as Answer;
    expect((await client.get(ME, { token: winner.body.data.access_token })).status).toBe(200);
    expect((await refresh(winner.body.data.refresh_token)).status).toBe(200);
  });

  it('ends the family when a spent token comes back later', async () => {
    const first = await signIn();
    const second = (await refresh(first.refresh)).body.data;
    await bindings.DB_DEFAULT.prepare(
      'update refresh_tokens set spent_at = spent_at - 11000 where spent_at is not null',
    ).run();
    expectError(await refresh(first.refresh), 401, 'session_ended');
    expectError(await refresh(second.refresh_token), 401, 'session_ended');
    expectError(await client.get(ME, { token: second.access_token }), 401, 'unauthenticated');
  });

  it('refuses what is no refresh token', async () => {
    expectError(await refresh('rt_nothing'), 401, 'session_ended');
    expectError(await client.post('/api/v1/auth/refresh', {}), 400, 'invalid_input');
  });

  it('ends at logout, access token too', async () => {
    const { access, refresh: token } = await signIn();
    expect((await client.post('/api/v1/auth/logout', {}, { token: access })).status).toBe(200);
    expectError(await client.get(ME, { token: access }), 401, 'unauthenticated');
    expectError(await refresh(token), 401, 'session_ended');
    expectError(await client.post('/api/v1/auth/logout', {}), 401, 'unauthenticated');
  });

  it('ends by the refresh token alone when the access token has expired', async () => {
    const { access, refresh: token } = await signIn();
    const answer = await client.post(
      '/api/v1/auth/logout',
      { refresh_token: token },
      { token: 'expired.access.token' },
    );
    expect(answer.status).toBe(200);
    expectError(await client.get(ME, { token: access }), 401, 'unauthenticated');
  });

  it('lists mine, ends one, or all', async () => {
    const { email, access } = await signIn();
    const other = (await client.login(email)).body.data.access_token;
    const { items, ...page } = (await client.get('/api/v1/auth/sessions', { token: access })).body.data;
    expect(page).toEqual({ total: 2, page: 1, page_size: 20 });
    expectError(await client.get('/api/v1/auth/sessions?page=0', { token: access }), 400, 'invalid_input');
    expect(items.filter((one: { current: boolean }) => one.current)).toHaveLength(1);
    expect(items[0].address).toMatch(/^10\.\d+\.\*\.\*$/);
    const theirs = items.find((one: { current: boolean }) => !one.current).session_id;
    const stranger = await client.newUser();
    expectError(
      await client.delete(`/api/v1/auth/sessions/${theirs}`, { token: stranger.token }),
      404,
      'not_found',
    );
    expect((await client.delete(`/api/v1/auth/sessions/${theirs}`, { token: access })).status).toBe(200);
    expectError(await client.delete(`/api/v1/auth/sessions/${theirs}`, { token: access }), 404, 'not_found');
    expectError(await client.get(ME, { token: other }), 401, 'unauthenticated');
    await client.post('/api/v1/auth/logout', { all: true }, { token: access });
    expectError(await client.get(ME, { token: access }), 401, 'unauthenticated');
  });
});

describe('passwords', () => {
  it('throttle by account and address before hashing, and ask for a captcha after three', async () => {
    const client = new Client();
    const { email } = await client.newUser();
    for (let failures = 0; failures < 3; failures += 1) {
      expectError(await client.login(email, 'Wrong12345'), 401, 'credentials_invalid');
    }
    const asked = await client.login(email);
    expectError(asked, 400, 'captcha_required');
    expect(asked.body.data).toEqual({ captcha: true });
    const withCaptcha = async (password: string) =>
      client.login(email, password, { captcha_token: await client.captcha() });
    expectError(await withCaptcha('Wrong12345'), 401, 'credentials_invalid');
    expectError(await withCaptcha('Wrong12345'), 401, 'credentials_invalid');
    const blocked = await withCaptcha('Aa123456!');
    expectError(blocked, 429, 'account_throttled');
    expect(Number(blocked.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await new Client().login(email)).status).toBe(200);
  });

  it('treat an account that is not there alike', async () => {
    const client = new Client();
    const email = newEmail();
    for (let failures = 0; failures < 3; failures += 1) {
      expectError(await client.login(email, 'Wrong12345'), 401, 'credentials_invalid');
    }
    expectError(await client.login(email), 400, 'captcha_required');
  });

  it('count a phone alike in both its spellings, registered or not', async () => {
    const client = new Client();
    await client.register({ phone: '13400134001' });
    for (const phone of ['13400134001', '13400134002']) {
      for (let failures = 0; failures < 3; failures += 1) await client.login(phone, 'Wrong12345');
      expectError(await client.login(`+86${phone}`, 'Wrong12345'), 400, 'captcha_required');
    }
  });

  it('are read in one spelling, whatever Unicode has for the same letters', async () => {
    const client = new Client();
    expectError(await client.register({}, 'ｐassword123'), 400, 'password_weak');
    const email = newEmail();
    await client.register({ email }, 'Ｚq73kkwpX1');
    expect((await client.login(email, 'Zq73kkwpX1')).status).toBe(200);
  });

  it('count one address over all accounts, IPv6 by /64', async () => {
    const from = (host: number) => new Client({ address: `2001:db8:7:7::${host.toString(16)}` });
    const statuses: number[] = [];
    for (let index = 0; index < 22; index += 1) {
      statuses.push((await from(index + 1).login(newEmail(), 'Wrong12345')).status);
    }
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.slice(20)).toEqual([429, 429]);
  });

  it('change with the old one; other sessions end at once', async () => {
    const client = new Client();
    const { email, token } = await client.newUser();
    const other = (await client.login(email)).body.data.access_token;
    const change = async (old: string, fresh: string) => {
      const a = await client.encrypt(old);
      const b = await client.encrypt(fresh);
      return client.put(
        `${ME}/password`,
        { key_id: a.key_id, old_password: a.password, new_password: b.password },
        { token },
      );
    };
    const wrong = await change('Wrong12345', 'Bb654321!');
    expectError(wrong, 400, 'password_wrong');
    expect(wrong.body.errors[0].path).toBe('old_password');
    expectError(await change('Aa123456!', 'Aa123456!'), 400, 'password_weak');
    expectError(await change('Aa123456!', 'short'), 400, 'password_weak');
    expect((await change('Aa123456!', 'Bb654321!')).status).toBe(200);
    expectError(await client.get(ME, { token: other }), 401, 'unauthenticated');
    expect((await client.get(ME, { token })).status).toBe(200);
    expectError(await client.login(email), 401, 'credentials_invalid');
    expect((await client.login(email, 'Bb654321!')).status).toBe(200);
  });

  it('sign in with e-mail or phone', async () => {
    const client = new Client();
    await client.register({ phone: '13700137001' });
    expect((await client.login('13700137001')).status).toBe(200);
    expect((await client.login('+8613700137001')).status).toBe(200);
    expectError(await client.login('nonsense'), 401, 'credentials_invalid');
  });
});

describe('codes by mail', () => {
  const client = () => new Client();
  const send = (one: Client, email: string, purpose: string, options = {}) =>
    one.post(`${ME}/verify/email`, { email, purpose, ...options });

  async function mails(email: string): Promise<{ subject: string; text: string }[]> {
    const { body } = await client().get(`/dev/mailbox?to=${encodeURIComponent(email)}`, {
      headers: { Accept: 'application/json' },
    });
    return body.items;
  }
  const codeOf = async (email: string) =>
    /\b(\d{6})\b/.exec((await mails(email))[0]?.text ?? '')?.[1] ?? 'none';

  it('verify an address at registration', async () => {
    const email = newEmail();
    expect((await send(client(), email, 'register')).body.data).toEqual({ expires_in: 600 });
    const email_code = await codeOf(email);
    expectError(
      await client().register({ email, email_code: email_code === '000000' ? '111111' : '000000' }),
      400,
      'code_invalid',
    );
    const one = client();
    expect((await one.register({ email, email_code })).status).toBe(201);
    const token = (await one.login(email)).body.data.access_token;
    expect((await one.get(ME, { token })).body.data.email_verified).toBe(true);
    expect(
      await bindings.DB_DEFAULT.prepare(
        'select count(*) as n from outbox where sealed_parameters is not null and sent_at is not null',
      ).first(),
    ).toEqual({ n: 0 });
  });

  it('answer alike for an account and for none; the mail tells', async () => {
    const known = (await client().newUser()).email;
    const unknown = newEmail();
    const answers = [
      await send(client(), known, 'register'),
      await send(client(), known, 'reset_password').then(() => send(client(), unknown, 'reset_password')),
    ];
    for (const answer of answers) expect(answer.status === 200 || answer.status === 429).toBe(true);
    expect((await mails(known))[0]?.subject).toContain('account already');
    expect(await mails(unknown)).toEqual([]);
  });

  it('come once a minute, and from the second in an hour on with a captcha', async () => {
    const one = client();
    const email = newEmail();
    expect((await send(one, email, 'register')).status).toBe(200);
    expectError(await send(one, email, 'register'), 429, 'account_throttled');
    const asked = await send(one, newEmail(), 'register');
    expectError(asked, 400, 'captcha_required');
    expect(asked.body.data).toEqual({ captcha: true });
    expect((await send(one, newEmail(), 'register', { captcha_token: await one.captcha() })).status).toBe(
      200,
    );
  });

  it('reset a password; sessions end, and of an unverified address the keys', async () => {
    const one = client();
    const user = await one.newUser();
    const { key } = await one.newApiKey(user.token);
    expect((await one.get('/api/v1/keys/self', { token: key })).status).toBe(200);
    await send(one, user.email, 'reset_password');
    const reset = async (code: string) => {
      const { key_id, password } = await one.encrypt('Bb654321!');
      return one.post('/api/v1/auth/password/reset', {
        email: user.email,
        code,
        key_id,
        new_password: password,
      });
    };
    const code = await codeOf(user.email);
    expectError(await reset(code === '123456' ? '654321' : '123456'), 400, 'code_invalid');
    expect((await reset(code)).status).toBe(200);
    expectError(await reset(code), 400, 'code_invalid');
    expectError(await one.get(ME, { token: user.token }), 401, 'unauthenticated');
    expectError(await one.get('/api/v1/quota', { token: key }), 401, 'unauthenticated');
    expect((await one.login(user.email, 'Bb654321!')).status).toBe(200);
  });

  it('are guessed at ten times in a quarter of an hour, not more', async () => {
    const one = client();
    const email = newEmail();
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      const { key_id, password } = await one.encrypt('Bb654321!');
      const body = { email, code: '000000', key_id, new_password: password };
      statuses.push((await one.post('/api/v1/auth/password/reset', body)).status);
    }
    expect(statuses).toEqual([...Array(10).fill(400), 429, 429]);
  });

  it('say nothing of the admin’s address before the password and the code are right', async () => {
    const one = client();
    const user = await one.newUser();
    const body = {
      purpose: 'change_email',
      email: 'admin@example.com',
      code: '123456',
      key_id: 'x',
      password: 'y',
    };
    expectError(
      await one.post(`${ME}/verify/email/confirm`, body, { token: user.token }),
      400,
      'ciphertext_invalid',
    );
  });

  it('are not kept from somebody who was nobody yet', async () => {
    const one = client();
    const ask = () =>
      one.post(
        `${ME}/verify/email`,
        { email: newEmail(), purpose: 'change_email' },
        { headers: { 'Idempotency-Key': 'k' } },
      );
    expectError(await ask(), 401, 'unauthenticated');
    expect((await ask()).headers.get('Idempotent-Replayed')).toBeNull();
  });

  it('have five tries', async () => {
    const one = client();
    const user = await one.newUser();
    await one.post(
      `${ME}/verify/email`,
      { email: user.email, purpose: 'register', captcha_token: await one.captcha() },
      { token: user.token },
    );
    const code = await codeOf(user.email);
    const confirm = (text: string) =>
      one.post(
        `${ME}/verify/email/confirm`,
        { email: user.email, purpose: 'register', code: text },
        { token: user.token },
      );
    for (let tries = 0; tries < 5; tries += 1) {
      expectError(await confirm(code === '000000' ? '000001' : '000000'), 400, 'code_invalid');
    }
    expectError(await confirm(code), 400, 'code_invalid');
  });

  it('move an account to another address; the old one is told', async () => {
    const one = client();
    const user = await one.newUser();
    const other = (await one.login(user.email)).body.data.access_token;
    const email = newEmail();
    expectError(await send(one, email, 'change_email'), 401, 'unauthenticated');
    expect(
      (await one.post(`${ME}/verify/email`, { email, purpose: 'change_email' }, { token: user.token }))
        .status,
    ).toBe(200);
    const code = await codeOf(email);
    const body = async (password: string) => ({
      email,
      purpose: 'change_email',
      code,
      ...(await one.encrypt(password)),
    });
    const path = `${ME}/verify/email/confirm`;
    expectError(await one.post(path, await body('Wrong12345'), { token: user.token }), 400, 'password_wrong');
    const stranger = await client().newUser();
    expectError(
      await one.post(path, await body('Aa123456!'), { token: stranger.token }),
      400,
      'code_invalid',
    );
    const changed = await one.post(path, await body('Aa123456!'), { token: user.token });
    expect(changed.body.data).toEqual({ email, email_verified: true });
    expectError(await one.get(ME, { token: other }), 401, 'unauthenticated');
    expect((await one.login(email)).status).toBe(200);
    expect((await mails(user.email))[0]?.subject).toContain('changed');
  });
});

describe('the profile', () => {
  const client = new Client();
  let token = '';
  beforeAll(async () => {
    token = (await client.newUser()).token;
  });

  it('merges nickname and avatar, and leaves the rest', async () => {
    const avatar = 'https://oss.example.com/avatars/new.jpg';
    const body = {
      nickname: '李四',
      avatar,
      email: 'other@example.com',
      role: 'admin',
      realname_verified: true,
    };
    const changed = await client.put(ME, body, { token });
    expect(changed.body.data).toMatchObject({ nickname: '李四', avatar, realname_verified: false });
    expect(changed.body.data.email).not.toBe('other@example.com');
    expect((await client.put(ME, { nickname: '王五' }, { token })).body.data).toMatchObject({
      nickname: '王五',
      avatar,
    });
  });

  it.each([
    ['nickname', { nickname: 'x'.repeat(65) }],
    ['avatar', { avatar: 'http://example.com/a.jpg' }],
    ['avatar', { avatar: 'javascript:alert(1)' }],
    ['avatar', { avatar: 'https:example.com' }],
  ])('refuses a bad %s', async (path, body) => {
    const answer = await client.put(ME, body, { token });
    expectError(answer, 400, 'invalid_input');
    expect(answer.body.errors[0].path).toBe(path);
  });
});

describe('leaving', () => {
  it('gives all one’s data, and then erases it', async () => {
    const client = new Client();
    const email = newEmail();
    await client.register({ email, phone: '13600136001' });
    const token = (await client.login(email)).body.data.access_token;
    await client.put(
      ME,
      { nickname: 'Nick-of-one-who-leaves', avatar: 'https://example.com/leaver.png' },
      { token },
    );
    const elsewhere = newEmail();
    await client.post(`${ME}/verify/email`, { email: elsewhere, purpose: 'change_email' }, { token });
    const { key } = await client.newApiKey(token, {
      name: 'leavers-key',
      allowed_ips: ['10.0.0.0/8', '198.51.100.77'],
    });
    await client.buyPlan(token, 'plan_basic', 'monthly');
    const { data } = (await client.get(`${ME}/export`, { token })).body;
    expect(data.user).toMatchObject({ email, phone: '13600136001', nickname: 'Nick-of-one-who-leaves' });
    expect(data).toMatchObject({
      api_keys: [{ name: 'leavers-key' }],
      orders: [{ status: 'paid' }],
      membership_history: [{ action: 'subscribe' }],
    });

    expectError(
      await client.send('DELETE', ME, { token, body: await client.encrypt('Wrong12345') }),
      400,
      'password_wrong',
    );
    expect((await client.send('DELETE', ME, { token, body: await client.encrypt('Aa123456!') })).status).toBe(
      200,
    );
    expectError(await client.get(ME, { token }), 401, 'unauthenticated');
    expectError(await client.get('/api/v1/quota', { token: key }), 401, 'unauthenticated');
    expectError(await new Client().login(email), 401, 'credentials_invalid');

    const dump = await everything(bindings.DB_DEFAULT);
    for (const personal of [
      elsewhere,
      '198.51.100.77',
      email,
      '13600136001',
      'Nick-of-one-who-leaves',
      'leaver.png',
      'leavers-key',
      client.address,
    ]) {
      expect(dump.toLowerCase()).not.toContain(personal.toLowerCase());
    }
    expect((await client.register({ email })).status).toBe(201);
  });
});

/** Every row of every table, as text. */
async function everything(db: D1Database): Promise<string> {
  const { results } = await db
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' and name not like 'sqlite%' and name not like 'dev%'",
    )
    .all<{ name: string }>();
  const dumps = await Promise.all(results.map(({ name }) => db.prepare(`select * from "${name}"`).all()));
  return JSON.stringify(dumps.map((dump) => dump.results));
}
