import { env } from 'cloudflare:test';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client, expectError, newEmail } from '../support/client.ts';
import {
  accept,
  type Company,
  dataOf,
  faultPaths,
  invite,
  invited,
  mailedInvitation,
  newMember,
  newOwner,
  newVerifiedEnterprise,
  passTime,
  submitCompany,
  TIME,
} from '../support/enterprises.ts';
import { type Human, newHuman, newRegistered, signedIn } from '../support/humans.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };
const INVITATIONS = '/api/v1/enterprise/invitations';
const DAY = 86_400;

describe('an invitation', () => {
  const client = new Client();
  let admin = '';
  let company: Company;
  /** Belongs to no enterprise, whatever a test tries. */
  let outsider: Human;
  let boss = '';

  beforeAll(async () => {
    admin = await client.admin();
    company = await newVerifiedEnterprise(client, admin);
    boss = company.owner.token;
    outsider = await newHuman(client);
  });

  /** What a test left open takes no seat from the next one. */
  beforeEach(async () => {
    for (const { invitation_id } of (await open()).items) dataOf(await revoke(invitation_id));
  });

  const open = async (token = boss) => dataOf(await client.get(INVITATIONS, { token }));
  const revoke = (id: string, token = boss) => client.delete(`${INVITATIONS}/${id}`, { token });
  const me = async (token: string) => dataOf(await client.get('/api/v1/users/me', { token }));
  const belongs = async (token: string) =>
    (await client.get('/api/v1/enterprise/profile', { token })).status === 200;
  /** Whether anything is kept of an address that was refused. */
  const exists = async (email: string) =>
    (await bindings.DB_DEFAULT.prepare('select 1 from users where email_key = ?')
      .bind(email.toLowerCase())
      .first()) !== null;
  const expectBadCode = async (answer: Answer, email: string) => {
    expectError(answer, 400, 'invite_code_invalid');
    expect(faultPaths(answer)).toEqual(['invite_code']);
    expect(await exists(email)).toBe(false);
  };

  it('is sent by a verified enterprise only', async () => {
    const owner = await newOwner(client);
    const email = newEmail();
    expectError(await invite(client, owner.token, email), 403, 'enterprise_unverified');
    dataOf(await submitCompany(client, owner.token));
    expectError(await invite(client, owner.token, email), 403, 'enterprise_unverified');
    expectError(await invite(client, outsider.token, email), 403, 'enterprise_none');
    expectError(await client.post('/api/v1/enterprise/members/invite', { email }), 401, 'unauthenticated');
    // Nothing of that was counted or mailed.
    expect((await invite(client, boss, email)).status).toBe(200);
  });

  it.each([
    ['email', { email: 'nobody', role: 'member' }],
    ['email', { email: 7, role: 'member' }],
    ['email', { role: 'member' }],
    ['role', { email: 'x@example.com', role: 'owner' }],
    ['role', { email: 'x@example.com', role: null }],
  ])('names a bad %s in %o', async (path, body) => {
    const answer = await client.post('/api/v1/enterprise/members/invite', body, { token: boss });
    expectError(answer, 400, 'invalid_input');
    expect(faultPaths(answer)).toEqual([path]);
  });

  it('is mailed, listed apart from the members until it is accepted, and works once', async () => {
    const email = `Mixed.${newEmail()}`;
    const sent = dataOf(await invite(client, boss, email, 'admin'));
    expect(sent).toEqual({
      invitation_id: expect.stringMatching(/^\w+_[0-9A-Z]{26}$/),
      email,
      role: 'admin',
      created_at: expect.stringMatching(TIME),
      expires_at: expect.stringMatching(TIME),
    });
    expect(Date.parse(sent.expires_at) - Date.parse(sent.created_at)).toBe(7 * DAY * 1000);
    expect(await open()).toEqual({ items: [sent], total: 1, page: 1, page_size: 20 });
    const invite_code = await mailedInvitation(client, email);
    expect(JSON.stringify(sent)).not.toContain(invite_code);

    // The case of the address is nobody's business; registering verifies it.
    const member = await newRegistered(client, { email: email.toLowerCase(), invite_code });
    expect((await me(member.token)).email_verified).toBe(true);
    const row = dataOf(await client.get('/api/v1/enterprise/members', { token: boss })).items[0];
    expect(row).toMatchObject({ member_id: member.id, role: 'admin', is_owner: false });
    expect((await open()).items).toEqual([]);
    expectError(await accept(client, member.token, invite_code), 409, 'invitation_ended');
    const again = newEmail();
    expectError(await client.register({ email: again, invite_code }), 403, 'invitation_not_yours');
    expect(await exists(again)).toBe(false);
    dataOf(await client.delete('/api/v1/enterprise/members/me', { token: member.token }));
    expectError(await accept(client, member.token, invite_code), 409, 'invitation_ended');
    expect(await belongs(member.token)).toBe(false);
  });

  it('is accepted by the address it was sent to, and verifies it', async () => {
    const user = await newHuman(client);
    const token = await invited(client, boss, user.email.toUpperCase());
    expectError(await accept(client, outsider.token, token), 403, 'invitation_not_yours');
    const email = newEmail();
    expectError(await client.register({ email, invite_code: token }), 403, 'invitation_not_yours');
    expect(await exists(email)).toBe(false);
    expectError(await client.post(`${INVITATIONS}/accept`, { token }), 401, 'unauthenticated');
    for (const body of [{}, { token: 7 }, { token: '' }]) {
      const answer = await client.post(`${INVITATIONS}/accept`, body, { token: user.token });
      expectError(answer, 400, 'invalid_input');
      expect(faultPaths(answer)).toEqual(['token']);
    }
    expectError(await accept(client, user.token, 'inv_nothing'), 404, 'not_found');
    expect((await me(user.token)).email_verified).toBe(false);
    dataOf(await accept(client, user.token, token));
    expect((await me(user.token)).email_verified).toBe(true);
    expect(await belongs(user.token)).toBe(true);
    expect(await belongs(outsider.token)).toBe(false);
    dataOf(await client.delete(`/api/v1/enterprise/members/${user.id}`, { token: boss }));
  });

  it('of a code that is none creates nothing, and names invite_code', async () => {
    for (const invite_code of ['inv_', 'inv_nobodyhasit', `inv_${'x'.repeat(40)}`]) {
      const email = newEmail();
      await expectBadCode(await client.register({ email, invite_code }), email);
    }
    // A good one neither, for who founds an enterprise at the same time; it stays open.
    const email = newEmail();
    const invite_code = await invited(client, boss, email);
    const founding = { user_type: 'enterprise', enterprise_name: 'ZZ 科技有限公司' };
    await expectBadCode(await client.register({ email, invite_code, ...founding }), email);
    expect((await open()).items).toMatchObject([{ email }]);
  });

  it('to manage is taken back with the power of who sent it', async () => {
    const manager = await newMember(client, company, 'admin');
    const [admins, members] = [newEmail(), newEmail()];
    dataOf(await invite(client, manager.token, admins, 'admin'));
    dataOf(await invite(client, manager.token, members, 'member'));
    const demotion = { role: 'member' };
    const path = `/api/v1/enterprise/members/${manager.id}`;
    dataOf(await client.put(`${path}/role`, demotion, { token: boss }));
    expect((await open()).items).toMatchObject([{ email: members }]);
    dataOf(await client.delete(path, { token: boss }));
  });

  it('is replaced by the next one, a minute later: the token before is dead', async () => {
    const email = newEmail();
    const first = await invited(client, boss, email, 'admin');
    const throttled = await invite(client, boss, email, 'member');
    expectError(throttled, 429, 'account_throttled');
    const wait = Number(throttled.headers.get('Retry-After'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    // The case aside it is the same address; the first stands.
    expectError(await invite(client, boss, email.toUpperCase()), 429, 'account_throttled');
    expect((await open()).items).toMatchObject([{ email, role: 'admin' }]);
    expect(await mailedInvitation(client, email)).toBe(first);

    await passTime(client, 61);
    const second = await invited(client, boss, email, 'member');
    expect(second).not.toBe(first);
    expect((await open()).items).toMatchObject([{ email, role: 'member' }]);
    await expectBadCode(await client.register({ email, invite_code: first }), email);
    const user = await newRegistered(client, { email });
    expectError(await accept(client, user.token, first), 409, 'invitation_ended');
    expect(dataOf(await accept(client, user.token, second)).role).toBe('member');
    dataOf(await client.delete(`/api/v1/enterprise/members/${user.id}`, { token: boss }));
  });

  it('that stands through a refused second mail can be accepted', async () => {
    const user = await newHuman(client);
    const first = await invited(client, boss, user.email);
    expectError(await invite(client, boss, user.email), 429, 'account_throttled');
    dataOf(await accept(client, user.token, first));
    dataOf(await client.delete(`/api/v1/enterprise/members/${user.id}`, { token: boss }));
  });

  it('is not for oneself, a member, or a member of another enterprise', async () => {
    const other = await newVerifiedEnterprise(client, admin);
    const user = await newHuman(client);
    dataOf(await accept(client, user.token, await invited(client, boss, user.email)));
    await passTime(client, 61);
    for (const [token, email] of [
      [boss, company.owner.email],
      [boss, user.email.toUpperCase()],
      [other.owner.token, user.email],
      [boss, other.owner.email],
    ] as const) {
      expectError(await invite(client, token, email), 409, 'member_already');
    }
    expect((await open()).items).toEqual([]);
    dataOf(await client.delete(`/api/v1/enterprise/members/${user.id}`, { token: boss }));
  });

  it('is taken back by a manager of the enterprise that sent it', async () => {
    const email = newEmail();
    const other = await newVerifiedEnterprise(client, admin);
    const { invitation_id } = dataOf(await invite(client, boss, email));
    const invite_code = await mailedInvitation(client, email);
    expectError(await revoke(invitation_id, other.owner.token), 404, 'not_found');
    expect((await open(other.owner.token)).items).toEqual([]);
    dataOf(await revoke(invitation_id));
    expect((await open()).items).toEqual([]);
    await expectBadCode(await client.register({ email, invite_code }), email);
    expectError(await revoke(invitation_id), 404, 'not_found');
    expectError(await revoke('invitation_nothing'), 404, 'not_found');
  });

  it('lives for seven days', async () => {
    const [early, late] = [await newHuman(client), await newHuman(client)];
    const unborn = newEmail();
    const codes = [];
    for (const email of [early.email, late.email, unborn]) codes.push(await invited(client, boss, email));
    const [first = '', second = '', third = ''] = codes;
    const [last] = (await open()).items;
    expect(last.email).toBe(unborn);
    await passTime(client, 7 * DAY - 300);
    dataOf(await accept(client, (await signedIn(client, early)).token, first));
    await passTime(client, 301);
    expectError(await accept(client, (await signedIn(client, late)).token, second), 409, 'invitation_ended');
    await expectBadCode(await client.register({ email: unborn, invite_code: third }), unborn);
    boss = (await signedIn(client, company.owner)).token;
    expect((await open()).items).toEqual([]);
    expectError(await revoke(last.invitation_id), 409, 'invitation_ended');
  });
});
