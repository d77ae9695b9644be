import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, expectError } from '../support/client.ts';
import {
  beginQuietDay,
  benefitList,
  type Company,
  consume,
  dataOf,
  faultPaths,
  givePlan,
  newMember,
  newVerifiedEnterprise,
} from '../support/enterprises.ts';
import { type Human, signedIn } from '../support/humans.ts';

const MEMBERS = '/api/v1/enterprise/members';
const RESERVATIONS = '/api/v1/quota/reservations';
const POOL = { member_seats: 20, tpd: 1000, requests_per_day: 500 };

describe('a member’s caps', () => {
  const client = new Client();
  let admin = '';
  let company: Company;
  let plan = '';
  let member: Human;
  let key = '';
  let midnight = '';

  /** A day on which nothing is spent yet, a plan of which everything is left, and a member without caps. */
  beforeAll(async () => {
    midnight = await beginQuietDay(client);
    admin = await client.admin();
    company = await newVerifiedEnterprise(client, admin);
    plan = await givePlan(client, admin, company, POOL);
    ({ member, key } = await newSpender());
  });

  async function newSpender(): Promise<{ member: Human; key: string }> {
    const somebody = await newMember(client, company);
    return { member: somebody, key: (await client.newApiKey(somebody.token)).key };
  }
  const put = (id: string, body: unknown) =>
    client.put(`${MEMBERS}/${id}/quota`, body, { token: company.owner.token });
  const cap = async (id: string, body: object) => dataOf(await put(id, body));
  const capsOf = async (id: string) =>
    dataOf(await client.get(`${MEMBERS}/${id}/quota`, { token: company.owner.token }));
  const reserve = (token: string, tokens: number) => client.post(RESERVATIONS, { tokens }, { token });
  const settle = (token: string, id: string, tokens: number) =>
    client.post(`${RESERVATIONS}/${id}/settle`, { tokens }, { token });
  const pool = async () =>
    dataOf(await client.get('/api/v1/quota', { token: company.owner.token })).limits[0];

  const FIELDS = ['tokens_per_day', 'requests_per_day'] as const;
  it.each(FIELDS.flatMap((field) => [-1, 1.5, '5', true, [], 1e300].map((value) => [field, value] as const)))(
    'that name a bad %s, %o, are refused',
    async (field, value) => {
      const answer = await put(member.id, { [field]: value });
      expectError(answer, 400, 'invalid_input');
      expect(faultPaths(answer)).toEqual([field]);
      expect(await capsOf(member.id)).toMatchObject({ tokens_per_day: null, requests_per_day: null });
    },
  );

  it('merge: what is left out stays, and null takes one away', async () => {
    const usage = { tokens_used_today: 0, requests_used_today: 0 };
    expect(await capsOf(member.id)).toEqual({ tokens_per_day: null, requests_per_day: null, ...usage });
    const both = { tokens_per_day: 300, requests_per_day: 20 };
    expect(await cap(member.id, both)).toEqual({ ...both, ...usage });
    expect(await cap(member.id, { tokens_per_day: 400 })).toEqual({
      tokens_per_day: 400,
      requests_per_day: 20,
      ...usage,
    });
    expect(await cap(member.id, {})).toMatchObject({ tokens_per_day: 400, requests_per_day: 20 });
    expect(await cap(member.id, { requests_per_day: null })).toMatchObject({
      tokens_per_day: 400,
      requests_per_day: null,
    });
    expect(await cap(member.id, { tokens_per_day: null })).toEqual({
      tokens_per_day: null,
      requests_per_day: null,
      ...usage,
    });
    expect((await reserve(key, 1)).body.data.limits.map(({ scope }: { scope: string }) => scope)).toEqual([
      'enterprise',
      'enterprise',
    ]);
  });

  it.each([
    ['tokens_per_day', 7],
    ['requests_per_day', 1],
  ] as const)('of 0 %s let nothing pass until they are raised', async (metric, requested) => {
    const spender = await newSpender();
    await cap(spender.member.id, { [metric]: 0 });
    for (const refused of [await reserve(spender.key, 7), await consume(client, spender.key, 7)]) {
      expectError(refused, 429, 'quota_exceeded');
      expect(refused.body.data).toEqual({
        scope: 'enterprise_member',
        metric,
        limit: 0,
        used: 0,
        reserved: 0,
        requested,
        reset_at: midnight,
      });
      expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1);
    }
    expect(await capsOf(spender.member.id)).toMatchObject({ tokens_used_today: 0, requests_used_today: 0 });
    await cap(spender.member.id, { [metric]: 100 });
    expect((await reserve(spender.key, 7)).status).toBe(201);
  });

  it('stay within the enterprise’s own limit of today', async () => {
    for (const [field, most] of [
      ['tokens_per_day', POOL.tpd],
      ['requests_per_day', POOL.requests_per_day],
    ] as const) {
      const answer = await put(member.id, { [field]: most + 1 });
      expectError(answer, 400, 'invalid_input');
      expect(faultPaths(answer)).toEqual([field]);
      expect((await cap(member.id, { [field]: most }))[field]).toBe(most);
      await cap(member.id, { [field]: null });
    }
    // One bad field of two changes neither.
    expectError(await put(member.id, { tokens_per_day: 5, requests_per_day: 501 }), 400, 'invalid_input');
    expect(await capsOf(member.id)).toMatchObject({ tokens_per_day: null, requests_per_day: null });
    // Without a plan it is the free one's.
    const free = await newVerifiedEnterprise(client, admin);
    const own = (tokens_per_day: number) =>
      client.put(`${MEMBERS}/me/quota`, { tokens_per_day }, { token: free.owner.token });
    expectError(await own(100_001), 400, 'invalid_input');
    expect((await own(100_000)).status).toBe(200);
  });

  it('hold over all keys of a member, at once, and over nobody else’s', async () => {
    const spender = await newSpender();
    const second = (await client.newApiKey(spender.member.token, { key_type: 'test' })).key;
    await cap(spender.member.id, { tokens_per_day: 100 });
    const before = await pool();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => reserve(index % 2 ? spender.key : second, 10)),
    );
    const admitted = answers.filter(({ status }) => status === 201);
    expect(admitted).toHaveLength(10);
    for (const answer of answers) {
      if (answer.status !== 201) {
        expectError(answer, 429, 'quota_exceeded');
        expect(answer.body.data).toMatchObject({ scope: 'enterprise_member', limit: 100, requested: 10 });
      }
    }
    expect(await pool()).toMatchObject({ reserved: before.reserved + 100 });
    expect((await reserve(key, 10)).status).toBe(201);
    // More than the cap is refused for now; more than the plan never fits.
    expectError(await reserve(spender.key, 101), 429, 'quota_exceeded');
    expectError(await reserve(spender.key, 1001), 400, 'quota_never_fits');
    const [one] = admitted;
    const id = one?.body.data.reservation_id;
    expect((await settle(spender.key, id, 4)).status).toBe(200);
    expect(
      (await client.get('/api/v1/quota', { token: spender.member.token })).body.data.limits,
    ).toContainEqual({
      scope: 'enterprise_member',
      metric: 'tokens_per_day',
      limit: 100,
      used: 4,
      reserved: 90,
      remaining: 6,
      reset_at: midnight,
    });
    expect(await capsOf(spender.member.id)).toMatchObject({ tokens_used_today: 4 });
  });

  it('lowered below what is used leave nothing, and take nothing back', async () => {
    const spender = await newSpender();
    const open = (await reserve(spender.key, 20)).body.data.reservation_id;
    expect((await consume(client, spender.key, 30)).status).toBe(200);
    await cap(spender.member.id, { tokens_per_day: 40 });
    const refused = await reserve(spender.key, 1);
    expectError(refused, 429, 'quota_exceeded');
    expect(refused.body.data).toMatchObject({ limit: 40, used: 30, reserved: 20 });
    expect((await settle(spender.key, open, 20)).status).toBe(200);
    expect(await capsOf(spender.member.id)).toMatchObject({ tokens_per_day: 40, tokens_used_today: 50 });
  });

  it('give way to the pool where that is less', async () => {
    const spender = await newSpender();
    await cap(spender.member.id, { tokens_per_day: 900 });
    const { used, reserved } = await pool();
    const set = async (tpd: number) => {
      const benefits = benefitList({ ...POOL, tpd });
      dataOf(await client.put(`/admin/v1/membership/plans/${plan}`, { benefits }, { token: admin }));
    };
    const tpd = used + reserved + 50;
    await set(tpd);
    const refused = await reserve(spender.key, 51);
    expectError(refused, 429, 'quota_exceeded');
    expect(refused.body.data).toMatchObject({ scope: 'enterprise', metric: 'tpd', limit: tpd });
    expect((await reserve(spender.key, 50)).status).toBe(201);
    await set(POOL.tpd);
  });

  it('end with the membership: while fifty reserve and it ends, what was admitted settles, and then no more is', async () => {
    const other = await newVerifiedEnterprise(client, admin);
    const leaver = await newMember(client, other);
    const { key: dead } = await client.newApiKey(leaver.token);
    const first = (await reserve(dead, 2)).body.data.reservation_id;
    /** One of fifty who reserve again and again until they are refused. */
    const lane = async () => {
      const answers = [await reserve(dead, 2)];
      while (answers.at(-1)?.status === 201 && answers.length < 100) answers.push(await reserve(dead, 2));
      return answers;
    };
    const lanes = Array.from({ length: 50 }, lane);
    const removed = await client.delete(`${MEMBERS}/${leaver.id}`, { token: other.owner.token });
    expect(removed.status).toBe(200);
    expectError(await reserve(dead, 2), 401, 'unauthenticated');
    const admitted: string[] = [first];
    for (const answers of await Promise.all(lanes)) {
      expectError(answers.pop() as Answer, 401, 'unauthenticated');
      for (const { status, body } of answers) {
        expect(status, JSON.stringify(body)).toBe(201);
        admitted.push(body.data.reservation_id);
      }
    }
    const settled = await Promise.all(admitted.map((id) => settle(dead, id, 1)));
    for (const answer of settled) expect(dataOf(answer)).toMatchObject({ reserved: 2, settled: 1 });
    const { limits } = dataOf(await client.get('/api/v1/quota', { token: other.owner.token }));
    for (const limit of limits) expect(limit).toMatchObject({ used: admitted.length, reserved: 0 });
    expectError(await reserve(dead, 2), 401, 'unauthenticated');
  });

  it('begin anew with the local day', async () => {
    const spender = await newSpender();
    await cap(spender.member.id, { tokens_per_day: 10, requests_per_day: 1 });
    expect((await consume(client, spender.key, 10)).status).toBe(200);
    expectError(await reserve(spender.key, 1), 429, 'quota_exceeded');
    expect((await client.put('/dev/clock', { at: midnight })).status).toBe(200);
    company.owner = await signedIn(client, company.owner);
    expect(await capsOf(spender.member.id)).toEqual({
      tokens_per_day: 10,
      requests_per_day: 1,
      tokens_used_today: 0,
      requests_used_today: 0,
    });
    expect((await reserve(spender.key, 10)).status).toBe(201);
    expectError(await reserve(spender.key, 1), 429, 'quota_exceeded');
  });

  it('of another zone begin anew at its own midnight', async () => {
    const cn = new Client({ site: 'cn' });
    const { owner } = await newVerifiedEnterprise(cn, await cn.admin());
    const { key: cnKey } = await cn.newApiKey(owner.token);
    dataOf(await cn.put(`${MEMBERS}/me/quota`, { tokens_per_day: 0 }, { token: owner.token }));
    const refused = await consume(cn, cnKey, 1);
    expectError(refused, 429, 'quota_exceeded');
    // Asia/Shanghai: the clock stands at 08:00 there, at the midnight of UTC.
    const ends = Date.parse(midnight) + 16 * 3_600_000;
    expect(Date.parse(refused.body.data.reset_at)).toBe(ends);
  });
});
