import { env, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import type { QuotaObjectBase } from '#quota/object';
import { type Answer, Client, expectError } from '../support/client.ts';
import { beginQuietDay, dataOf, givePlan, newMember, newVerifiedEnterprise } from '../support/enterprises.ts';
import { spenderOf } from '../support/quota-fixtures.ts';

const { QUOTA } = env as unknown as { QUOTA: DurableObjectNamespace<QuotaObjectBase> };
const RESERVATIONS = '/api/v1/quota/reservations';

describe('one quota object', () => {
  const client = new Client();
  let admin = '';
  beforeAll(async () => {
    await beginQuietDay(client);
    admin = await client.admin();
  });

  const reserve = (token: string, tokens: number, more = {}) =>
    client.post(RESERVATIONS, { tokens, ...more }, { token });
  const settle = (token: string, id: string, tokens: number) =>
    client.post(`${RESERVATIONS}/${id}/settle`, { tokens }, { token });
  const limitOf = async (token: string) => dataOf(await client.get('/api/v1/quota', { token })).limits[0];
  const admitted = (answers: Answer[]) => answers.filter(({ status }) => status === 201).length;

  it('admits of 1,000 at once, by 20 capped members, exactly what fits', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    // The caps are 9,000 tokens together, the pool is 7,000, and 20,000 are asked for, 20 at a time.
    await givePlan(client, admin, company, { member_seats: 25, tpd: 7000 });
    const capOf = (index: number) => (index % 2 === 0 ? 300 : 600);
    const keys: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      const member = await newMember(client, company);
      const caps = { tokens_per_day: capOf(index) };
      const path = `/api/v1/enterprise/members/${member.id}/quota`;
      dataOf(await client.put(path, caps, { token: company.owner.token }));
      keys.push((await client.newApiKey(member.token)).key);
    }
    const rounds = await Promise.all(
      Array.from({ length: 50 }, () => Promise.all(keys.map((key) => reserve(key, 20)))),
    );
    const answers = rounds.flat();
    expect(admitted(answers)).toBe(350);
    const refusals = answers.filter(({ status }) => status !== 201);
    for (const refusal of refusals) expectError(refusal, 429, 'quota_exceeded');
    expect(new Set(refusals.map(({ body }) => body.data.scope))).toEqual(
      new Set(['enterprise', 'enterprise_member']),
    );
    const perMember = keys.map((_, index) => admitted(rounds.map((round) => round[index] as Answer)));
    for (const [index, count] of perMember.entries()) expect(count * 20).toBeLessThanOrEqual(capOf(index));
    expect(await limitOf(company.owner.token)).toMatchObject({ used: 0, reserved: 7000, remaining: 0 });
  });

  it('that is evicted in the middle of everything neither over-admits nor forgets', async () => {
    const owner = await client.newUser();
    const plan = { name: 'Evicted', type: 'personal', price_monthly: '1.00' };
    const benefits = [{ key: 'tpd', value: 1000 }];
    const made = await client.post('/admin/v1/membership/plans', { ...plan, benefits }, { token: admin });
    await client.buyPlan(owner.token, dataOf(made).plan_id, 'monthly');
    const { key } = await client.newApiKey(owner.token);
    const evict = () => evictDurableObject(QUOTA.get(QUOTA.idFromName(`default:${owner.id}`)));

    const held = (await reserve(key, 300, { request_id: 'a' })).body.data.reservation_id;
    const spent = (await reserve(key, 200)).body.data.reservation_id;
    const given = (await reserve(key, 100)).body.data.reservation_id;
    expect((await settle(key, spent, 150)).status).toBe(200);
    await evict();
    // What was settled stays settled, by its id and by its sum; what was held can still be ended.
    expect((await settle(key, spent, 150)).status).toBe(200);
    expectError(await settle(key, spent, 151), 409, 'reservation_settled');
    const { used, reserved } = await limitOf(key);
    expect(used).toBe(150);
    expect(reserved).toBeGreaterThanOrEqual(400);
    await evict();
    expect((await client.delete(`${RESERVATIONS}/${given}`, { token: key })).status).toBe(200);
    await evict();
    expect((await settle(key, held, 300)).status).toBe(200);
    expect((await limitOf(key)).used).toBe(450);

    // Waves with an eviction between them: held, ended and free never exceed the limit together.
    let admittedTokens = 0;
    for (let wave = 0; wave < 4; wave += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => reserve(key, 50)));
      admittedTokens += 50 * admitted(answers);
      await evict();
    }
    expect(admittedTokens).toBeGreaterThan(0);
    expect(admittedTokens).toBeLessThanOrEqual(550);
    // An hour and a minute later nothing is held that was lost.
    const now = Date.parse((await client.get('/dev/clock')).body.now);
    await client.put('/dev/clock', { at: new Date(now + 3_661_000).toISOString() });
    expect(await limitOf(key)).toMatchObject({ used: 450, reserved: 0, remaining: 550 });
  });

  it('packs what ends together into one row', async () => {
    const { id: owner } = await client.newUser();
    const at = { site: 'default', owner };
    const request = {
      named: false,
      tokens: 1,
      model: null,
      ttlSeconds: 600,
      settle: true,
      spender: spenderOf('key_1', { userId: owner }),
    };
    const rows = await runInDurableObject(
      QUOTA.get(QUOTA.idFromName(`default:${owner}`)),
      async (instance, { storage: { sql } }) => {
        const object = instance as QuotaObjectBase;
        const consume = (index: number) => object.reserve(at, { ...request, reservationId: `r${index}` });
        await consume(0);
        const outcomes = await Promise.all(Array.from({ length: 100 }, (_, index) => consume(index + 1)));
        expect(outcomes.filter(({ outcome }) => outcome === 'admitted')).toHaveLength(100);
        return Number(sql.exec('select count(*) as many from ended').one().many);
      },
    );
    expect(rows).toBe(2);
  });
});
