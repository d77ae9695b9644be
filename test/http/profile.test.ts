import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError, newEmail } from '../support/client.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database; KV: KVNamespace };
const ME = '/api/v1/users/me';

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
