import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, expectError } from '../support/client.ts';
import { type Buyer, dataOf, db, faultsOf, Shop } from '../support/money.ts';

const shop = new Shop();
let buyer: Buyer;

/** 400 that says which: the field, and a reason of its own. */
function expectRefused(answer: Answer, reason: RegExp): void {
  expectError(answer, 400, 'voucher_invalid');
  expect(faultsOf(answer).voucher_id, JSON.stringify(answer.body)).toMatch(reason);
}
const order = (voucher_id: string, plan = 'plan_basic', period = 'yearly') =>
  buyer.subscribe(plan, period, { voucher_id });
const stateOf = async (id: string) => {
  const { items } = dataOf(await buyer.get('/api/v1/vouchers?page_size=100'));
  return items.find(({ voucher_id }: { voucher_id: string }) => voucher_id === id)?.status;
};

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
});

describe('a voucher', () => {
  it('takes off what the seed shows, with the seed’s own body', async () => {
    buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer);
    expect(voucher_id).toMatch(/^v_/);
    const body = { plan_id: 'plan_basic', period: 'yearly', auto_renew: true, voucher_id };
    const ordered = dataOf(await buyer.post('/api/v1/membership/subscribe', body));
    expect(ordered).toMatchObject({
      order_id: expect.stringMatching(/^ord_/),
      plan_name: '基础版(年付)',
      original_amount: '490.00',
      discount_amount: '20.00',
      final_amount: '470.00',
      currency: 'CNY',
    });
    await buyer.settle(ordered.order_id);
    const [event] = await buyer.history();
    expect(event).toEqual({
      history_id: expect.stringMatching(/^mh_/),
      action: 'subscribe',
      plan_name: '基础版',
      period: 'yearly',
      amount: '470.00',
      original_amount: '490.00',
      started_at: '2027-02-01T00:00:00Z',
      expired_at: '2028-01-31T23:59:59Z',
      order_id: ordered.order_id,
      created_at: '2027-02-01T00:00:00Z',
    });
    const cancelled = await buyer.send('POST', '/api/v1/membership/cancel', {
      body: { reason: '暂时不需要了' },
      headers: { 'Accept-Language': 'zh-CN' },
    });
    expect(dataOf(cancelled)).toEqual({
      status: 'cancelled',
      auto_renew: false,
      valid_until: '2028-01-31T23:59:59Z',
      message: '您的会员权益将保留至 2028-01-31',
    });
    expect(dataOf(await buyer.get('/api/v1/vouchers')).items).toEqual([
      {
        voucher_id,
        type: 'fixed',
        value: '20.00',
        min_amount: '0.00',
        plans: ['plan_basic', 'plan_premium'],
        programs: ['token'],
        status: 'used',
        order_id: ordered.order_id,
        starts_at: '2020-01-01T00:00:00Z',
        ends_at: '2040-01-01T00:00:00Z',
        used_at: '2027-02-01T00:00:00Z',
      },
    ]);
  });

  it.each([
    ['percent', '1', '0.49', '48.51'],
    ['percent', '33', '16.17', '32.83'],
    ['percent', '99', '48.51', '0.49'],
    ['percent', '100', '49.00', '0.00'],
    ['fixed', '0.01', '0.01', '48.99'],
    ['fixed', '49.00', '49.00', '0.00'],
    ['fixed', '500.00', '49.00', '0.00'],
  ])('of %s %s takes off %s and leaves %s', async (type, value, discount_amount, final_amount) => {
    buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer, { type, value });
    const ordered = dataOf(await order(voucher_id, 'plan_basic', 'monthly'));
    expect(ordered).toMatchObject({ original_amount: '49.00', discount_amount, final_amount });
    const free = final_amount === '0.00';
    expect(await buyer.order(ordered.order_id)).toMatchObject({
      status: free ? 'paid' : 'pending',
      voucher_id,
      paid_amount: '0.00',
    });
    expect(await stateOf(voucher_id)).toBe(free ? 'used' : 'locked');
    expect((await buyer.me()).status).toBe(free ? 'active' : 'none');
  });

  it('rounds a percentage down', async () => {
    const plan = await shop.plan({ price_monthly: '9.99' });
    buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer, { type: 'percent', value: '15', plans: [plan] });
    expect(dataOf(await order(voucher_id, plan, 'monthly'))).toMatchObject({
      discount_amount: '1.49',
      final_amount: '8.50',
    });
  });

  it('counts after the credit, its minimum before it', async () => {
    buyer = await shop.buyer();
    await buyer.buy('plan_basic');
    const half = await shop.voucher(buyer, { type: 'percent', value: '50', min_amount: '199.00' });
    const short = await shop.voucher(buyer, { min_amount: '199.01' });
    expect(dataOf(await order(half, 'plan_premium', 'monthly'))).toMatchObject({
      original_amount: '199.00',
      credit_amount: '49.00',
      discount_amount: '75.00',
      final_amount: '75.00',
    });
    expectRefused(await order(short, 'plan_premium', 'monthly'), /price|minimum/);
    const most = await shop.voucher(buyer, { value: '199.00' });
    expect(dataOf(await order(most, 'plan_premium', 'monthly'))).toMatchObject({
      discount_amount: '150.00',
      final_amount: '0.00',
    });
    expect((await buyer.me()).plan_id).toBe('plan_premium');
  });

  it('is refused with the reason, and nothing is ordered', async () => {
    buyer = await shop.buyer();
    const stranger = await shop.buyer();
    const give = (fields: object = {}) => shop.voucher(buyer, fields);
    expectRefused(await order('v_none'), /not known/);
    expectRefused(await order(await shop.voucher(stranger)), /not known/);
    expectRefused(await order(await give({ ends_at: '2027-02-01T00:00:00Z' })), /expired/);
    expectRefused(await order(await give({ starts_at: '2027-02-01T00:00:01Z' })), /not valid yet/);
    expectRefused(await order(await give({ plans: ['plan_premium'] })), /plan/);
    expectRefused(await order(await give({ programs: ['package'] })), /plan|program/);
    expectRefused(await order(await give({ min_amount: '490.01' })), /price|minimum/);
    const type = await shop.voucherType();
    const admin = await shop.admin();
    const issued = dataOf(await admin.post(`/admin/v1/vouchers/${type}/issue`, { user_ids: [buyer.id] }));
    dataOf(await admin.post(`/admin/v1/vouchers/${type}/void`));
    expectRefused(await order(issued.items[0].voucher_id), /void/);
    expect(await buyer.orders()).toEqual([]);

    const first = await give();
    const { order_id } = dataOf(await order(first));
    await buyer.settle(order_id);
    expectRefused(await order(first), /used/);
    expectRefused(await buyer.renew('yearly', { voucher_id: first }), /used/);
    // Within its window to the second.
    const last = await give({ starts_at: '2027-02-01T00:00:00Z', ends_at: '2027-02-01T00:00:01Z' });
    dataOf(await order(last));
  });

  it.each([['cancel'], ['replace'], ['time']])('is free again when its order closes (%s)', async (how) => {
    buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer);
    const { order_id } = dataOf(await order(voucher_id));
    expect(await stateOf(voucher_id)).toBe('locked');
    if (how === 'cancel') dataOf(await buyer.cancelOrder(order_id));
    if (how === 'replace') await buyer.ordered('plan_basic', 'monthly');
    if (how === 'time') {
      await shop.pass(1800);
      await shop.cron();
    }
    expect((await buyer.order(order_id)).status).toBe('closed');
    expect(await stateOf(voucher_id)).toBe('unused');
    const again = dataOf(await order(voucher_id));
    await buyer.settle(again.order_id);
    expect(await stateOf(voucher_id)).toBe('used');
  });

  it('that ends while its order is open is good for it', async () => {
    buyer = await shop.buyer();
    const ends_at = new Date((await shop.now()) + 60_000).toISOString();
    const voucher_id = await shop.voucher(buyer, { ends_at });
    const { order_id } = dataOf(await order(voucher_id));
    await shop.pass(120);
    expect(await stateOf(voucher_id)).toBe('locked');
    await buyer.settle(order_id);
    expect(await stateOf(voucher_id)).toBe('used');
  });

  it('of many orders at once is had by one', async () => {
    buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer, { type: 'percent', value: '100' });
    const wishes = [1, 2, 3, 4].flatMap(() => ['monthly', 'yearly']);
    const answers = await Promise.all(wishes.map((period) => order(voucher_id, 'plan_basic', period)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of answers) expect([200, 400, 409]).toContain(status);
    expect(await stateOf(voucher_id)).toBe('used');
    expect(await buyer.actions()).toEqual(['subscribe']);

    const other = await shop.voucher(buyer);
    const again = await Promise.all(wishes.map((period) => order(other, 'plan_basic', period)));
    for (const { status } of again) expect([200, 409]).toContain(status);
    const pending = (await buyer.orders()).filter((one: { status: string }) => one.status === 'pending');
    expect(pending).toHaveLength(1);
    expect(pending[0].voucher_id).toBe(other);
    const row = await db.prepare('select order_id from vouchers where id = ?').bind(other).first();
    expect(row).toEqual({ order_id: pending[0].order_id });
  });
});
