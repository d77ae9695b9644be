import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError, newEmail } from '../support/client.ts';
import {
  accept,
  COMPANY,
  type Company,
  consume,
  dataOf,
  decide,
  givePlan,
  invite,
  invited,
  newMember,
  newOwner,
  newVerifiedEnterprise,
  submitCompany,
} from '../support/enterprises.ts';
import { type Human, newHuman, newRegistered } from '../support/humans.ts';

const ENTERPRISE = '/api/v1/enterprise';
const MEMBERS = `${ENTERPRISE}/members`;

describe('an enterprise', () => {
  const client = new Client();
  let admin = '';

  beforeAll(async () => {
    admin = await client.admin();
  });

  const transfer = (token: string, member_id: string) =>
    client.put(`${ENTERPRISE}/owner`, { member_id }, { token });
  const rowOf = async (token: string, id: string) =>
    dataOf(await client.get(`${MEMBERS}?page_size=100`, { token })).items.find(
      (one: { member_id: string }) => one.member_id === id,
    );
  const erase = async (token: string) =>
    client.send('DELETE', '/api/v1/users/me', { token, body: await client.encrypt('Aa123456!') });
  const set = (human: Human, status: string) =>
    client.put(`/admin/v1/users/${human.id}/status`, { status, reason: 'test' }, { token: admin });
  const subscribe = (token: string, plan_id: string) =>
    client.post('/api/v1/membership/subscribe', { plan_id, period: 'monthly' }, { token });

  describe('handed over', () => {
    let company: Company;
    let heir: Human;

    beforeAll(async () => {
      company = await newVerifiedEnterprise(client, admin);
      heir = await newMember(client, company);
    });

    it('is the heir’s, and who gave it is a plain admin', async () => {
      const { owner } = company;
      expectError(await transfer(heir.token, heir.id), 403, 'forbidden');
      for (const body of [{}, { member_id: 7 }, { member_id: '' }]) {
        const answer = await client.put(`${ENTERPRISE}/owner`, body, { token: owner.token });
        expectError(answer, 400, 'invalid_input');
        expect(answer.body.errors[0].path).toBe('member_id');
      }
      const stranger = await newHuman(client);
      expectError(await transfer(owner.token, stranger.id), 404, 'not_found');

      expect(dataOf(await transfer(owner.token, heir.id))).toMatchObject({
        member_id: heir.id,
        role: 'admin',
        is_owner: true,
      });
      expect(await rowOf(heir.token, heir.id)).toMatchObject({ role: 'admin', is_owner: true });
      expect(await rowOf(heir.token, owner.id)).toMatchObject({ role: 'admin', is_owner: false });
      const found = dataOf(await client.get(`/admin/v1/enterprises/${company.id}`, { token: admin }));
      expect(found).toMatchObject({ owner: { user_id: heir.id }, member_count: 2 });

      // An account's type follows, so that the heir can hand in papers.
      const typeOf = async (token: string) =>
        dataOf(await client.get('/api/v1/users/me', { token })).user_type;
      expect([await typeOf(heir.token), await typeOf(owner.token)]).toEqual(['enterprise', 'personal']);
      // What only an owner may do has moved, what only an owner is safe from too.
      expectError(await transfer(owner.token, owner.id), 403, 'forbidden');
      expectError(await submitCompany(client, owner.token), 403, 'forbidden');
      expectError(await submitCompany(client, heir.token), 409, 'verification_open');
      expectError(
        await client.delete(`${MEMBERS}/${heir.id}`, { token: owner.token }),
        409,
        'owner_protected',
      );
      expect((await invite(client, owner.token, newEmail())).status).toBe(200);
      const role = { role: 'member' };
      dataOf(await client.put(`${MEMBERS}/${owner.id}/role`, role, { token: heir.token }));
      expectError(await invite(client, owner.token, newEmail()), 403, 'forbidden');
    });

    it('lets who gave it leave, and the heir not', async () => {
      const { owner } = company;
      const { key } = await client.newApiKey(owner.token);
      expect((await consume(client, key, 1)).status).toBe(200);
      dataOf(await client.delete(`${MEMBERS}/me`, { token: owner.token }));
      expectError(await consume(client, key, 1), 401, 'unauthenticated');
      expectError(await client.get(MEMBERS, { token: owner.token }), 403, 'enterprise_none');
      expectError(await client.delete(`${MEMBERS}/me`, { token: heir.token }), 409, 'owner_protected');
      expect((await erase(owner.token)).status).toBe(200);
      expect(dataOf(await client.get(`${ENTERPRISE}/profile`, { token: heir.token }))).toMatchObject({
        verify_status: 'verified',
        enterprise_name: COMPANY.enterprise_name,
        member_count: 1,
      });
    });

    it('goes to one of two heirs, whoever is named at once', async () => {
      const large = await newVerifiedEnterprise(client, admin);
      const heirs = [await newMember(client, large), await newMember(client, large)];
      const answers = await Promise.all(heirs.map(({ id }) => transfer(large.owner.token, id)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const { owner, members } = dataOf(
        await client.get(`/admin/v1/enterprises/${large.id}`, { token: admin }),
      );
      expect(owner.user_id).toBe(heirs[answers.findIndex(({ status }) => status === 200)]?.id);
      expect(members.filter((one: { is_owner: boolean }) => one.is_owner)).toHaveLength(1);
    });
  });

  it('whose owner is frozen buys and manages nothing, while its members’ keys go on', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    const { owner } = company;
    const plan = await givePlan(client, admin, company, { tpd: 500 });
    const manager = await newMember(client, company, 'admin');
    const member = await newMember(client, company);
    const ownerKey = (await client.newApiKey(owner.token)).key;
    const memberKey = (await client.newApiKey(member.token)).key;
    for (const key of [ownerKey, memberKey]) expect((await consume(client, key, 1)).status).toBe(200);
    const { invitation_id } = dataOf(await invite(client, manager.token, newEmail()));

    dataOf(await set(owner, 'frozen'));
    expectError(await consume(client, ownerKey, 1), 403, 'owner_frozen');
    expect((await consume(client, memberKey, 1)).status).toBe(200);
    expectError(await client.get(MEMBERS, { token: owner.token }), 401, 'unauthenticated');

    const send = { token: manager.token };
    const target = `${MEMBERS}/${member.id}`;
    for (const answer of [
      await client.put(`${ENTERPRISE}/profile`, { contact_name: '王五' }, send),
      await invite(client, manager.token, newEmail()),
      await client.delete(`${ENTERPRISE}/invitations/${invitation_id}`, send),
      await client.put(`${target}/quota`, { tokens_per_day: 1 }, send),
      await client.put(`${target}/role`, { role: 'admin' }, send),
      await client.delete(target, send),
      await subscribe(manager.token, plan),
    ]) {
      expectError(answer, 403, 'enterprise_frozen');
    }
    for (const path of ['profile', 'members', `members/${member.id}/quota`, 'invitations'].map(
      (one) => `${ENTERPRISE}/${one}`,
    )) {
      expect((await client.get(path, send)).status).toBe(200);
    }
    expect(await rowOf(manager.token, owner.id)).toMatchObject({ status: 'frozen', is_owner: true });

    dataOf(await set(owner, 'active'));
    expect((await consume(client, ownerKey, 1)).status).toBe(200);
    dataOf(await client.put(`${target}/quota`, { tokens_per_day: 100 }, send));
    // A member who is frozen stops no key but their own.
    dataOf(await set(member, 'frozen'));
    expectError(await consume(client, memberKey, 1), 403, 'owner_frozen');
    expect((await consume(client, ownerKey, 1)).status).toBe(200);
    dataOf(await set(member, 'active'));
    expect((await consume(client, memberKey, 1)).status).toBe(200);
  });

  it('whose owner is frozen pays for nothing that was ordered before', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    const manager = await newMember(client, company, 'admin');
    const { order_id } = dataOf(await subscribe(manager.token, 'plan_enterprise'));
    dataOf(await set(company.owner, 'frozen'));
    const pay = { provider: 'sandbox' };
    const answer = await client.post(`/api/v1/orders/${order_id}/pay`, pay, { token: manager.token });
    expect(answer.status, JSON.stringify(answer.body)).toBe(403);
  });

  it('cancels through its managers only, for everybody', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    await givePlan(client, admin, company, { tpd: 500 });
    const manager = await newMember(client, company, 'admin');
    const member = await newMember(client, company);
    const cancel = (token: string) => client.post('/api/v1/membership/cancel', {}, { token });
    const status = async () =>
      dataOf(await client.get('/api/v1/membership/me', { token: member.token })).status;
    expectError(await cancel(member.token), 403, 'forbidden');
    expect(await status()).toBe('active');
    dataOf(await cancel(manager.token));
    expect(await status()).toBe('cancelled');
  });

  it('is left by its members as they like, and never by its owner', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    const member = await newMember(client, company);
    const { key } = await client.newApiKey(member.token);
    const mine = `${MEMBERS}/me`;
    expectError(await client.delete(mine, { token: company.owner.token }), 409, 'owner_protected');
    expect((await consume(client, key, 1)).status).toBe(200);
    dataOf(await client.delete(mine, { token: member.token }));
    expectError(await consume(client, key, 1), 401, 'unauthenticated');
    expectError(await client.delete(mine, { token: member.token }), 403, 'enterprise_none');
    expectError(
      await client.delete(`${MEMBERS}/${member.id}`, { token: company.owner.token }),
      404,
      'not_found',
    );
    // The account stays.
    expect(dataOf(await client.get('/api/v1/users/me', { token: member.token })).user_id).toBe(member.id);
    expect(await rowOf(company.owner.token, member.id)).toBeUndefined();
  });

  it('with members keeps its owner; without, the owner’s account may end', async () => {
    const company = await newVerifiedEnterprise(client, admin);
    const { owner } = company;
    const email = newEmail();
    const member = await newRegistered(client, {
      email,
      invite_code: await invited(client, owner.token, email),
    });
    const waiting = await newHuman(client);
    const invitation = await invited(client, owner.token, waiting.email);
    expectError(await erase(owner.token), 409, 'enterprise_has_members');
    expect((await client.get(`${ENTERPRISE}/profile`, { token: owner.token })).status).toBe(200);

    // A member whose account ends leaves the enterprise with it.
    const { key } = await client.newApiKey(member.token);
    expect((await consume(client, key, 1)).status).toBe(200);
    expect((await erase(member.token)).status).toBe(200);
    expectError(await consume(client, key, 1), 401, 'unauthenticated');
    expect(dataOf(await client.get(MEMBERS, { token: owner.token })).total).toBe(1);

    expect((await erase(owner.token)).status).toBe(200);
    expectError(await accept(client, waiting.token, invitation), 409, 'invitation_ended');
    expect((await client.get(`${ENTERPRISE}/profile`, { token: waiting.token })).status).toBe(403);
  });

  describe('leaves a trace', () => {
    const traces = async (actor: string): Promise<string[]> =>
      dataOf(
        await client.get(`/admin/v1/audit-logs?actor=${actor}&page_size=100`, { token: admin }),
      ).items.map((one: { action: string }) => one.action);

    it('of every act of its managers', async () => {
      const owner = await newOwner(client);
      const { verification_id, enterprise_id } = dataOf(await submitCompany(client, owner.token));
      dataOf(await decide(client, admin, verification_id, 'approve'));
      const company = { id: enterprise_id, owner, verification: verification_id };
      const send = { token: owner.token };
      const { invitation_id } = dataOf(await invite(client, owner.token, newEmail()));
      dataOf(await client.delete(`${ENTERPRISE}/invitations/${invitation_id}`, send));
      const member = await newMember(client, company);
      dataOf(await client.put(`${ENTERPRISE}/profile`, { contact_name: '王五' }, send));
      dataOf(await client.put(`${MEMBERS}/${member.id}/quota`, { tokens_per_day: 5 }, send));
      dataOf(await client.put(`${MEMBERS}/${member.id}/role`, { role: 'admin' }, send));
      dataOf(await transfer(owner.token, member.id));
      dataOf(await client.delete(`${MEMBERS}/${owner.id}`, { token: member.token }));
      expect((await traces(owner.id)).filter((action) => action.startsWith('enterprise.'))).toEqual([
        'enterprise.owner_transferred',
        'enterprise.role_set',
        'enterprise.quota_set',
        'enterprise.profile_updated',
        'enterprise.member_invited',
        'enterprise.invitation_revoked',
        'enterprise.member_invited',
        'enterprise.verification_submitted',
      ]);
      expect(await traces(member.id)).toContain('enterprise.member_removed');
    });

    it('of what they buy', async () => {
      const company = await newVerifiedEnterprise(client, admin);
      const manager = await newMember(client, company, 'admin');
      const before = (await traces(manager.id)).length;
      dataOf(await subscribe(manager.token, 'plan_enterprise'));
      expect((await traces(manager.id)).length).toBe(before + 1);
    });
  });
});
