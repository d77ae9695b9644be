import { env } from 'cloudflare:test';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnterpriseRole } from '../../src/kernel/actor.ts';
import {
  ENTERPRISE_ACTS,
  type EnterpriseAct,
  MEMBER_ACTS,
  type MemberAct,
  type Target,
  type Verdict,
} from '../../src/modules/enterprise/permissions.ts';
import { type Answer, Client, expectError, newEmail } from '../support/client.ts';
import {
  type Company,
  dataOf,
  decide,
  invite,
  newMember,
  newVerifiedEnterprise,
  submitCompany,
} from '../support/enterprises.ts';
import { type Human, newHuman } from '../support/humans.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };
const ENTERPRISE = '/api/v1/enterprise';
const MEMBERS = `${ENTERPRISE}/members`;
const ROLES: EnterpriseRole[] = ['owner', 'admin', 'member'];

const client = new Client();

/** Every act on the enterprise, as somebody really does it; none of them changes much. */
const ENTERPRISE_CALLS: Record<EnterpriseAct, ((token: string, self: string) => Promise<Answer>)[]> = {
  'profile.read': [(token) => client.get(`${ENTERPRISE}/profile`, { token })],
  'profile.update': [(token) => client.put(`${ENTERPRISE}/profile`, { contact_name: '王五' }, { token })],
  'verification.submit': [(token) => submitCompany(client, token)],
  'verification.read': [(token) => client.get('/api/v1/users/me/verify/enterprise', { token })],
  // Nobody is refused the list: whoever may not have it sees their own row, as a test of its own says.
  'members.list': [],
  'invitations.read': [(token) => client.get(`${ENTERPRISE}/invitations`, { token })],
  'invitations.manage': [
    (token) => invite(client, token, newEmail()),
    (token) => client.delete(`${ENTERPRISE}/invitations/invitation_nothing`, { token }),
  ],
  'plan.buy': [
    (token) =>
      client.post(
        '/api/v1/membership/subscribe',
        { plan_id: 'plan_enterprise', period: 'monthly' },
        { token },
      ),
  ],
  'wallet.read': [(token) => client.get('/api/v1/wallet', { token })],
  'owner.transfer': [
    (token, self) => client.put(`${ENTERPRISE}/owner`, { member_id: self }, { token }),
    (token) => client.put(`${ENTERPRISE}/owner`, { member_id: 'u_nobody' }, { token }),
  ],
};

/** What a call says that is allowed but comes to nothing here: already verified, or nobody there. */
const NOTHING_TO_DO: Partial<Record<EnterpriseAct, number[]>> = {
  'verification.submit': [409],
  'invitations.manage': [404],
  'owner.transfer': [404],
};

/** Every act on a member. A role is set to what it is. */
const MEMBER_CALLS: Record<MemberAct, (token: string, id: string, role: string) => Promise<Answer>> = {
  'quota.read': (token, id) => client.get(`${MEMBERS}/${id}/quota`, { token }),
  'quota.set': (token, id) => client.put(`${MEMBERS}/${id}/quota`, { tokens_per_day: 9 }, { token }),
  'role.set': (token, id, role) => client.put(`${MEMBERS}/${id}/role`, { role }, { token }),
  remove: (token, id) => client.delete(`${MEMBERS}/${id}`, { token }),
};

describe('what each may do in an enterprise', () => {
  let admin = '';
  let company: Company;
  /** The one who acts, by role, and another one of that role to whom it is done. */
  let actors: Record<EnterpriseRole, Human>;
  let targets: Record<EnterpriseRole, Human>;

  beforeAll(async () => {
    admin = await client.admin();
    company = await newVerifiedEnterprise(client, admin);
    const { owner } = company;
    actors = {
      owner,
      admin: await newMember(client, company, 'admin'),
      member: await newMember(client, company),
    };
    targets = {
      owner,
      admin: await newMember(client, company, 'admin'),
      member: await newMember(client, company),
    };
  });

  /** Whoever a test removed is back: the walk is about who may, not about what follows. */
  beforeEach(async () => {
    await bindings.DB_DEFAULT.prepare('update enterprise_members set left_at = null').run();
    await bindings.DB_DEFAULT.prepare("update enterprise_invitations set state = 'revoked'").run();
  });

  const acts = Object.keys(ENTERPRISE_ACTS) as EnterpriseAct[];
  const refusable = acts.filter((act) => ENTERPRISE_CALLS[act].length > 0);
  it.each(refusable.flatMap((act) => ROLES.map((role) => [act, role] as const)))(
    '%s by the %s is as the table says',
    async (act, role) => {
      const allowed = (ENTERPRISE_ACTS[act] as readonly EnterpriseRole[]).includes(role);
      for (const call of ENTERPRISE_CALLS[act]) {
        const answer = await call(actors[role].token, actors[role].id);
        if (allowed) expect([200, ...(NOTHING_TO_DO[act] ?? [])]).toContain(answer.status);
        else expectError(answer, 403, act === 'plan.buy' ? 'enterprise_plan_forbidden' : 'forbidden');
      }
    },
  );

  it('shows the list whole to whom the table lets, and to others their own row', async () => {
    const list = async (token: string) => dataOf(await client.get(MEMBERS, { token }));
    for (const role of ROLES) {
      const { items, total } = await list(actors[role].token);
      const whole = (ENTERPRISE_ACTS['members.list'] as readonly EnterpriseRole[]).includes(role);
      expect(total).toBe(items.length);
      expect(total).toBe(whole ? 5 : 1);
      expect(items.map((one: { member_id: string }) => one.member_id)).toContain(actors[role].id);
    }
    const page = dataOf(await client.get(`${MEMBERS}?page=2&page_size=2`, { token: company.owner.token }));
    expect(page).toMatchObject({ total: 5, page: 2, page_size: 2 });
    expect(page.items).toHaveLength(2);
    // Newest first, so the owner is the last.
    expect((await list(company.owner.token)).items.at(-1)).toMatchObject({
      member_id: company.owner.id,
      role: 'admin',
      is_owner: true,
    });
  });

  const memberActs = Object.keys(MEMBER_ACTS) as MemberAct[];
  const cells = memberActs.flatMap((act) =>
    ROLES.flatMap((role) => (['self', ...ROLES] as Target[]).map((target) => [act, role, target] as const)),
  );
  it.each(cells)('%s by the %s of %s is as the table says', async (act, role, target) => {
    const verdict: Verdict = MEMBER_ACTS[act][role][target];
    const { token } = actors[role];
    const ids = target === 'self' ? ['me', actors[role].id] : [targets[target].id];
    const held = target === 'self' ? role : target;
    for (const id of ids) {
      await bindings.DB_DEFAULT.prepare('update enterprise_members set left_at = null').run();
      const answer = await MEMBER_CALLS[act](token, id, held === 'member' ? 'member' : 'admin');
      if (verdict === 'yes') expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      else if (verdict === 'no') expectError(answer, 403, 'forbidden');
      else expectError(answer, 409, 'owner_protected');
    }
  });

  it('is of a member only themselves, and nobody’s against the owner', () => {
    expect(acts.filter((act) => (ENTERPRISE_ACTS[act] as readonly string[]).includes('member'))).toEqual([
      'profile.read',
    ]);
    for (const act of memberActs) {
      const { self, ...others } = MEMBER_ACTS[act].member;
      expect(Object.values(others)).toEqual(['no', 'no', 'no']);
      expect(self).toBe(act === 'quota.read' || act === 'remove' ? 'yes' : 'no');
    }
    for (const act of ['remove', 'role.set'] as const) {
      for (const role of ROLES) expect(MEMBER_ACTS[act][role].owner).not.toBe('yes');
      expect(MEMBER_ACTS[act].owner.self).toBe('never');
    }
  });

  it('comes before what is asked for: a member is not told who else there is', async () => {
    for (const act of memberActs) {
      expectError(await MEMBER_CALLS[act](actors.member.token, 'u_nobody', 'member'), 403, 'forbidden');
      expectError(await MEMBER_CALLS[act](company.owner.token, 'u_nobody', 'member'), 404, 'not_found');
    }
  });

  it('lets an admin change the contact, and the owner alone what is reviewed', async () => {
    const put = (token: string) =>
      client.put(
        `${ENTERPRISE}/profile`,
        { enterprise_name: 'YY 科技有限公司', license_image: 'https://oss.example.com/y.jpg' },
        { token },
      );
    expectError(await put(actors.admin.token), 403, 'forbidden');
    expectError(await put(actors.member.token), 403, 'forbidden');
    expect(dataOf(await put(company.owner.token)).verify_status).toBe('pending');
    const { verification_id } = dataOf(
      await client.get('/api/v1/users/me/verify/enterprise', { token: actors.admin.token }),
    );
    dataOf(await decide(client, admin, verification_id, 'reject'));
  });

  it('names a bad role', async () => {
    for (const body of [{ role: 'owner' }, { role: 1 }, {}]) {
      const path = `${MEMBERS}/${targets.member.id}/role`;
      const answer = await client.put(path, body, { token: company.owner.token });
      expectError(answer, 400, 'invalid_input');
      expect(answer.body.errors[0].path).toBe('role');
    }
  });

  it('is nothing for those of another enterprise', async () => {
    const other = await newVerifiedEnterprise(client, admin);
    const theirs = await newMember(client, other);
    for (const act of memberActs) {
      const target = targets.member.id;
      expectError(await MEMBER_CALLS[act](other.owner.token, target, 'member'), 404, 'not_found');
      expectError(await MEMBER_CALLS[act](theirs.token, target, 'member'), 403, 'forbidden');
    }
    const move = { member_id: targets.member.id };
    expectError(
      await client.put(`${ENTERPRISE}/owner`, move, { token: other.owner.token }),
      404,
      'not_found',
    );
    const list = dataOf(await client.get(MEMBERS, { token: company.owner.token }));
    expect(list.total).toBe(5);
  });

  it('is nothing for persons without an enterprise, admins of the site, keys and visitors', async () => {
    const personal = await newHuman(client);
    const { key } = await client.newApiKey(company.owner.token);
    const calls = [
      // Everybody has a wallet of their own, and is told apart from a company in other words when they buy.
      ...acts
        .filter((act) => act !== 'plan.buy' && act !== 'wallet.read')
        .flatMap((act) => ENTERPRISE_CALLS[act]),
      ...memberActs.map((act) => (token: string) => MEMBER_CALLS[act](token, targets.member.id, 'member')),
      (token: string) => client.get(MEMBERS, { token }),
    ];
    for (const call of calls) {
      expectError(await call(personal.token, personal.id), 403, 'enterprise_none');
      expectError(await call(admin, 'u_nobody'), 403, 'enterprise_none');
      expectError(await call(key, 'u_nobody'), 401, 'unauthenticated');
      expectError(await call('', 'u_nobody'), 401, 'unauthenticated');
    }
    for (const call of ENTERPRISE_CALLS['plan.buy']) {
      expectError(await call(personal.token, ''), 403, 'enterprise_plan_forbidden');
      expectError(await call('', ''), 401, 'unauthenticated');
    }
  });

  it('leaves the site’s admins to read: enterprises, and one with its members', async () => {
    const found = dataOf(
      await client.get(`/admin/v1/enterprises?keyword=${encodeURIComponent(company.owner.email)}`, {
        token: admin,
      }),
    );
    expect(found.items).toMatchObject([
      { enterprise_id: company.id, verify_status: 'verified', member_count: 5 },
    ]);
    const path = `/admin/v1/enterprises/${company.id}`;
    const { members, ...enterprise } = dataOf(await client.get(path, { token: admin }));
    expect(enterprise).toEqual(found.items[0]);
    expect(members).toHaveLength(5);
    expect(members).toContainEqual({
      member_id: targets.admin.id,
      email: targets.admin.email,
      nickname: null,
      role: 'admin',
      is_owner: false,
      status: 'active',
      joined_at: expect.any(String),
    });
    for (const role of ROLES) {
      for (const one of [path, '/admin/v1/enterprises']) {
        expectError(await client.get(one, { token: actors[role].token }), 403, 'forbidden');
        expectError(await client.get(one), 401, 'unauthenticated');
      }
    }
  });
});
