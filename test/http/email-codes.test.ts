import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { Client, expectError, newEmail } from '../support/client.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database; KV: KVNamespace };
const ME = '/api/v1/users/me';

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
