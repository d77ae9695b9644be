import { expect } from 'vitest';
import type { Answer } from './client.ts';
import { type Buyer, dataOf, db, type Shop } from './money.ts';

export const LEVELS = ['common', 'bronze', 'gold', 'platina', 'platinum', 'diamond'] as const;
export type Level = (typeof LEVELS)[number];
/** The number that the surface shows of a level. */
export const idOf = (level: Level) => LEVELS.indexOf(level) + 1;

/** An alliance as a test uses it: a shop whose buyers invite one another. */
export class Alliance {
  readonly shop: Shop;

  constructor(shop: Shop) {
    this.shop = shop;
  }

  /** Somebody new, invited by `inviter`; `invite_code` at the registration is a test of its own. */
  async member(inviter?: Buyer): Promise<Buyer> {
    const member = await this.shop.buyer();
    if (inviter) {
      await db.prepare('update users set inviter_id = ? where id = ?').bind(inviter.id, member.id).run();
    }
    return member;
  }

  async admin(method: string, path: string, body?: unknown): Promise<Answer> {
    return (await this.shop.admin()).send(method, `/admin/tbk${path}`, { body });
  }

  get = (path: string) => this.admin('GET', path);
  put = (path: string, body: unknown) => this.admin('PUT', path, body);
  post = (path: string, body: unknown = {}) => this.admin('POST', path, body);

  /** Somebody who holds a tier by an admin's hand. */
  async holder(level: Level, inviter?: Buyer): Promise<Buyer> {
    const member = await this.member(inviter);
    if (level !== 'common') await this.set(member, level);
    return member;
  }

  async set(member: Buyer, level: Level): Promise<void> {
    okOf(await this.post(`/users/${member.id}/tier`, { member_id: idOf(level) }));
  }

  order = (member: Buyer, level: Level, fields: object = {}) =>
    member.post('/api/v1/tbk/members', {
      member_id: idOf(level),
      pay_mode: 'cash',
      pay_type: 'wxpay',
      ...fields,
    });

  /** Buys a tier at the cashier; gives the order's id. */
  async buy(member: Buyer, level: Level, fields: object = {}): Promise<string> {
    return member.settle(dataOf(await this.order(member, level, fields)).order_id);
  }

  level = async (member: Buyer): Promise<Level> =>
    dataOf(await member.get('/api/v1/tbk/members/me')).tier.level;
  rewards = async (member: Buyer) => dataOf(await member.get('/api/v1/tbk/rewards?page_size=100')).items;

  /** The log of somebody, newest first. */
  logs = async (member: Buyer) =>
    okOf(await this.get(`/members/logs?limit=100&page=1&user_id=${member.id}`)).data;

  /** What it takes to reach a tier by invitees, for a test. */
  async needs(level: Level, num: number, of: Level): Promise<void> {
    const { members } = okOf(await this.get('/members'));
    const { condition } = members.find((one: { level: string }) => one.level === level);
    okOf(
      await this.put(`/members/${idOf(level)}`, {
        condition: { ...condition, indirect: { num, level: of } },
      }),
    );
  }

  /** EOC into a wallet, by hand. */
  async giveEoc(member: Buyer, amount: string): Promise<void> {
    const admin = await this.shop.admin();
    const body = { asset: 'EOC', amount, reason: 'a test', reference: crypto.randomUUID() };
    dataOf(await admin.post(`/admin/v1/wallets/${member.id}/adjust`, body));
  }
}

/** The bare body of an answer that must have gone well. */
export function okOf(answer: Answer) {
  expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
  return answer.body;
}

/** A refusal in Laravel's manner; `errors` has words for each of these fields. */
export function expectRefused(answer: Answer, status: number, fields?: string[]): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  expect(answer.body.message).toEqual(expect.any(String));
  expect(Object.keys(answer.body).filter((key) => !['message', 'errors'].includes(key))).toEqual([]);
  if (!fields) return;
  expect(Object.keys(answer.body.errors ?? {}).toSorted(), JSON.stringify(answer.body)).toEqual(
    fields.toSorted(),
  );
  for (const words of Object.values(answer.body.errors ?? {})) expect(words).toEqual([expect.any(String)]);
}
