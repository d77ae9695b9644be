import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import {
  accept,
  beginQuietDay,
  benefitList,
  COMPANY,
  consume,
  dataOf,
  decide,
  invited,
  newMember,
  newVerifiedEnterprise,
  passTime,
  TIME,
} from '../support/enterprises.ts';
import { newHuman } from '../support/humans.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };
const MEMBERS = '/api/v1/enterprise/members';
const RESERVATIONS = '/api/v1/quota/reservations';

describe('one enterprise’s whole life', () => {
  const client = new Client();

  it('goes from registration to a member who left and came back', async () => {
    const midnight = await beginQuietDay(client);
    const admin = await client.admin();
    const quotaOf = async (token: string) => dataOf(await client.get('/api/v1/quota', { token })).limits;
    const reserve = (token: string, tokens: number) => client.post(RESERVATIONS, { tokens }, { token });
    const settle = (token: string, id: string, tokens: number) =>
      client.post(`${RESERVATIONS}/${id}/settle`, { tokens }, { token });

    // A company registers, hands in its papers, and is verified.
    const owner = await client.newUser({ user_type: 'enterprise', enterprise_name: 'XX 科技有限公司' });
    const send = { token: owner.token };
    const papers = dataOf(await client.post('/api/v1/users/me/verify/enterprise', COMPANY, send));
    dataOf(await decide(client, admin, papers.verification_id, 'approve'));

    // An admin makes a plan; the owner subscribes and pays.
    const benefits = benefitList({ member_seats: 2, tpd: 1000, requests_per_day: 100 });
    const plan = { name: '企业测试版', type: 'enterprise', price_monthly: '9.00', benefits };
    const { plan_id } = dataOf(await client.post('/admin/v1/membership/plans', plan, { token: admin }));
    await client.buyPlan(owner.token, plan_id, 'monthly');

    // Somebody new registers with the mailed code; the address is verified by it.
    const email = 'newmember@company.com';
    const invite_code = await invited(client, owner.token, email, 'member');
    const dev = await client.newUser({ email, invite_code });
    expect(dataOf(await client.get('/api/v1/users/me', { token: dev.token }))).toMatchObject({
      email_verified: true,
      user_type: 'personal',
      membership_level: plan_id.replace(/^plan_/, ''),
    });
    dataOf(await client.put('/api/v1/users/me', { nickname: '开发同学' }, { token: dev.token }));
    const { key: devKey, id: devKeyId } = await client.newApiKey(dev.token);

    // Somebody who has an account and a key accepts; what the key has open stays personal, the key itself moves.
    const old = await newHuman(client);
    const { key: oldKey } = await client.newApiKey(old.token);
    const personal = (await reserve(oldKey, 30)).body.data.reservation_id;
    const token = await invited(client, owner.token, old.email, 'admin');
    expect(dataOf(await accept(client, old.token, token))).toEqual({
      enterprise_id: papers.enterprise_id,
      member_id: old.id,
      email: old.email,
      nickname: null,
      role: 'admin',
      is_owner: false,
      status: 'active',
      joined_at: expect.stringMatching(TIME),
    });
    expect((await quotaOf(oldKey))[0]).toMatchObject({ scope: 'enterprise', metric: 'tpd', reserved: 0 });
    const settledPersonally = dataOf(await settle(oldKey, personal, 20));
    expect(settledPersonally).toMatchObject({ reserved: 30, settled: 20, status: 'settled' });
    expect(settledPersonally.limits[0].scope).toBe('member');
    expect((await quotaOf(oldKey))[0]).toMatchObject({ scope: 'enterprise', used: 0, reserved: 0 });
    const { key: memberKey } = await client.newApiKey(old.token);
    expect(dataOf(await client.get('/api/v1/membership/me', { token: old.token }))).toMatchObject({
      plan_id,
      status: 'active',
    });

    // The owner caps the new one, whose key spends up to the cap and no more.
    const quota = `${MEMBERS}/${dev.id}/quota`;
    const capped = { tokens_per_day: 100, requests_per_day: 50 };
    expect(dataOf(await client.put(quota, capped, send))).toEqual({
      ...capped,
      tokens_used_today: 0,
      requests_used_today: 0,
    });
    expect((await consume(client, devKey, 60)).status).toBe(200);
    const refused = await consume(client, devKey, 50);
    expectError(refused, 429, 'quota_exceeded');
    expect(refused.body.data).toEqual({
      scope: 'enterprise_member',
      metric: 'tokens_per_day',
      limit: 100,
      used: 60,
      reserved: 0,
      requested: 50,
      reset_at: midnight,
    });
    expect(refused.headers.get('RateLimit-Policy')).toContain('"member-tpd";q=100;w=86400');
    expect((await consume(client, devKey, 40)).status).toBe(200);
    dataOf(await client.put(quota, { tokens_per_day: 500 }, send));
    expect((await consume(client, devKey, 50)).status).toBe(200);
    expect(dataOf(await client.get(quota, send))).toEqual({
      tokens_per_day: 500,
      requests_per_day: 50,
      tokens_used_today: 150,
      requests_used_today: 3,
    });

    // The list is the seed's, and more.
    const list = dataOf(await client.get(MEMBERS, send));
    expect(list).toMatchObject({ total: 3, page: 1, page_size: 20 });
    expect(list.items).toHaveLength(3);
    const rows = new Map(list.items.map((row: { member_id: string }) => [row.member_id, row]));
    const uncapped = { tokens_per_day: null, requests_per_day: null };
    const unused = { tokens_used_today: 0, requests_used_today: 0 };
    expect(rows.get(dev.id)).toEqual({
      member_id: dev.id,
      email,
      nickname: '开发同学',
      role: 'member',
      is_owner: false,
      status: 'active',
      quota: { tokens_per_day: 500, requests_per_day: 50, tokens_used_today: 150, requests_used_today: 3 },
      joined_at: expect.stringMatching(TIME),
    });
    expect(rows.get(owner.id)).toMatchObject({
      email: owner.email,
      role: 'admin',
      is_owner: true,
      quota: { ...uncapped, ...unused },
    });
    expect(rows.get(old.id)).toMatchObject({ role: 'admin', is_owner: false });
    const profile = dataOf(await client.get('/api/v1/enterprise/profile', { token: dev.token }));
    expect(profile.member_count).toBe(list.total);

    // Both draw on one pool.
    const open = (await reserve(memberKey, 100)).body.data.reservation_id;
    const oldOpen = (await reserve(oldKey, 50)).body.data.reservation_id;
    expect((await consume(client, devKey, 300)).status).toBe(200);
    expect((await consume(client, memberKey, 400)).status).toBe(200);
    const pooled = await consume(client, devKey, 1);
    expectError(pooled, 429, 'quota_exceeded');
    expect(pooled.body.data).toEqual({
      scope: 'enterprise',
      metric: 'tpd',
      limit: 1000,
      used: 850,
      reserved: 150,
      requested: 1,
      reset_at: midnight,
    });

    // Removed: dead on the very next request, but what is open still settles, to the enterprise.
    dataOf(await client.delete(`${MEMBERS}/${old.id}`, send));
    expectError(await consume(client, memberKey, 1), 401, 'unauthenticated');
    expectError(await client.get('/api/v1/quota', { token: memberKey }), 401, 'unauthenticated');
    expectError(await client.get('/api/v1/keys/self', { token: memberKey }), 401, 'unauthenticated');
    expect(dataOf(await settle(memberKey, open, 40))).toMatchObject({ reserved: 100, settled: 40 });
    expect(dataOf(await settle(oldKey, oldOpen, 10))).toMatchObject({ reserved: 50, settled: 10 });
    expect((await quotaOf(owner.token))[0]).toMatchObject({ metric: 'tpd', used: 900, reserved: 0 });
    expectError(await client.get('/api/v1/enterprise/profile', { token: old.token }), 403, 'enterprise_none');
    expect(dataOf(await client.get(MEMBERS, send)).total).toBe(2);

    // The older key is back on the personal plan, where only what it settled there counts.
    expect((await consume(client, oldKey, 5)).status).toBe(200);
    expect((await quotaOf(oldKey)).find(({ metric }: { metric: string }) => metric === 'tpd')).toMatchObject({
      scope: 'member',
      limit: 100_000,
      used: 25,
    });
    expect((await quotaOf(owner.token))[0]).toMatchObject({ used: 900 });
    expect((await client.get('/api/v1/membership/me', { token: old.token })).body.data.status).toBe('none');

    // Invited again, they come back without the cap or the key of before.
    await passTime(client, 61);
    dataOf(await accept(client, old.token, await invited(client, owner.token, old.email)));
    expectError(await consume(client, memberKey, 1), 401, 'unauthenticated');
    const back = dataOf(await consume(client, oldKey, 5)).limits;
    expect(back[0]).toMatchObject({ scope: 'enterprise', metric: 'tpd', used: 905 });
    const keys = dataOf(await client.get('/api/v1/users/me/apikeys', { token: old.token })).items;
    expect(keys).toHaveLength(1);
    expect(dataOf(await client.get(`${MEMBERS}/me/quota`, { token: old.token }))).toMatchObject(uncapped);

    // The other's key has noticed nothing of all this.
    expect((await client.get('/api/v1/keys/self', { token: devKey })).body.data.key_id).toBe(devKeyId);
    expect((await consume(client, devKey, 1)).status).toBe(200);
  });
});

describe('a change that is in D1, while an object is still to be told (503)', () => {
  const client = new Client();
  let admin = '';

  beforeAll(async () => {
    admin = await client.admin();
  });

  /** As after such an answer: the push is outstanding. */
  const outstanding = (id: string) =>
    bindings.DB_DEFAULT.prepare('update pushes set pending_at = 1 where owner = ?').bind(id).run();
  const pending = (id: string) =>
    bindings.DB_DEFAULT.prepare('select pending_at from pushes where owner = ?')
      .bind(id)
      .first<number | null>('pending_at');

  it.each(['the owner', 'the member'])('tells it when %s tries a removal again, with 200', async (who) => {
    const company = await newVerifiedEnterprise(client, admin);
    const member = await newMember(client, company);
    const again = () =>
      who === 'the owner'
        ? client.delete(`${MEMBERS}/${member.id}`, { token: company.owner.token })
        : client.delete(`${MEMBERS}/me`, { token: member.token });
    dataOf(await again());
    expect(await pending(company.id)).toBeNull();
    await outstanding(company.id);
    expect((await again()).status).toBe(200);
    expect(await pending(company.id)).toBeNull();
    expect((await again()).status).toBe(who === 'the owner' ? 404 : 403);
  });

  it('tells it when who accepted tries again, with the same answer', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    const user = await newHuman(client);
    const token = await invited(client, company.owner.token, user.email);
    const first = dataOf(await accept(client, user.token, token));
    await outstanding(user.id);
    expect(dataOf(await accept(client, user.token, token))).toEqual(first);
    expect(await pending(user.id)).toBeNull();
    expectError(await accept(client, user.token, token), 409, 'invitation_ended');
  });
});
