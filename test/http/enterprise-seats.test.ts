import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client, expectError, newEmail } from '../support/client.ts';
import {
  accept,
  benefitList,
  type Company,
  dataOf,
  expectOneWinner,
  givePlan,
  invite,
  invited,
  newMember,
  newVerifiedEnterprise,
  passTime,
} from '../support/enterprises.ts';
import { type Human, newHuman, newRegistered, signedIn } from '../support/humans.ts';

const INVITATIONS = '/api/v1/enterprise/invitations';
const DAY = 86_400;

/** Calls on one enterprise, by its owner. */
function deskOf(client: Client, { owner: { token } }: Company) {
  const openOnes = async (): Promise<{ invitation_id: string; email: string }[]> =>
    dataOf(await client.get(`${INVITATIONS}?page_size=100`, { token })).items;
  const revoke = (id: string) => client.delete(`${INVITATIONS}/${id}`, { token });
  return {
    openOnes,
    revoke,
    invite: (email = newEmail()) => invite(client, token, email),
    fill: async (seats: number) => {
      for (let seat = 0; seat < seats; seat += 1) dataOf(await invite(client, token, newEmail()));
    },
    memberIds: async (): Promise<string[]> => {
      const { items, total } = dataOf(await client.get('/api/v1/enterprise/members', { token }));
      expect(total).toBe(items.length);
      return items.map((one: { member_id: string }) => one.member_id);
    },
    clear: async () => {
      for (const { invitation_id } of await openOnes()) dataOf(await revoke(invitation_id));
    },
    remove: async (id: string) => dataOf(await client.delete(`/api/v1/enterprise/members/${id}`, { token })),
  };
}

describe('the seats of an enterprise', () => {
  const client = new Client();
  let admin = '';
  let company: Company;
  let desk: ReturnType<typeof deskOf>;

  beforeAll(async () => {
    admin = await client.admin();
    company = await newVerifiedEnterprise(client, admin);
    desk = deskOf(client, company);
  });

  it('are five without a plan, for members and open invitations, and none for the owner', async () => {
    const member = await newMember(client, company);
    await desk.fill(4);
    expectError(await desk.invite(), 409, 'seats_full');
    expect(await desk.openOnes()).toHaveLength(4);
    expect((await desk.memberIds()).sort()).toEqual([company.owner.id, member.id].sort());
    const [first] = await desk.openOnes();
    dataOf(await desk.revoke(first?.invitation_id ?? ''));
    // Whoever was refused before for want of a seat was sent no mail, so the minute does not count.
    const email = newEmail();
    dataOf(await desk.invite());
    expectError(await desk.invite(email), 409, 'seats_full');
    await desk.remove(member.id);
    dataOf(await desk.invite(email));
    // Invited again, an address keeps its seat.
    await passTime(client, 61);
    dataOf(await desk.invite(email));
    expect(await desk.openOnes()).toHaveLength(5);
    await desk.clear();
  });

  it('are the plan’s; fewer of them later remove nobody', async () => {
    const other = await newVerifiedEnterprise(client, admin);
    const theirs = deskOf(client, other);
    const plan = await givePlan(client, admin, other, { member_seats: 3, tpd: 1000 });
    const member = await newMember(client, other);
    const email = newEmail();
    const invite_code = await invited(client, other.owner.token, email);
    await theirs.fill(1);
    expectError(await theirs.invite(), 409, 'seats_full');
    const benefits = benefitList({ member_seats: 1, tpd: 1000 });
    dataOf(await client.put(`/admin/v1/membership/plans/${plan}`, { benefits }, { token: admin }));
    expectError(await theirs.invite(), 409, 'seats_full');
    // What was open keeps the seat that it took.
    const late = await newRegistered(client, { email, invite_code });
    expect((await theirs.memberIds()).sort()).toEqual([other.owner.id, member.id, late.id].sort());
    const own = await client.get('/api/v1/enterprise/profile', { token: member.token });
    expect(dataOf(own).member_count).toBe(3);
  });

  it('go to one of two who are invited for the last one at once', async () => {
    await desk.fill(4);
    const emails = [newEmail(), newEmail(), newEmail()];
    const answers = await Promise.all(emails.map((email) => desk.invite(email)));
    const won = expectOneWinner(answers, ['seats_full']);
    const open = await desk.openOnes();
    expect(open).toHaveLength(5);
    expect(open.map(({ email }) => email)).toContain(emails[won]);
    await desk.clear();
  });

  it('are freed when an invitation runs out', async () => {
    await desk.fill(5);
    expectError(await desk.invite(), 409, 'seats_full');
    await passTime(client, 7 * DAY + 1);
    admin = await client.admin();
    company.owner = await signedIn(client, company.owner);
    desk = deskOf(client, company);
    expect(await desk.openOnes()).toEqual([]);
    await desk.fill(5);
    expectError(await desk.invite(), 409, 'seats_full');
    await desk.clear();
  });

  it('are asked for at most fifty times a day', async () => {
    const large = await newVerifiedEnterprise(client, admin);
    const theirs = deskOf(client, large);
    await givePlan(client, admin, large, { member_seats: 100 });
    const answers = await Promise.all(Array.from({ length: 55 }, () => theirs.invite()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
    const refused = answers.filter(({ status }) => status !== 200);
    for (const answer of refused) expectError(answer, 429, 'account_throttled');
    expect(Number(refused[0]?.headers.get('Retry-After'))).toBeGreaterThan(60);
    expect(await theirs.openOnes()).toHaveLength(50);
    await passTime(client, DAY);
    large.owner = await signedIn(client, large.owner);
    dataOf(await deskOf(client, large).invite());
  });
});

describe('of two at once', () => {
  const client = new Client();
  let company: Company;
  let rival: Company;
  let desk: ReturnType<typeof deskOf>;
  let user: Human;

  beforeAll(async () => {
    const admin = await client.admin();
    company = await newVerifiedEnterprise(client, admin);
    rival = await newVerifiedEnterprise(client, admin);
    desk = deskOf(client, company);
    user = await newHuman(client);
  });

  const belongsTo = async (): Promise<string | null> => {
    const answer = await client.get('/api/v1/enterprise/profile', { token: user.token });
    return answer.status === 200 ? answer.body.data.enterprise_id : null;
  };
  const idOf = async (email: string) =>
    (await desk.openOnes()).find((one) => one.email === email)?.invitation_id ?? '';

  it.each(['accept', 'revoke'])('accepting and taking back, %s first, one wins', async (first) => {
    await passTime(client, 61);
    const token = await invited(client, company.owner.token, user.email);
    const id = await idOf(user.email);
    const calls = { accept: () => accept(client, user.token, token), revoke: () => desk.revoke(id) };
    const order = first === 'accept' ? (['accept', 'revoke'] as const) : (['revoke', 'accept'] as const);
    const answers: Answer[] = await Promise.all(order.map((name) => calls[name]()));
    const won = order[expectOneWinner(answers, ['invitation_ended'])];
    expect(await belongsTo()).toBe(won === 'accept' ? company.id : null);
    expect((await desk.memberIds()).includes(user.id)).toBe(won === 'accept');
    expect(await desk.openOnes()).toEqual([]);
    expectError(await accept(client, user.token, token), 409, 'invitation_ended');
    if (won === 'accept') await desk.remove(user.id);
  });

  it('acceptances of one invitation, one wins', async () => {
    await passTime(client, 61);
    const token = await invited(client, company.owner.token, user.email);
    const answers = await Promise.all([1, 2, 3].map(() => accept(client, user.token, token)));
    expectOneWinner(answers, ['invitation_ended', 'member_already']);
    expect((await desk.memberIds()).filter((id) => id === user.id)).toEqual([user.id]);
    await desk.remove(user.id);
  });

  it('acceptances of two enterprises by one person, one wins and the other invitation stays open', async () => {
    await passTime(client, 61);
    const ours = await invited(client, company.owner.token, user.email);
    await passTime(client, 61);
    const theirs = await invited(client, rival.owner.token, user.email);
    const answers = await Promise.all([ours, theirs].map((token) => accept(client, user.token, token)));
    const won = expectOneWinner(answers, ['member_already']);
    const [winner, loser] = won === 0 ? [company, rival] : [rival, company];
    expect(await belongsTo()).toBe(winner.id);
    expect(await deskOf(client, loser).memberIds()).toEqual([loser.owner.id]);
    expect(await deskOf(client, loser).openOnes()).toHaveLength(1);
    expect(await deskOf(client, winner).openOnes()).toEqual([]);
    // It can be accepted once they are free to.
    dataOf(await client.delete('/api/v1/enterprise/members/me', { token: user.token }));
    dataOf(await accept(client, user.token, won === 0 ? theirs : ours));
    expect(await belongsTo()).toBe(loser.id);
    await deskOf(client, loser).remove(user.id);
  });

  it('registrations with one invitation, one account is made', async () => {
    const email = newEmail();
    const invite_code = await invited(client, company.owner.token, email);
    const answers = await Promise.all([1, 2].map(() => client.register({ email, invite_code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await desk.memberIds()).toHaveLength(2);
    expect(await desk.openOnes()).toEqual([]);
  });
});
