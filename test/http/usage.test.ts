import { env, runDurableObjectAlarm } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import readme from '../../README.md?raw';
import { Client, expectError } from '../support/client.ts';
import { runCron } from '../support/doors.ts';
import { givePlan, newMember, newVerifiedEnterprise } from '../support/enterprises.ts';

const bindings = env as unknown as { QUOTA: DurableObjectNamespace; DB_DEFAULT: D1Database };
const USAGE = '/api/v1/usage';

describe('a database that was restored', () => {
  it('tells quota objects what it says, by the README’s own command', async () => {
    const client = new Client();
    const admin = await client.admin();
    const company = await newVerifiedEnterprise(client, admin);
    const plan = await givePlan(client, admin, company, { tpd: 1000 });
    const { key } = await client.newApiKey(company.owner.token);
    const limit = async () => (await client.get('/api/v1/quota', { token: key })).body.data.limits[0].limit;
    expect(await limit()).toBe(1000);
    // The restored database is as it was before the object was last told, and has other limits.
    const db = bindings.DB_DEFAULT;
    await db.prepare('update pushes set version = 1, pending_at = null').run();
    await db
      .prepare("update token_plans set benefits = replace(benefits, '1000', '2000') where product_id = ?")
      .bind(plan)
      .run();
    await runCron('* * * * *');
    expect(await limit()).toBe(1000);
    const [, command = ''] = /--command "(update pushes[^"]+)"/.exec(readme) ?? [];
    await db.prepare(command).run();
    await runCron('* * * * *');
    expect(await limit()).toBe(2000);
  });
});

describe('usage', () => {
  const client = new Client();
  const today = new Date().toISOString().slice(0, 10);
  let admin = '';
  beforeAll(async () => {
    admin = await client.admin();
  });

  const consume = (key: string, tokens: number, model?: string) =>
    client.post(
      '/api/v1/quota/consume',
      { tokens, request_id: crypto.randomUUID(), ...(model ? { model } : {}) },
      { token: key },
    );
  const usage = async (token: string, query = '') =>
    (await client.get(`${USAGE}${query}`, { token })).body.data;
  const stubOf = (owner: string) => bindings.QUOTA.get(bindings.QUOTA.idFromName(`default:${owner}`));

  it('is what was settled, at once, by day, model and key, test keys apart', async () => {
    const user = await client.newUser();
    const real = await client.newApiKey(user.token);
    const test = await client.newApiKey(user.token, { key_type: 'test' });
    await consume(real.key, 100, 'gpt-4o');
    await consume(real.key, 20, 'qwen-turbo');
    await consume(test.key, 3);
    const reserved = await client.post('/api/v1/quota/reservations', { tokens: 500 }, { token: real.key });
    const sum = { tokens: 123, requests: 3, test_tokens: 3 };
    expect(await usage(user.token)).toEqual({ items: [{ day: today, ...sum }], total_tokens: 123 });
    expect(await usage(real.key)).toEqual({ items: [{ day: today, ...sum }], total_tokens: 123 });
    expect((await usage(user.token, '?group_by=model')).items).toEqual([
      { model: 'gpt-4o', tokens: 100, requests: 1, test_tokens: 0 },
      { model: 'qwen-turbo', tokens: 20, requests: 1, test_tokens: 0 },
      { model: null, tokens: 3, requests: 1, test_tokens: 3 },
    ]);
    expect((await usage(user.token, '?group_by=key')).items).toEqual([
      { key_id: real.id, tokens: 120, requests: 2, test_tokens: 0 },
      { key_id: test.id, tokens: 3, requests: 1, test_tokens: 3 },
    ]);
    // What is held is no usage; what is settled is, once.
    const id = reserved.body.data.reservation_id;
    for (const _ of [1, 2]) {
      await client.post(`/api/v1/quota/reservations/${id}/settle`, { tokens: 7 }, { token: real.key });
    }
    expect((await usage(user.token)).total_tokens).toBe(130);
  });

  it('is brought into D1 by the alarm, once, and tells when keys were used', async () => {
    const user = await client.newUser();
    const { key, id } = await client.newApiKey(user.token);
    await consume(key, 10);
    await consume(key, 5);
    for (const _ of [1, 2, 3]) await runDurableObjectAlarm(stubOf(user.id));
    const { results } = await bindings.DB_DEFAULT.prepare('select * from usage_daily where owner = ?')
      .bind(user.id)
      .all();
    expect(results).toEqual([
      {
        owner: user.id,
        user_id: user.id,
        key_id: id,
        model: '',
        day: today,
        test: 0,
        tokens: 15,
        requests: 2,
        expired: 0,
      },
    ]);
    const { items } = (await client.get('/api/v1/users/me/apikeys', { token: user.token })).body.data;
    expect(Date.parse(items[0].last_used_at)).toBeGreaterThan(Date.now() - 60_000);
    const stats = (await client.get('/admin/v1/stats', { token: admin })).body.data;
    expect(stats.tokens[0]).toMatchObject({ day: today, tokens: expect.any(Number) });
    expect(stats.backlog).toEqual({ usage: 0, pushes: expect.any(Number) });
  });

  it('of a delivery that got through without the object knowing is not added again', async () => {
    const user = await client.newUser();
    const { key } = await client.newApiKey(user.token);
    await consume(key, 10);
    expect((await usage(user.token)).total_tokens).toBe(10);
    // D1 is ahead of what the object noted.
    await bindings.DB_DEFAULT.prepare('update usage_cursors set seq = seq + 1 where owner = ?')
      .bind(user.id)
      .run();
    await consume(key, 5);
    expect((await usage(user.token)).total_tokens).toBe(10);
    await consume(key, 2);
    expect((await usage(user.token)).total_tokens).toBe(12);
  });

  it('of an enterprise is the owner’s and its admins’ to see, a member’s own alone', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    await givePlan(client, admin, company, { tpd: 1000 });
    const member = await newMember(client, company);
    const keys = [await client.newApiKey(company.owner.token), await client.newApiKey(member.token)];
    await consume(keys[0]?.key ?? '', 40);
    await consume(keys[1]?.key ?? '', 2);
    expect((await usage(company.owner.token, '?group_by=member')).items).toEqual([
      { member_id: company.owner.id, tokens: 40, requests: 1, test_tokens: 0 },
      { member_id: member.id, tokens: 2, requests: 1, test_tokens: 0 },
    ]);
    expect((await usage(member.token)).total_tokens).toBe(2);
    expect((await usage(keys[1]?.key ?? '')).total_tokens).toBe(2);
  });

  it.each(['?from=yesterday', '?from=2026-02-01&to=2026-01-01', '?from=2020-01-01', '?group_by=week'])(
    'refuses %s',
    async (query) => {
      const user = await client.newUser();
      expectError(await client.get(`${USAGE}${query}`, { token: user.token }), 400, 'invalid_input');
      expectError(await client.get(USAGE), 401, 'unauthenticated');
    },
  );
});
