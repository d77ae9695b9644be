import { beforeAll, describe, expect, it } from 'vitest';
import { type Buyer, dataOf, expectLedgerSums, Shop } from '../support/money.ts';

const shop = new Shop();
let life = '';
let lux = '';

type Event = Record<string, string>;
const price = async (plan: string, monthly: string) =>
  dataOf(await (await shop.admin()).put(`/admin/v1/membership/plans/${plan}`, { price_monthly: monthly }));
/** Runs cron at a time, and gives how many mails there are by then. */
async function cronAt(buyer: Buyer, time: string): Promise<number> {
  await shop.at(time);
  await shop.cron();
  return (await buyer.mails()).length;
}
const spanOf = async (buyer: Buyer) => {
  const { status, plan_id, started_at, expired_at } = await buyer.me();
  return [status, plan_id, started_at, expired_at];
};
const renewed = async (buyer: Buyer, period = 'monthly') =>
  buyer.settle(dataOf(await buyer.renew(period)).order_id);

describe('two years of a member', () => {
  let buyer: Buyer;

  beforeAll(async () => {
    await shop.open('2027-01-31T00:00:00Z');
    life = await shop.plan({ name: 'Life', price_monthly: '49.00', price_yearly: '490.00' });
    lux = await shop.plan({ name: 'Lux', price_monthly: '199.00', price_yearly: '1990.00' });
    buyer = await shop.buyer();
  });

  it('begins on 31 January; month ends clamp and come back', async () => {
    await buyer.buy(life);
    const start = '2027-01-31T00:00:00Z';
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2027-02-27T23:59:59Z']);
    await shop.at('2027-02-10T08:00:00Z');
    await renewed(buyer);
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2027-03-30T23:59:59Z']);
    await shop.at('2027-03-30T23:59:59Z');
    await renewed(buyer);
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2027-04-29T23:59:59Z']);
    expect(await buyer.history()).toMatchObject([
      { action: 'renew', started_at: '2027-03-31T00:00:00Z', expired_at: '2027-04-29T23:59:59Z' },
      { action: 'renew', started_at: '2027-02-28T00:00:00Z', expired_at: '2027-03-30T23:59:59Z' },
      { action: 'subscribe', started_at: start, expired_at: '2027-02-27T23:59:59Z' },
    ]);
  });

  it('is told 7 days and 1 day before it ends, ends by the clock, and once in the history', async () => {
    expect(await cronAt(buyer, '2027-04-22T23:59:59Z')).toBe(0);
    expect(await cronAt(buyer, '2027-04-23T00:00:00Z')).toBe(1);
    expect(await cronAt(buyer, '2027-04-28T23:55:00Z')).toBe(1);
    expect(await cronAt(buyer, '2027-04-29T00:00:00Z')).toBe(2);
    expect(await cronAt(buyer, '2027-04-29T23:55:00Z')).toBe(2);
    await shop.at('2027-04-29T23:59:59Z');
    expect((await buyer.me()).status).toBe('active');
    await shop.at('2027-04-30T00:00:00Z');
    expect(await buyer.me()).toMatchObject({
      status: 'expired',
      plan_id: life,
      effective_benefits: { tpm: 10_000 },
    });
    expect(await buyer.actions()).toHaveLength(3);
    expect(await cronAt(buyer, '2027-04-30T00:05:00Z')).toBe(3);
    expect(await cronAt(buyer, '2027-04-30T00:10:00Z')).toBe(3);
    const [event] = await buyer.history();
    expect(event).toMatchObject({ action: 'expired', amount: '0.00', expired_at: '2027-04-29T23:59:59Z' });
    expect(event).not.toHaveProperty('reason');
    expect(await buyer.actions()).toHaveLength(4);
  });

  it('is renewed after the end from that moment on', async () => {
    await shop.at('2027-05-10T12:00:00Z');
    await renewed(buyer);
    const start = '2027-05-10T12:00:00Z';
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2027-06-10T11:59:59Z']);
    expect((await buyer.history())[0]).toMatchObject({ action: 'renew', amount: '49.00', started_at: start });
  });

  it('is upgraded with credit for what is left', async () => {
    await shop.at('2027-05-20T12:00:00Z');
    // 21 of 31 days of 49.00: 33.1935…
    expect(await buyer.ordered(lux)).toMatchObject({ credit_amount: '33.19', final_amount: '165.81' });
    await buyer.buy(lux);
    const start = '2027-05-20T12:00:00Z';
    expect(await spanOf(buyer)).toEqual(['active', lux, start, '2027-06-20T11:59:59Z']);
    expect((await buyer.history())[0]).toMatchObject({
      action: 'upgrade',
      amount: '165.81',
      original_amount: '199.00',
    });
  });

  it('is downgraded at the end, from the wallet', async () => {
    await shop.at('2027-06-01T00:00:00Z');
    dataOf(await buyer.subscribe(life));
    dataOf(await buyer.post('/api/v1/membership/cancel'));
    expect((await buyer.me()).scheduled).toBeNull();
    dataOf(await buyer.post('/api/v1/membership/resume'));
    dataOf(await buyer.subscribe(life));
    await shop.fund(buyer, '49.00');
    expect(await cronAt(buyer, '2027-06-19T12:00:00Z')).toBe(3);
    expect((await buyer.wallet()).balance).toBe('0.00');
    expect((await buyer.actions())[0]).toBe('cancel');
    await cronAt(buyer, '2027-06-20T12:00:00Z');
    const start = '2027-05-20T12:00:00Z';
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2027-07-20T11:59:59Z']);
    expect((await buyer.history())[0]).toMatchObject({
      action: 'downgrade',
      amount: '49.00',
      started_at: '2027-06-20T12:00:00Z',
      expired_at: '2027-07-20T11:59:59Z',
    });
  });

  it('renews by itself from the wallet, at the price of that day, a day before the end', async () => {
    await shop.at('2027-07-01T00:00:00Z');
    dataOf(await buyer.post('/api/v1/membership/cancel'));
    await shop.at('2027-07-02T00:00:00Z');
    dataOf(await buyer.post('/api/v1/membership/resume'));
    expect(await buyer.me()).toMatchObject({ status: 'active', auto_renew: true });
    await shop.fund(buyer, '100.00');
    await price(life, '59.00');
    expect(await cronAt(buyer, '2027-07-19T11:59:59Z')).toBe(3);
    expect((await buyer.wallet()).balance).toBe('100.00');
    expect(await cronAt(buyer, '2027-07-19T12:00:00Z')).toBe(3);
    expect((await buyer.wallet()).balance).toBe('41.00');
    expect((await buyer.history())[0]).toMatchObject({
      action: 'renew',
      auto: true,
      amount: '59.00',
      original_amount: '59.00',
      started_at: '2027-07-20T12:00:00Z',
      expired_at: '2027-08-20T11:59:59Z',
    });
  });

  it('is told when the wallet is short, and renewed as soon as it is not', async () => {
    expect(await cronAt(buyer, '2027-08-13T12:00:00Z')).toBe(4);
    expect(await cronAt(buyer, '2027-08-19T12:00:00Z')).toBe(5);
    expect(await cronAt(buyer, '2027-08-19T12:05:00Z')).toBe(5);
    await shop.fund(buyer, '18.00');
    expect(await cronAt(buyer, '2027-08-20T06:00:00Z')).toBe(5);
    expect((await buyer.wallet()).balance).toBe('0.00');
    expect((await buyer.me()).expired_at).toBe('2027-09-20T11:59:59Z');
  });

  it('has a refund of that in its history, and ends where it ended before, without another charge', async () => {
    const [order] = await buyer.orders();
    dataOf(await shop.refund(order.order_id));
    expect((await buyer.wallet()).balance).toBe('59.00');
    expect((await buyer.me()).expired_at).toBe('2027-08-20T11:59:59Z');
    await cronAt(buyer, '2027-08-20T06:05:00Z');
    expect((await buyer.wallet()).balance).toBe('59.00');
    expect(await cronAt(buyer, '2027-08-20T12:00:00Z')).toBe(6);
    expect((await buyer.history()).slice(0, 3)).toMatchObject([
      { action: 'expired', amount: '0.00', expired_at: '2027-08-20T11:59:59Z' },
      { action: 'expired', amount: '0.00', reason: 'refunded', order_id: order.order_id },
      { action: 'renew', auto: true, amount: '59.00', order_id: order.order_id },
    ]);
  });

  it('keeps the calendar of a leap year through automatic renewals', async () => {
    await shop.at('2028-01-31T00:00:00Z');
    await shop.fund(buyer, '59.00');
    await buyer.buy(life, 'monthly', { auto_renew: true });
    const start = '2028-01-31T00:00:00Z';
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2028-02-28T23:59:59Z']);
    await cronAt(buyer, '2028-02-28T00:00:00Z');
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2028-03-30T23:59:59Z']);
    await cronAt(buyer, '2028-03-30T00:00:00Z');
    expect(await spanOf(buyer)).toEqual(['active', life, start, '2028-04-29T23:59:59Z']);
    expect((await buyer.wallet()).balance).toBe('0.00');
  });

  it('ends with a refunded upgrade whose old plan is over', async () => {
    await shop.at('2028-04-15T00:00:00Z');
    // 15 of 30 days of 59.00.
    const { credit_amount } = await buyer.ordered(lux, 'yearly');
    expect(credit_amount).toBe('29.50');
    const up = await buyer.buy(lux, 'yearly');
    const start = '2028-04-15T00:00:00Z';
    expect(await spanOf(buyer)).toEqual(['active', lux, start, '2029-04-14T23:59:59Z']);
    await cronAt(buyer, '2028-12-31T00:00:00Z');
    dataOf(await shop.refund(up));
    expect((await buyer.me()).status).toBe('expired');
    await cronAt(buyer, '2029-05-01T00:00:00Z');
    const told = (await buyer.history()).map((one: Event) => [
      one.action,
      one.amount,
      one.reason ?? one.auto ?? null,
    ]);
    expect(told).toEqual([
      ['expired', '0.00', 'refunded'],
      ['upgrade', '1960.50', null],
      ['renew', '59.00', true],
      ['renew', '59.00', true],
      ['subscribe', '59.00', null],
      ['expired', '0.00', null],
      ['expired', '0.00', 'refunded'],
      ['renew', '59.00', true],
      ['renew', '59.00', true],
      ['cancel', '0.00', null],
      ['downgrade', '49.00', null],
      ['cancel', '0.00', null],
      ['upgrade', '165.81', null],
      ['renew', '49.00', null],
      ['expired', '0.00', null],
      ['renew', '49.00', null],
      ['renew', '49.00', null],
      ['subscribe', '49.00', null],
    ]);
    await expectLedgerSums();
  });

  it.each([['a frozen user'], ['a disabled plan']])('is not charged for %s, but told', async (why) => {
    const plan = await shop.plan({ name: 'Gone', price_monthly: '5.00' });
    const other = await shop.buyer();
    await other.buy(plan, 'monthly', { auto_renew: true });
    await shop.fund(other, '5.00');
    const end = Date.parse((await other.me()).expired_at) + 1000;
    const admin = await shop.admin();
    const disabled = { status: 'disabled' };
    if (why === 'a disabled plan') dataOf(await admin.put(`/admin/v1/membership/plans/${plan}`, disabled));
    else
      dataOf(await admin.put(`/admin/v1/users/${other.id}/status`, { status: 'frozen', reason: 'a test' }));
    const days = async (n: number) => cronAt(other, new Date(end - n * 86_400_000).toISOString());
    expect(await days(7)).toBe(1);
    expect(await days(1)).toBe(2);
    expect(await days(0.5)).toBe(2);
    expect(await days(0)).toBe(3);
    await shop.client.get('/dev/clock');
    const detail = dataOf(await (await shop.admin()).get(`/admin/v1/orders?user=${other.id}`));
    expect(detail.total).toBe(1);
    await expectLedgerSums();
  });
});
