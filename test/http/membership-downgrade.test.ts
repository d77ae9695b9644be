import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, expectLedgerSums, Shop } from '../support/money.ts';

const DAY = 86_400_000;
const shop = new Shop();
let cheap = '';

/** The exclusive end of what somebody holds. */
const endOf = async (buyer: Buyer) => Date.parse((await buyer.me()).expired_at) + 1000;
const drop = (buyer: Buyer) => buyer.delete('/api/v1/membership/scheduled');

describe('a cheaper plan', () => {
  beforeAll(async () => {
    await shop.open('2027-02-01T00:00:00Z');
    cheap = await shop.plan({ name: 'Cheap', price_monthly: '10.00', price_yearly: '100.00' });
  });

  it('follows at the end, without an order, and can be dropped', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium');
    const { expired_at } = await buyer.me();
    const starts_at = '2027-03-01T00:00:00Z';
    expect(expired_at).toBe('2027-02-28T23:59:59Z');
    const scheduled = { plan_id: cheap, period: 'yearly', starts_at };
    expect(await buyer.ordered(cheap, 'yearly')).toMatchObject({ order_id: null, scheduled });
    expect(await buyer.me()).toMatchObject({ plan_id: 'plan_premium', scheduled, expired_at });
    expect(await buyer.orders()).toHaveLength(1);
    expect(await buyer.actions()).toEqual(['subscribe']);
    // Another one takes its place.
    expect((await buyer.ordered('plan_basic')).scheduled).toMatchObject({ plan_id: 'plan_basic' });
    expect((await drop(buyer)).status).toBe(200);
    expect((await buyer.me()).scheduled).toBeNull();
    expectError(await drop(buyer), 404, 'not_found');
    expectError(
      await buyer.subscribe(cheap, 'monthly', { voucher_id: await shop.voucher(buyer) }),
      400,
      'voucher_invalid',
    );
    expect((await buyer.me()).scheduled).toBeNull();
  });

  it.each([[false], [true]])('is dropped by cancel (cancelled before: %s)', async (before) => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium', 'monthly', { auto_renew: true });
    if (before) dataOf(await buyer.post('/api/v1/membership/cancel'));
    dataOf(await buyer.subscribe(cheap));
    expect((await buyer.me()).scheduled).toMatchObject({ plan_id: cheap });
    dataOf(await buyer.post('/api/v1/membership/cancel'));
    expect(await buyer.me()).toMatchObject({ status: 'cancelled', auto_renew: false, scheduled: null });
  });

  it('closes the open order, and frees its voucher', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium');
    const voucher_id = await shop.voucher(buyer);
    const { order_id } = dataOf(await buyer.renew('monthly', { voucher_id }));
    dataOf(await buyer.subscribe(cheap));
    expect((await buyer.order(order_id)).status).toBe('closed');
    expect(await buyer.vouchers()).toEqual(['unused']);
  });

  it('is paid from the wallet at that day’s price a day before, and begins at the end', async () => {
    const plan = await shop.plan({ name: 'Moving', price_monthly: '10.00' });
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium', 'monthly', { auto_renew: true });
    await shop.fund(buyer, '500.00');
    const [begin, end] = [(await buyer.me()).started_at, await endOf(buyer)];
    dataOf(await buyer.subscribe(plan));
    dataOf(await (await shop.admin()).put(`/admin/v1/membership/plans/${plan}`, { price_monthly: '12.34' }));

    await shop.at(end - DAY - 1000);
    await shop.cron();
    expect((await buyer.wallet()).balance).toBe('500.00');
    expect((await buyer.mails()).length).toBe(0);

    await shop.at(end - DAY);
    await shop.cron();
    await shop.cron();
    expect((await buyer.wallet()).balance).toBe('487.66');
    const [order] = await buyer.orders();
    expect(order).toMatchObject({ kind: 'downgrade', status: 'paid', paid_amount: '12.34', plan_id: plan });
    expect(await buyer.me()).toMatchObject({
      plan_id: 'plan_premium',
      scheduled: {
        plan_id: plan,
        period: 'monthly',
        starts_at: new Date(end).toISOString().replace('.000', ''),
      },
    });
    expect(await buyer.actions()).toEqual(['subscribe']);
    expectError(await drop(buyer), 409, 'downgrade_paid');
    // Cancelling now stops only what comes after it.
    dataOf(await buyer.post('/api/v1/membership/cancel'));
    expect((await buyer.me()).scheduled).toMatchObject({ plan_id: plan });
    expectError(await drop(buyer), 409, 'downgrade_paid');

    await shop.at(end - 1000);
    expect((await buyer.me()).plan_id).toBe('plan_premium');
    await shop.at(end);
    const after = await buyer.me();
    expect(after).toMatchObject({ plan_id: plan, status: 'cancelled', scheduled: null, started_at: begin });
    await shop.cron();
    await shop.cron();
    const [event, ...rest] = await buyer.history();
    expect(event).toMatchObject({
      action: 'downgrade',
      plan_name: 'Moving',
      amount: '12.34',
      original_amount: '12.34',
      order_id: order.order_id,
      started_at: new Date(end).toISOString().replace('.000', ''),
      expired_at: after.expired_at,
      created_at: new Date(end).toISOString().replace('.000', ''),
    });
    expect(rest.map(({ action }: { action: string }) => action)).toEqual(['cancel', 'subscribe']);
    await expectLedgerSums();
  });

  it('that the wallet does not cover ends the membership, with a mail', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium', 'monthly', { auto_renew: true });
    await shop.fund(buyer, '9.99');
    const end = await endOf(buyer);
    dataOf(await buyer.subscribe(cheap));
    await shop.at(end - DAY);
    await shop.cron();
    expect((await buyer.mails()).length).toBe(1);
    await shop.at(end);
    await shop.cron();
    expect(await buyer.me()).toMatchObject({ status: 'expired', scheduled: null });
    expect(await buyer.actions()).toEqual(['expired', 'subscribe']);
    expect((await buyer.mails()).length).toBe(2);
    expect((await buyer.wallet()).balance).toBe('9.99');
    // A plan that is bought again afterwards is not followed by what was never paid.
    await shop.fund(buyer, '500.00');
    await buyer.buy('plan_premium');
    expect((await buyer.me()).scheduled).toBeNull();
  });

  it('that is paid in its last hours begins at the end, not when it was paid', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium');
    const end = await endOf(buyer);
    dataOf(await buyer.subscribe(cheap));
    await shop.at(end - DAY);
    await shop.cron();
    await shop.fund(buyer, '10.00');
    await shop.at(end - 3_600_000);
    await shop.cron();
    expect((await buyer.wallet()).balance).toBe('0.00');
    // Cron is late: what began and ended meanwhile is in the history all the same, in its order.
    await shop.at(end + 50 * DAY);
    await shop.cron();
    expect(await buyer.actions()).toEqual(['expired', 'downgrade', 'subscribe']);
    const [expired, downgrade] = await buyer.history();
    expect(downgrade).toMatchObject({ started_at: new Date(end).toISOString().replace('.000', '') });
    expect(expired.expired_at).toBe(downgrade.expired_at);
    expect(await buyer.me()).toMatchObject({ status: 'expired', plan_id: cheap });
  });

  it('that has begun is in the history though a dearer one replaced it before cron came', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium');
    await shop.fund(buyer, '10.00');
    const end = await endOf(buyer);
    dataOf(await buyer.subscribe(cheap));
    await shop.at(end - DAY);
    await shop.cron();
    await shop.at(end);
    await buyer.buy('plan_basic');
    await shop.cron();
    expect(await buyer.actions()).toEqual(['upgrade', 'downgrade', 'subscribe']);
  });
});
