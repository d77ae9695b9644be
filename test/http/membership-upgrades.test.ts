import { beforeAll, describe, expect, it } from 'vitest';
import { accept, type Company, invited, newVerifiedEnterprise } from '../support/enterprises.ts';
import { Buyer, dataOf, Shop } from '../support/money.ts';

const DAY = 86_400;
const shop = new Shop();
let company: Company;
let owner: Buyer;

async function join(buyer: Buyer, role = 'member'): Promise<void> {
  const invitation = await invited(shop.client, await owner.token(), buyer.email, role);
  dataOf(await accept(shop.client, await buyer.token(), invitation));
}
const leave = async (buyer: Buyer) => dataOf(await buyer.delete('/api/v1/enterprise/members/me'));
const cents = (text: string) => Math.round(Number(text) * 100);

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
  company = await newVerifiedEnterprise(shop.client, await (await shop.admin()).token());
  owner = new Buyer(shop, company.owner);
});

describe('an upgrade', () => {
  it('takes its credit out of the orders that paid for it, to the cent', async () => {
    const buyer = await shop.buyer();
    const ids = [
      await buyer.buy('plan_basic'),
      await buyer.buy('plan_basic', 'yearly'),
      await buyer.buy('plan_basic'),
    ];
    await shop.pass(3 * DAY + 12345);
    const top = await shop.plan({ name: 'Top', price_monthly: '300.00', price_yearly: '3000.00' });
    const up = await buyer.buy(top, 'yearly');
    const { credit_amount } = await buyer.order(up);
    let sum = 0;
    for (const id of ids) sum += cents((await shop.detail(id)).credited_amount);
    expect(sum).toBe(cents(credit_amount));
    const left = [];
    for (const id of ids) left.push((await shop.refund(id)).status);
    expect(left).toEqual([200, 409, 409]);
    dataOf(await shop.refund(up));
    expect((await buyer.me()).plan_id).toBe('plan_basic');
  });

  it('brings back one plan after the other when two upgrades are refunded', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic');
    const before = await buyer.me();
    await shop.pass(DAY);
    const one = await buyer.buy('plan_premium');
    const mid = await buyer.me();
    await shop.pass(DAY);
    const top = await shop.plan({ name: 'Top', price_monthly: '300.00', price_yearly: '3000.00' });
    const two = await buyer.buy(top);
    dataOf(await shop.refund(two));
    expect(await buyer.me()).toMatchObject({
      plan_id: 'plan_premium',
      expired_at: mid.expired_at,
      started_at: mid.started_at,
    });
    dataOf(await shop.refund(one));
    expect(await buyer.me()).toMatchObject({
      plan_id: 'plan_basic',
      expired_at: before.expired_at,
      started_at: before.started_at,
    });
  });

  it('takes the place of a downgrade that is paid, and gives it back', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium');
    await shop.fund(buyer, '49.00');
    const end = Date.parse((await buyer.me()).expired_at) + 1000;
    dataOf(await buyer.subscribe('plan_basic'));
    await shop.at(end - DAY * 1000);
    await shop.cron();
    expect((await buyer.me()).scheduled).toMatchObject({ plan_id: 'plan_basic' });
    const expired = (await buyer.me()).expired_at;
    const top = await shop.plan({ name: 'Top', price_monthly: '300.00' });
    const ordered = await buyer.ordered(top);
    // 1 day of 199 (28..31) + the whole 49
    expect(cents(ordered.credit_amount)).toBeGreaterThan(4900 + 600);
    await buyer.settle(ordered.order_id);
    expect((await buyer.me()).scheduled).toBeNull();
    dataOf(await shop.refund(ordered.order_id));
    expect(await buyer.me()).toMatchObject({
      plan_id: 'plan_premium',
      scheduled: { plan_id: 'plan_basic' },
      expired_at: expired,
    });
    await shop.at(end);
    await shop.cron();
    expect((await buyer.actions())[0]).toBe('downgrade');
  });

  it('counts time that waited twice as one, and credits what is left of it', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic');
    const start = Date.parse((await buyer.me()).started_at);
    const end = Date.parse((await buyer.me()).expired_at) + 1000;
    await shop.pass(2 * DAY);
    await join(buyer);
    await shop.pass(3 * DAY);
    await leave(buyer);
    await shop.pass(2 * DAY);
    await join(buyer);
    await shop.pass(5 * DAY + 1);
    await leave(buyer);
    expect(Date.parse((await buyer.me()).expired_at) + 1000).toBe(end + (8 * DAY + 1) * 1000);
    expect((await buyer.actions()).filter((a: string) => a.endsWith('pause'))).toHaveLength(4);
    const length = (end - start) / 1000;
    const credit = Math.floor((4900 * (length - 4 * DAY)) / length);
    expect(cents((await buyer.ordered('plan_premium')).credit_amount)).toBe(credit);
    const up = await buyer.buy('plan_premium');
    const before = await buyer.me();
    await join(buyer);
    await shop.pass(DAY);
    await leave(buyer);
    expect(Date.parse((await buyer.me()).expired_at)).toBe(Date.parse(before.expired_at) + DAY * 1000);
    dataOf(await shop.refund(up));
    expect((await buyer.me()).plan_id).toBe('plan_basic');
    expect((await buyer.me()).status).toBe('active');
  });
});
