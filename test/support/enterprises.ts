import { expect } from 'vitest';
import { type Answer, type Client, expectError } from './client.ts';
import { type Human, newHuman, newRegistered } from './humans.ts';

/** The seed's own body (002 §1.3). */
export const REALNAME = {
  real_name: '张三',
  id_card: '110101199001011234',
  id_card_front: 'https://oss.example.com/id_cards/front.jpg',
  id_card_back: 'https://oss.example.com/id_cards/back.jpg',
};

/** The seed's own body (002 §1.4). */
export const COMPANY = {
  enterprise_name: 'XX 科技有限公司',
  credit_code: '91110000XXXXXXXX',
  license_image: 'https://oss.example.com/licenses/xxx.jpg',
  contact_name: '李四',
  contact_phone: '13900139000',
};

export interface Company {
  id: string;
  owner: Human;
  /** The verification that an admin approved. */
  verification: string;
}

let count = 0;

/** A number that nobody else has: of somebody born on 1 January 1990. */
export function newIdCard(): string {
  count += 1;
  return `11010119900101${String(count).padStart(4, '0')}`;
}

export function newCreditCode(): string {
  count += 1;
  return `91110000${String(count).padStart(8, '0')}`;
}

export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** The path of each fault that an answer names. */
export function faultPaths({ body }: Answer): string[] {
  return (body.errors ?? []).map(({ path }: { path: string }) => path);
}

/** The data of an answer that must have gone well. */
export function dataOf(answer: Answer) {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data;
}

/** Of answers given at once, which one went well; the others say why not. */
export function expectOneWinner(answers: Answer[], errors: string[]): number {
  const winners = answers.filter(({ status }) => status === 200);
  expect(winners, JSON.stringify(answers.map(({ body }) => body))).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status !== 200) {
      expect(errors).toContain(answer.body.error);
      expectError(answer, 409, answer.body.error);
    }
  }
  return answers.findIndex(({ status }) => status === 200);
}

/** What an admin decides about a submission. */
export function decide(
  client: Client,
  admin: string,
  id: string,
  word: 'approve' | 'reject' | 'revoke',
  reason = 'a test',
): Promise<Answer> {
  const body = word === 'approve' ? {} : { reason };
  return client.post(`/admin/v1/verifications/${id}/${word}`, body, { token: admin });
}

export function submitRealname(client: Client, token: string, fields: object = {}): Promise<Answer> {
  return client.post(
    '/api/v1/users/me/verify/realname',
    { ...REALNAME, id_card: newIdCard(), ...fields },
    { token },
  );
}

/** What tests of real-name verification do again and again. */
export function realnameDesk(client: Client, admin: () => string) {
  const status = async (token: string) =>
    dataOf(await client.get('/api/v1/users/me/verify/realname', { token }));
  return {
    status,
    isVerified: async (token: string): Promise<boolean> =>
      dataOf(await client.get('/api/v1/users/me', { token })).realname_verified,
    submitted: async (token: string, fields: object = {}): Promise<string> =>
      dataOf(await submitRealname(client, token, fields)).verification_id,
    review: async (id: string) =>
      dataOf(await client.get(`/admin/v1/verifications/${id}`, { token: admin() })),
    /** Somebody who may hand in papers: what earlier tests left standing is ended. */
    atRest: async (human: Human): Promise<Human> => {
      const { status: stands, verification_id } = await status(human.token);
      if (stands === 'pending') dataOf(await decide(client, admin(), verification_id, 'reject'));
      if (stands === 'verified') dataOf(await decide(client, admin(), verification_id, 'revoke'));
      return human;
    },
  };
}

export function submitCompany(client: Client, token: string, fields: object = {}): Promise<Answer> {
  const body = { ...COMPANY, credit_code: newCreditCode(), ...fields };
  return client.post('/api/v1/users/me/verify/enterprise', body, { token });
}

/** The owner of an enterprise that nobody has verified. */
export function newOwner(client: Client): Promise<Human> {
  return newRegistered(client, { user_type: 'enterprise', enterprise_name: COMPANY.enterprise_name });
}

export async function newVerifiedEnterprise(client: Client, admin: string): Promise<Company> {
  const owner = await newOwner(client);
  const { verification_id, enterprise_id } = dataOf(await submitCompany(client, owner.token));
  dataOf(await decide(client, admin, verification_id, 'approve'));
  return { id: enterprise_id, owner, verification: verification_id };
}

/** A plan for enterprises, held for a month by this one. */
export async function givePlan(
  client: Client,
  admin: string,
  { owner }: Company,
  benefits: Record<string, unknown>,
): Promise<string> {
  const body = {
    name: 'Test plan',
    type: 'enterprise',
    price_monthly: '1.00',
    benefits: benefitList(benefits),
  };
  const { plan_id } = dataOf(await client.post('/admin/v1/membership/plans', body, { token: admin }));
  await client.buyPlan(owner.token, plan_id, 'monthly');
  return plan_id;
}

export function benefitList(benefits: Record<string, unknown>): { key: string; value: unknown }[] {
  return Object.entries(benefits).map(([key, value]) => ({ key, value }));
}

export function invite(client: Client, token: string, email: string, role = 'member'): Promise<Answer> {
  return client.post('/api/v1/enterprise/members/invite', { email, role }, { token });
}

export function accept(client: Client, token: string, invitation: string): Promise<Answer> {
  return client.post('/api/v1/enterprise/invitations/accept', { token: invitation }, { token });
}

/** The token of the last invitation that was mailed to an address. */
export async function mailedInvitation(client: Client, email: string): Promise<string> {
  const path = `/dev/mailbox?to=${encodeURIComponent(email)}`;
  const { items } = (await client.get(path, { headers: { Accept: 'application/json' } })).body;
  const token = /inv_[0-9A-Za-z]+/.exec(items[0]?.text ?? '')?.[0];
  if (!token) throw new Error(`no invitation was mailed to ${email}`);
  return token;
}

/** Invites an address, and gives the mailed token. */
export async function invited(client: Client, token: string, email: string, role = 'member') {
  dataOf(await invite(client, token, email, role));
  return mailedInvitation(client, email);
}

/** Somebody who was invited and accepted. */
export async function newMember(client: Client, company: Company, role = 'member'): Promise<Human> {
  const human = await newHuman(client);
  const invitation = await invited(client, company.owner.token, human.email, role);
  dataOf(await accept(client, human.token, invitation));
  return human;
}

export function consume(client: Client, key: string, tokens: number): Promise<Answer> {
  const body = { tokens, request_id: crypto.randomUUID() };
  return client.post('/api/v1/quota/consume', body, { token: key });
}

/** Lets time pass. Access tokens live for ten minutes. */
export async function passTime(client: Client, seconds: number): Promise<void> {
  const { offset_seconds } = (await client.get('/dev/clock')).body;
  const moved = await client.put('/dev/clock', { offset_seconds: offset_seconds + seconds });
  expect(moved.status).toBe(200);
}

/** Tomorrow at six in the morning (UTC), so that no day ends within a test. Gives the next midnight. */
export async function beginQuietDay(client: Client): Promise<string> {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  expect((await client.put('/dev/clock', { at: `${tomorrow}T06:00:00Z` })).status).toBe(200);
  const midnight = new Date(Date.parse(`${tomorrow}T00:00:00Z`) + 86_400_000);
  return midnight.toISOString().replace('.000Z', 'Z');
}
