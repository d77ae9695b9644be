import { expect } from 'vitest';
import type { Answer } from './client.ts';
import { type Buyer, dataOf, db, type Shop } from './money.ts';

/** A storefront as its front end uses it. */
export class Storefront {
  readonly shop: Shop;

  constructor(shop: Shop) {
    this.shop = shop;
  }

  /** Calls `control/action`, by POST as that front end does. */
  async call(who: Buyer | null, path: string, fields: Record<string, unknown> = {}): Promise<Answer> {
    const token = who ? await who.token() : '';
    return this.shop.client.send('POST', `/storefront/${path}`, {
      raw: new URLSearchParams({ ...(fields as Record<string, string>), token }).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
  }

  /** Somebody new, invited by `inviter`. */
  async member(inviter?: Buyer): Promise<Buyer> {
    const member = await this.shop.buyer();
    if (inviter)
      await db.prepare('update users set inviter_id = ? where id = ?').bind(inviter.id, member.id).run();
    return member;
  }

  async admin(method: string, path: string, body?: unknown): Promise<Answer> {
    return (await this.shop.admin()).send(method, `/admin/v1/storefront${path}`, { body });
  }

  set = async (settings: object) => dataOf(await this.admin('PUT', '/settings', settings));

  /** A level of the test's own; gives its number. */
  async level(fields: object = {}): Promise<string> {
    const period = { number: '30', price: '30.00', commission: '' };
    const body = { name: 'T', pay_period_rules: [period], ...fields };
    return dataOf(await this.admin('POST', '/levels', body)).id;
  }

  /** Orders and pays at the cashier; gives the order's number. */
  async buy(who: Buyer, opening: string): Promise<string> {
    const { payment_user_order_no } = doneOf(await this.call(who, 'buy/create', { opening }));
    return who.settle(payment_user_order_no);
  }

  mine = async (who: Buyer) => doneOf(await this.call(who, 'vip/index')).user_vip;
}

/** The data of an answer that must have gone well. */
export function doneOf(answer: Answer) {
  expect(answer.status).toBe(200);
  expect(Object.keys(answer.body)).toEqual(['msg', 'code', 'data']);
  expect(answer.body.code, JSON.stringify(answer.body)).toBe(0);
  return answer.body.data;
}

/** A refusal: HTTP 200 and a code. */
export function expectCode(answer: Answer, code: number, msg?: string): void {
  expect(answer.status).toBe(200);
  expect(Object.keys(answer.body)).toEqual(['msg', 'code', 'data']);
  expect(answer.body, JSON.stringify(answer.body)).toMatchObject({ code, data: [] });
  if (msg !== undefined) expect(answer.body.msg).toBe(msg);
}
