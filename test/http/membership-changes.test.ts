import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, db, faultsOf, Shop } from '../support/money.ts';

const DAY = 86_400;
const shop = new Shop();
const top: Record<string, string> = {};

/** What a price comes to for the seconds that are left, in cents rounded down. */
function share(cents: number, left: number, whole: number): string {
  return (Number((BigInt(cents) * BigInt(left)) / BigInt(whole)) / 100).toFixed(2);
}

async function audited(action: string, target: string): Promise<number> {
  const admin = await shop.admin();
  return dataOf(await admin.get(`/admin/v1/audit-logs?action=${action}&target=${target}`)).total;
}

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
  top.id = await shop.plan({ name: 'Top', code: 'top', price_monthly: '300.00', price_yearly: '3000.00' });
});

describe('an upgrade', () => {
  it('is credited to the second, rounded down to the cent, and begins when it is paid', async () => {
    const buyer = await shop.buyer();
    const first = await buyer.buy('plan_basic', 'monthly', { auto_renew: true });
    await shop.pass(10 * DAY + 1);
    const left = 18 * DAY - 1;
    const credit = share(4900, left, 28 * DAY);
    expect(credit).toBe('31.49');
    const ordered = await buyer.ordered('plan_premium', 'monthly');
    expect(ordered).toMatchObject({
      original_amount: '199.00',
      discount_amount: '0.00',
      credit_amount: credit,
      final_amount: '167.51',
    });
    expect(await buyer.order(ordered.order_id)).toMatchObject({ kind: 'upgrade', credit_amount: credit });
    expect((await buyer.me()).plan_id).toBe('plan_basic');
    // Paid later, it keeps its price and begins then.
    await shop.pass(600);
    await buyer.settle(ordered.order_id);
    expect(await buyer.me()).toMatchObject({
      plan_id: 'plan_premium',
      status: 'active',
      started_at: '2027-02-11T00:10:01Z',
      expired_at: '2027-03-11T00:10:00Z',
      auto_renew: true,
      effective_benefits: { tpm: 500_000 },
    });
    const [event] = await buyer.history();
    expect(event).toMatchObject({
      action: 'upgrade',
      plan_name: '高级版',
      amount: '167.51',
      original_amount: '199.00',
      order_id: ordered.order_id,
      started_at: '2027-02-11T00:10:01Z',
      expired_at: '2027-03-11T00:10:00Z',
    });
    expect(await shop.detail(first)).toMatchObject({ credited_amount: credit, paid_amount: '49.00' });

    // Credit used earlier counts as paid: the whole 199.00 is there in the same second.
    expect(await buyer.ordered('plan_top')).toMatchObject({
      credit_amount: '199.00',
      final_amount: '101.00',
    });
  });

  it('adds up every unexpired grant, less what was refunded', async () => {
    const buyer = await shop.buyer();
    const first = await buyer.buy('plan_basic');
    await buyer.buy('plan_basic', 'yearly');
    dataOf(await shop.refund(first, { amount: '9.00' }));
    expect(await buyer.ordered('plan_top', 'yearly')).toMatchObject({
      credit_amount: '530.00',
      final_amount: '2470.00',
    });
  });

  it('whose credit is above the price is refused, naming the period that takes it', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_premium', 'yearly');
    const refused = await buyer.subscribe('plan_top', 'monthly');
    expectError(refused, 409, 'credit_exceeds_price');
    expect(refused.body.data).toEqual({ period: 'yearly' });
    expect(JSON.stringify(faultsOf(refused))).toContain('yearly');
    expect(await buyer.orders()).toHaveLength(1);
    expect((await buyer.ordered('plan_top', 'yearly')).credit_amount).toBe('1990.00');
  });

  it('is one to a plan that is equally dear, and compares both on the same footing', async () => {
    const twin = await shop.plan({ price_monthly: '199.00' });
    const [dearer, cheaper] = [
      await shop.plan({ price_yearly: '490.01' }),
      await shop.plan({ price_yearly: '489.99' }),
    ];
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic', 'yearly');
    expect((await buyer.ordered(cheaper, 'yearly')).order_id).toBeNull();
    const up = await buyer.ordered(dearer, 'yearly');
    expect(await buyer.order(up.order_id)).toMatchObject({ kind: 'upgrade', credit_amount: '490.00' });
    const other = await shop.buyer();
    await other.buy('plan_premium');
    const same = await other.ordered(twin);
    expect(same).toMatchObject({ credit_amount: '199.00', final_amount: '0.00' });
    expect(await other.order(same.order_id)).toMatchObject({ kind: 'upgrade', status: 'paid' });
    expect((await other.me()).plan_id).toBe(twin);
  });

  it('carries over what was used today; the new limits count from the next request', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic');
    const { key } = await shop.client.newApiKey(await buyer.token());
    const use = { tokens: 50_000, model: 'gpt-4o', request_id: 'r1' };
    dataOf(await shop.client.post('/api/v1/quota/consume', use, { token: key }));
    await buyer.buy('plan_premium');
    const { limits } = dataOf(await shop.client.get('/api/v1/quota', { token: key }));
    const day = limits.find(({ metric }: { metric: string }) => metric === 'tpd');
    expect(day).toMatchObject({ limit: 10_000_000, used: 50_000 });
    expect((await buyer.me()).usage_this_month.tokens_used).toBe(50_000);
    const more = { tokens: 200_000, model: 'gpt-4o', request_id: 'r2' };
    dataOf(await shop.client.post('/api/v1/quota/consume', more, { token: key }));
  });
});

describe('renewing and resuming', () => {
  it('renews nothing that was never held, and no disabled plan', async () => {
    const buyer = await shop.buyer();
    expectError(await buyer.renew(), 409, 'membership_none');
    expectError(await buyer.post('/api/v1/membership/resume'), 409, 'membership_none');
    expectError(await buyer.renew('weekly'), 400, 'invalid_input');
    const old = await shop.plan({ price_monthly: '5.00' });
    const open = await shop.buyer();
    await buyer.buy(old);
    const { order_id } = await open.ordered(old);
    dataOf(await (await shop.admin()).put(`/admin/v1/membership/plans/${old}`, { status: 'disabled' }));
    expectError(await buyer.renew(), 409, 'plan_disabled');
    expect((await buyer.me()).status).toBe('active');
    // Open orders stay payable.
    await open.settle(order_id);
    expect((await open.me()).plan_id).toBe(old);
  });

  it('stays cancelled through a renewal until it is resumed, which only the audit log tells', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic', 'monthly', { auto_renew: true });
    dataOf(await buyer.post('/api/v1/membership/cancel', { reason: '暂时不需要了' }));
    const { order_id } = dataOf(await buyer.renew('yearly', { voucher_id: null }));
    await buyer.settle(order_id);
    const before = await buyer.me();
    expect(before).toMatchObject({ status: 'cancelled', auto_renew: false });
    expect(dataOf(await buyer.post('/api/v1/membership/resume'))).toEqual({
      status: 'active',
      auto_renew: true,
      valid_until: before.expired_at,
    });
    expect(await buyer.me()).toMatchObject({ status: 'active', auto_renew: true });
    expect(await buyer.actions()).toEqual(['renew', 'cancel', 'subscribe']);
    expect(await audited('membership.resumed', buyer.id)).toBe(1);
  });

  it('keeps an automatic renewal through a renewal by hand', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic', 'monthly', { auto_renew: true });
    await buyer.settle(dataOf(await buyer.renew()).order_id);
    expect(await buyer.me()).toMatchObject({ status: 'active', auto_renew: true });
  });

  it('keeps `cancelled` through a renewal after the end', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic', 'monthly', { auto_renew: true });
    dataOf(await buyer.post('/api/v1/membership/cancel'));
    await shop.pass(40 * DAY);
    await shop.cron();
    await buyer.settle(dataOf(await buyer.renew()).order_id);
    expect(await buyer.me()).toMatchObject({ status: 'cancelled', auto_renew: false });
  });
});

describe('orders of one program', () => {
  it('are paid at most 36 months ahead', async () => {
    const buyer = await shop.buyer();
    for (const _ of [1, 2, 3]) await buyer.buy('plan_basic', 'yearly');
    expectError(await buyer.subscribe('plan_basic', 'monthly'), 409, 'membership_too_long');
    expectError(await buyer.renew('monthly'), 409, 'membership_too_long');
    expect(await buyer.orders()).toHaveLength(3);
    await shop.pass(31 * DAY);
    expect((await buyer.renew('monthly')).status).toBe(200);
    expectError(await buyer.renew('yearly'), 409, 'membership_too_long');
  });

  it('are open one at a time; a newer one frees the voucher of the one before', async () => {
    const buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer);
    const first = await buyer.ordered('plan_basic', 'yearly', { voucher_id });
    expect(await buyer.ordered('plan_basic', 'yearly', { voucher_id })).toEqual(first);
    expect(await buyer.vouchers()).toEqual(['locked']);
    const second = await buyer.ordered('plan_premium', 'yearly');
    expect((await buyer.order(first.order_id)).status).toBe('closed');
    expect(await buyer.vouchers()).toEqual(['unused']);
    const third = await buyer.ordered('plan_premium', 'yearly', { voucher_id });
    const again = await buyer.ordered('plan_premium', 'monthly', { voucher_id });
    expect(await buyer.vouchers()).toEqual(['locked']);
    await buyer.settle(again.order_id);
    for (const { order_id } of [second, third]) {
      expect((await buyer.order(order_id)).status).toBe('closed');
      expectError(await buyer.pay(order_id), 409, 'order_not_payable');
      expectError(await buyer.cancelOrder(order_id), 409, 'order_not_cancellable');
    }
    expect(await buyer.vouchers()).toEqual(['used']);
  });

  it('close before an automatic renewal, which frees their voucher', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic', 'monthly', { auto_renew: true });
    await shop.fund(buyer, '49.00');
    const end = Date.parse((await buyer.me()).expired_at) + 1000;
    const voucher_id = await shop.voucher(buyer);
    await shop.at(end - DAY * 1000 - 60_000);
    await shop.cron();
    const { order_id } = dataOf(await buyer.renew('yearly', { voucher_id }));
    expect(await buyer.actions()).toEqual(['subscribe']);
    await shop.at(end - DAY * 1000);
    await shop.cron();
    expect((await buyer.order(order_id)).status).toBe('closed');
    expect(await buyer.vouchers()).toEqual(['unused']);
    const [event] = await buyer.history();
    expect(event).toMatchObject({ action: 'renew', auto: true, amount: '49.00', original_amount: '49.00' });
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
  });

  it('are thirty an hour', async () => {
    const buyer = await shop.buyer();
    const place = (n: number) => buyer.subscribe('plan_basic', n % 2 ? 'monthly' : 'yearly');
    for (let n = 0; n < 29; n += 1) dataOf(await place(n));
    dataOf(await buyer.post('/api/v1/wallet/topups', { amount: '1.00' }));
    expectError(await place(1), 429, 'order_throttled');
    expectError(await buyer.post('/api/v1/wallet/topups', { amount: '1.00' }), 429, 'order_throttled');
    // The same wish is the same order, and no new one; the one that is open is untouched.
    expect((await place(28)).status).toBe(200);
    expect(await openOrders(buyer)).toBe(2);
    await shop.pass(3601);
    dataOf(await place(1));
  });
});

async function openOrders({ id }: Buyer): Promise<unknown> {
  return db
    .prepare("select count(*) as n from orders where owner = ? and status = 'pending'")
    .bind(id)
    .first('n');
}
