import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, Shop } from '../support/money.ts';

const MINUTE = 60;
const shop = new Shop();

async function ordering(fields: object = {}): Promise<{ buyer: Buyer; id: string }> {
  const buyer = await shop.buyer();
  return { buyer, id: (await buyer.ordered('plan_basic', 'monthly', fields)).order_id };
}
async function withVoucher() {
  const buyer = await shop.buyer();
  const voucher_id = await shop.voucher(buyer);
  const { order_id: id } = await buyer.ordered('plan_basic', 'monthly', { voucher_id });
  return { buyer, id, voucher_id };
}
const cashier = (id: string, form: Record<string, string> = {}) =>
  shop.client.cashier(id, { action: 'pay', ...form });

/** The money of an order went back, and nothing was granted for it. */
async function expectReturned(buyer: Buyer, id: string, amount: string): Promise<void> {
  await shop.cron();
  const { status, payments, refunds } = await shop.detail(id);
  expect(status).toBe('closed');
  expect(payments).toMatchObject([{ amount, refunded_amount: amount }]);
  expect(refunds).toMatchObject([{ amount, state: 'done' }]);
  expect((await buyer.history()).filter((one: { order_id: string }) => one.order_id === id)).toEqual([]);
}

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
});

describe('a lost notification', () => {
  it('is found five minutes later', async () => {
    const { buyer, id } = await ordering();
    dataOf(await buyer.pay(id, 'sandbox'));
    expect((await cashier(id, { times: '0' })).body).toMatchObject({ status: 'pending', answers: [] });
    await shop.pass(5 * MINUTE - 1);
    await shop.cron();
    expect((await buyer.order(id)).status).toBe('pending');
    await shop.pass(1);
    await Promise.all([shop.cron(), shop.cron()]);
    expect((await buyer.order(id)).status).toBe('paid');
    expect(await buyer.actions()).toEqual(['subscribe']);
    expect((await shop.detail(id)).payments).toMatchObject([{ state: 'applied' }]);
  });

  it('of what was paid later is found when the order closes', async () => {
    const { buyer, id, voucher_id } = await withVoucher();
    dataOf(await buyer.pay(id, 'sandbox'));
    await shop.pass(5 * MINUTE);
    await shop.cron();
    await cashier(id, { times: '0' });
    await shop.pass(24 * MINUTE);
    await shop.cron();
    expect((await buyer.order(id)).status).toBe('pending');
    await shop.pass(MINUTE);
    await shop.cron();
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', voucher_id, paid_amount: '29.00' });
    expect(await buyer.vouchers()).toEqual(['used']);
    expect((await buyer.me()).status).toBe('active');
  });

  it('with a wrong amount grants nothing, and does not keep the order open', async () => {
    const { buyer, id } = await withVoucher();
    dataOf(await buyer.pay(id, 'sandbox'));
    await cashier(id, { times: '0', amount: '1.00' });
    await shop.pass(5 * MINUTE);
    await shop.cron();
    expect(await shop.aside('mismatched', id)).toHaveLength(1);
    await shop.pass(24 * 60 * MINUTE);
    await shop.cron();
    expect((await buyer.order(id)).status).toBe('closed');
    expect(await buyer.vouchers()).toEqual(['unused']);
    expect(await shop.aside('mismatched', id)).toHaveLength(1);
  });
});

describe('an order', () => {
  it('is not payable after half an hour, and closed by cron, its voucher free again', async () => {
    const { buyer, id } = await withVoucher();
    const other = await withVoucher();
    dataOf(await buyer.pay(id, 'sandbox'));
    const { created_at, expires_at } = await buyer.order(id);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(30 * MINUTE * 1000);
    await shop.fund(buyer, '100.00');
    await shop.pass(30 * MINUTE - 1);
    await shop.cron();
    expect((await buyer.order(id)).status).toBe('pending');
    dataOf(await buyer.pay(id, 'sandbox'));
    await shop.pass(1);
    for (const provider of ['wallet', 'sandbox']) {
      expectError(await buyer.pay(id, provider), 409, 'order_not_payable');
    }
    expect(await buyer.vouchers()).toEqual(['locked']);
    await shop.cron();
    for (const one of [{ buyer, id }, other]) {
      expect((await one.buyer.order(one.id)).status).toBe('closed');
      expect(await one.buyer.vouchers()).toEqual(['unused']);
    }
    const { closed_reason, attempts } = await shop.detail(id);
    expect(closed_reason).toBe('expired');
    expect(attempts).toMatchObject([{ state: 'cancelled' }, { state: 'cancelled' }]);
    expectError(await buyer.cancelOrder(id), 409, 'order_not_cancellable');
  });

  it('takes one attempt after another, and refuses what it does not know', async () => {
    const { buyer, id } = await ordering();
    expectError(await buyer.pay(id, 'barter'), 400, 'provider_unavailable');
    expectError(await buyer.pay(id, 'stripe'), 400, 'provider_unavailable');
    expectError(await buyer.post(`/api/v1/orders/${id}/pay`, {}), 400, 'invalid_input');
    const bad = { provider: 'sandbox', return_url: 'javascript:alert(1)' };
    expectError(await buyer.post(`/api/v1/orders/${id}/pay`, bad), 400, 'invalid_input');
    const started = dataOf(await buyer.pay(id, 'sandbox'));
    const { expires_at } = await buyer.order(id);
    expect(started).toEqual({
      order_id: id,
      provider: 'sandbox',
      expires_at,
      parameters: { pay_url: expect.stringContaining(`/dev/cashier/${id}`) },
    });
    dataOf(await buyer.pay(id, 'sandbox'));
    const states = async () => (await shop.detail(id)).attempts.map((one: { state: string }) => one.state);
    expect(await states()).toEqual(['cancelled', 'started']);
    await cashier(id, { action: 'fail' });
    expect(await states()).toEqual(['cancelled', 'failed']);
    expect((await buyer.order(id)).status).toBe('pending');
    expectError(await buyer.pay(id), 409, 'wallet_short');
    dataOf(await buyer.pay(id, 'sandbox'));
    await buyer.settle(id);
    expect(await states()).toEqual(['cancelled', 'failed', 'paid']);
    for (const provider of ['wallet', 'sandbox']) {
      expectError(await buyer.pay(id, provider), 409, 'order_not_payable');
    }
    expectError(await buyer.cancelOrder(id), 409, 'order_not_cancellable');
  });

  it('is nobody else’s', async () => {
    const { buyer, id } = await ordering();
    const stranger = await shop.buyer();
    for (const answer of [
      await stranger.get(`/api/v1/orders/${id}`),
      await stranger.pay(id, 'sandbox'),
      await stranger.pay(id, 'barter'),
      await stranger.cancelOrder(id),
      await buyer.get('/api/v1/orders/ord_none'),
    ]) {
      expectError(answer, 404, 'not_found');
    }
    expect((await buyer.order(id)).status).toBe('pending');
  });
});

describe('what is paid after closing', () => {
  it.each([['cancel'], ['time']])('is good where nothing stands against it (closed by %s)', async (by) => {
    const { buyer, id } = await withVoucher();
    dataOf(await buyer.pay(id, 'sandbox'));
    if (by === 'cancel') {
      expect(dataOf(await buyer.cancelOrder(id)).status).toBe('closed');
    } else {
      await shop.pass(31 * MINUTE);
      await shop.cron();
    }
    expect((await buyer.order(id)).status).toBe('closed');
    expect(await buyer.vouchers()).toEqual(['unused']);
    await cashier(id, { times: '5' });
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', paid_amount: '29.00' });
    expect(await buyer.vouchers()).toEqual(['used']);
    expect(await buyer.actions()).toEqual(['subscribe']);
  });

  it('goes back where something newer was ordered', async () => {
    const { buyer, id } = await ordering();
    const { order_id: newer } = await buyer.ordered('plan_premium');
    dataOf(await buyer.cancelOrder(newer));
    await cashier(id, { times: '5' });
    await expectReturned(buyer, id, '49.00');
    expect((await buyer.me()).status).toBe('none');
  });

  it('goes back where the voucher is gone', async () => {
    const { buyer, id } = await withVoucher();
    await shop.pass(31 * MINUTE);
    await shop.cron();
    expect(await buyer.vouchers()).toEqual(['unused']);
    const admin = await shop.admin();
    const { items } = dataOf(await admin.get('/admin/v1/vouchers'));
    dataOf(await admin.post(`/admin/v1/vouchers/${items[0].voucher_type_id}/void`));
    await cashier(id);
    await expectReturned(buyer, id, '29.00');
  });

  it('goes back where the credit would be another', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic');
    const { order_id: id, final_amount } = await buyer.ordered('plan_premium');
    expect(final_amount).toBe('150.00');
    dataOf(await buyer.cancelOrder(id));
    await shop.pass(3600);
    await cashier(id);
    await expectReturned(buyer, id, '150.00');
    expect((await buyer.me()).plan_id).toBe('plan_basic');
  });

  it('goes back where an admin has given a membership meanwhile, also before it was closed', async () => {
    const { buyer, id } = await ordering();
    const body = { plan_id: 'plan_premium', period: 'monthly', reason: 'a gift' };
    dataOf(await (await shop.admin()).post(`/admin/v1/users/${buyer.id}/grants`, body));
    await cashier(id);
    await expectReturned(buyer, id, '49.00');
    expect(await buyer.me()).toMatchObject({ plan_id: 'plan_premium', status: 'active' });
  });

  it('is listed while its refund is pending, and as refunded afterwards', async () => {
    const { buyer, id } = await ordering();
    await buyer.ordered('plan_premium');
    await cashier(id);
    const pending = await shop.aside('refund_pending', id);
    const done = await shop.aside('refunded', id);
    expect([...pending, ...done]).toMatchObject([{ amount: '49.00' }]);
    await shop.cron();
    expect(await shop.aside('refund_pending', id)).toEqual([]);
  });
});
