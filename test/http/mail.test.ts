import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { Client, newEmail } from '../support/client.ts';
import { doorWith, runCron } from '../support/doors.ts';

const bindings = env as unknown as {
  DB_DEFAULT: D1Database;
  EMAIL: { send(message: unknown): Promise<unknown> };
};

/** A mail service that is down for as many sends as a test says. */
let failures = 0;
const EMAIL = {
  async send(message: unknown) {
    if (failures > 0) {
      failures -= 1;
      throw new Error('the mail service is down');
    }
    return bindings.EMAIL.send(message);
  },
};

describe('mail', () => {
  const client = new Client({ door: doorWith({ EMAIL }) });
  let offset = 0;
  const ask = (email: string, language = 'en') =>
    new Client({ door: doorWith({ EMAIL }) }).post(
      '/api/v1/users/me/verify/email',
      { email, purpose: 'register' },
      { headers: { 'Accept-Language': language } },
    );
  const mails = async (email: string) =>
    (await client.get(`/dev/mailbox?to=${email}`, { headers: { Accept: 'application/json' } })).body.items;
  const row = (email: string) =>
    bindings.DB_DEFAULT.prepare(
      'select sealed_parameters, attempts, due_at, sent_at, failed_at from outbox where recipient = ?',
    )
      .bind(email)
      .first<Record<string, unknown>>();
  const wait = async (minutes: number) => {
    offset += minutes * 60;
    await client.put('/dev/clock', { offset_seconds: offset });
    await runCron('*/5 * * * *');
  };

  it('is written in the language that was asked in', async () => {
    const [zh, en] = [newEmail(), newEmail()];
    await ask(zh, 'zh-CN');
    await ask(en, 'de, en;q=0.5');
    expect((await mails(zh))[0].text).toMatch(/验证码是 \d{6}/);
    expect((await mails(en))[0].text).toMatch(/code .* is \d{6}/);
  });

  it('keeps a code encrypted until it is sent, and wipes it then', async () => {
    const email = newEmail();
    failures = 1;
    expect((await ask(email)).status).toBe(200);
    const waiting = await row(email);
    expect(waiting).toMatchObject({ attempts: 1, sent_at: null, failed_at: null });
    expect(waiting?.sealed_parameters).toMatch(/^[0-9a-f]{8}\./);
    expect(await mails(email)).toEqual([]);
    await wait(6);
    const [mail] = await mails(email);
    expect(mail.text).toMatch(/\d{6}/);
    expect(await row(email)).toMatchObject({
      sealed_parameters: null,
      due_at: null,
      sent_at: expect.any(Number),
    });
    await wait(60);
    expect(await mails(email)).toHaveLength(1);
  });

  it('with a code is dropped once the code is dead', async () => {
    const email = newEmail();
    failures = 100;
    await ask(email);
    await wait(6);
    failures = 0;
    await wait(6);
    expect(await mails(email)).toEqual([]);
    expect(await row(email)).toMatchObject({
      sealed_parameters: null,
      due_at: null,
      sent_at: null,
      failed_at: expect.any(Number),
    });
  });

  it('with news is tried for most of a day, and then given up', async () => {
    const user = await client.newUser();
    failures = 100;
    const [old, fresh] = [await client.encrypt('Aa123456!'), await client.encrypt('Bb654321!')];
    const body = { key_id: old.key_id, old_password: old.password, new_password: fresh.password };
    expect((await client.put('/api/v1/users/me/password', body, { token: user.token })).status).toBe(200);
    for (const minutes of [6, 11, 31, 121]) await wait(minutes);
    expect(await row(user.email)).toMatchObject({ attempts: 5, failed_at: null });
    await wait(361);
    expect(await row(user.email)).toMatchObject({
      attempts: 6,
      sealed_parameters: null,
      failed_at: expect.any(Number),
    });
    failures = 0;
    await wait(361);
    expect(await mails(user.email)).toEqual([]);
  });
});
