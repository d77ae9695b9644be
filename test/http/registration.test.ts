import { describe, expect, it } from 'vitest';
import { Client, expectError, newEmail } from '../support/client.ts';

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
