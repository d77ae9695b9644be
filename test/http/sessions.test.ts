import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { type Answer, Client, expectError, newEmail } from '../support/client.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database; KV: KVNamespace };
const ME = '/api/v1/users/me';

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
