import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, expectLedgerSums, Shop } from '../support/money.ts';

const DAY = 86_400;
const shop = new Shop();

async function bought(plan = 'plan_basic', period = 'monthly', fields: object = {}) {
  const buyer = await shop.buyer();
  return { buyer, id: await buyer.buy(plan, period, fields) };
}
const renewed = async (buyer: Buyer, period = 'monthly') =>
  buyer.settle(dataOf(await buyer.renew(period)).order_id);
const limitOf = async (key: string) =>
  dataOf(await shop.client.get('/api/v1/quota', { token: key })).limits[0].limit;

describe('a refund by an admin', () => {
  beforeAll(async () => {
    await shop.open('2027-01-31T00:00:00Z');
  });

  it('of everything ends what the order granted, and gives no voucher back', async () => {
    const buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer);
    const id = await buyer.buy('plan_basic', 'monthly', { voucher_id });
    const { key } = await shop.client.newApiKey(await buyer.token());
    expect(await limitOf(key)).toBe(100_000);
    await shop.pass(3 * DAY);
    const refunded = dataOf(await shop.refund(id, { reason: 'asked for it' }));
    expect(refunded).toMatchObject({ status: 'refunded', paid_amount: '29.00', refunded_amount: '29.00' });
    expect(await limitOf(key)).toBe(10_000);
    expect(await buyer.me()).toMatchObject({ effective_benefits: { tpm: 10_000 }, auto_renew: false });
    expect(['none', 'expired']).toContain((await buyer.me()).status);
    const [event, ...rest] = await buyer.history();
    expect(event).toMatchObject({ action: 'expired', reason: 'refunded', order_id: id, amount: '0.00' });
    expect(rest).toMatchObject([{ action: 'subscribe', amount: '29.00', original_amount: '49.00' }]);
    expect(rest[0]).not.toHaveProperty('reason');
    expect(await buyer.vouchers()).toEqual(['used']);

    await shop.cron();
    expect(await shop.detail(id)).toMatchObject({
      payments: [{ state: 'applied', amount: '29.00', refunded_amount: '29.00' }],
      refunds: [{ amount: '29.00', state: 'done', reason: 'asked for it', provider: 'sandbox' }],
    });
    const audit = dataOf(await (await shop.admin()).get(`/admin/v1/audit-logs?target=${id}`)).items;
    expect(audit).toMatchObject([{ action: 'order.refunded', detail: { amount: '29.00' } }]);
    expect(await buyer.actions()).toEqual(['expired', 'subscribe']);
    expectError(await shop.refund(id), 409, 'order_not_refundable');
  });

  it('of a part touches amounts only; never more than what is left', async () => {
    const { buyer, id } = await bought();
    const before = await buyer.me();
    expect(dataOf(await shop.refund(id, { amount: '9.00' }))).toMatchObject({
      status: 'paid',
      refunded_amount: '9.00',
    });
    expect(await buyer.me()).toEqual(before);
    expect(await buyer.actions()).toEqual(['subscribe']);
    const refused = await shop.refund(id, { amount: '40.01' });
    expectError(refused, 409, 'refund_exceeds');
    expect((await buyer.order(id)).refunded_amount).toBe('9.00');
    // The same amount again is another refund.
    dataOf(await shop.refund(id, { amount: '9.00' }));
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const admin = await shop.admin();
    const body = { amount: '1.00', reason: 'once' };
    for (const _ of [1, 2]) dataOf(await admin.post(`/admin/v1/orders/${id}/refund`, body, { headers }));
    expect((await buyer.order(id)).refunded_amount).toBe('19.00');
    expect(dataOf(await shop.refund(id))).toMatchObject({ status: 'refunded', refunded_amount: '49.00' });
    expect((await buyer.actions())[0]).toBe('expired');
    await shop.cron();
    const { payments, refunds } = await shop.detail(id);
    expect(payments[0].refunded_amount).toBe('49.00');
    expect(refunds).toHaveLength(4);
  });

  it('happens once, of ten at once', async () => {
    const { buyer, id } = await bought();
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.refund(id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect((await buyer.order(id)).refunded_amount).toBe('49.00');
    await shop.cron();
    expect((await shop.detail(id)).refunds).toHaveLength(1);
    const { id: other } = await bought();
    const parts = await Promise.all([1, 2, 3].map(() => shop.refund(other, { amount: '20.00' })));
    expect(parts.map(({ status }) => status).sort()).toEqual([200, 200, 409]);
  });

  it('is an admin’s, of a paid order, with an amount and a reason that can be', async () => {
    const { buyer, id } = await bought();
    expectError(await buyer.post(`/admin/v1/orders/${id}/refund`, { reason: 'mine' }), 403, 'forbidden');
    for (const fields of [
      { reason: undefined },
      { reason: ' ' },
      { reason: 'x'.repeat(201) },
      { amount: '0.00' },
      { amount: '-1.00' },
      { amount: '1.001' },
      { amount: 1 },
    ]) {
      expectError(await shop.refund(id, fields), 400, 'invalid_input');
    }
    expectError(await shop.refund('ord_none'), 404, 'not_found');
    const { order_id } = dataOf(await buyer.renew());
    expectError(await shop.refund(order_id), 409, 'order_not_refundable');
    expect((await buyer.order(id)).refunded_amount).toBe('0.00');
  });

  it('of a renewal in the middle moves the later time up, on the calendar of the chain', async () => {
    const start = '2027-07-31T00:00:00Z';
    await shop.at(start);
    const { buyer } = await bought();
    const middle = await renewed(buyer);
    await renewed(buyer);
    const me = await buyer.me();
    expect(me).toMatchObject({ started_at: start, expired_at: '2027-10-30T23:59:59Z' });
    await shop.pass(DAY);
    dataOf(await shop.refund(middle));
    // 31 Jul → 31 Aug → 30 Sep: two months are left, counted from the start of the chain.
    expect(await buyer.me()).toMatchObject({ started_at: start, expired_at: '2027-09-29T23:59:59Z' });
    await renewed(buyer);
    expect((await buyer.me()).expired_at).toBe('2027-10-30T23:59:59Z');
  });

  it('keeps a month’s end through a shorter month', async () => {
    await shop.at('2027-10-31T00:00:00Z');
    const { buyer } = await bought();
    const middle = await renewed(buyer);
    await renewed(buyer);
    await shop.at('2027-11-05T00:00:00Z');
    expect((await buyer.me()).expired_at).toBe('2028-01-30T23:59:59Z');
    // Refunding the second leaves 31 Oct → 30 Nov → 31 Dec.
    dataOf(await shop.refund(middle));
    expect((await buyer.me()).expired_at).toBe('2027-12-30T23:59:59Z');
  });

  it('of what runs now lets what comes later begin at once', async () => {
    const { buyer, id } = await bought();
    await renewed(buyer, 'yearly');
    await shop.pass(DAY);
    dataOf(await shop.refund(id));
    const me = await buyer.me();
    expect(me).toMatchObject({ status: 'active', period: 'yearly' });
    expect(Date.parse(me.started_at)).toBe(await shop.now());
    expect((Date.parse(me.expired_at) + 1000 - (await shop.now())) / 86_400_000).toBeGreaterThanOrEqual(365);
  });

  it('of an upgrade brings the old plan back until its old end, and its credit with it', async () => {
    const { buyer, id } = await bought();
    const old = await buyer.me();
    await renewed(buyer);
    const { expired_at } = await buyer.me();
    await shop.pass(DAY);
    const up = await buyer.buy('plan_premium');
    const { credit_amount, final_amount } = await buyer.order(up);
    await shop.pass(DAY);
    const { credited_amount } = await shop.detail(id);
    const left = (4900 - Math.round(Number(credited_amount) * 100)) / 100;
    const refused = await shop.refund(id, { amount: (left + 0.01).toFixed(2) });
    expectError(refused, 409, 'refund_exceeds');
    expect(refused.body.data).toEqual({ refundable: left.toFixed(2) });
    expect(dataOf(await shop.refund(up))).toMatchObject({
      status: 'refunded',
      refunded_amount: final_amount,
      credit_amount,
    });
    expect(await buyer.me()).toMatchObject({
      status: 'active',
      plan_id: 'plan_basic',
      started_at: old.started_at,
      expired_at,
    });
    expect((await buyer.history())[0]).toMatchObject({ action: 'expired', reason: 'refunded', order_id: up });
    expect((await shop.detail(id)).credited_amount).toBe('0.00');
    dataOf(await shop.refund(id, { amount: '48.99' }));
  });

  it('of what was upgraded gives back what the credit left, and leaves the upgrade alone', async () => {
    const { buyer, id } = await bought();
    await shop.pass(10 * DAY);
    const up = await buyer.buy('plan_premium');
    const me = await buyer.me();
    const { credit_amount } = await buyer.order(up);
    const rest = (4900 - Math.round(Number(credit_amount) * 100)) / 100;
    expect(dataOf(await shop.refund(id))).toMatchObject({
      status: 'refunded',
      refunded_amount: rest.toFixed(2),
    });
    expect(await buyer.me()).toEqual(me);
    // Nothing is left to bring back.
    dataOf(await shop.refund(up));
    expect(['none', 'expired']).toContain((await buyer.me()).status);
    // Its credit came back to the first order: paid − refunded − credit taken out of it can go back too.
    expect((await shop.detail(id)).credited_amount).toBe('0.00');
    expect(dataOf(await shop.refund(id))).toMatchObject({ refunded_amount: '49.00' });
    expectError(await shop.refund(id), 409, 'order_not_refundable');
  });

  it('of what the wallet paid goes back into it', async () => {
    const buyer = await shop.buyer();
    await shop.fund(buyer, '60.00');
    const { order_id } = await buyer.ordered('plan_basic');
    dataOf(await buyer.pay(order_id));
    dataOf(await shop.refund(order_id, { amount: '10.00' }));
    expect((await buyer.wallet()).balance).toBe('21.00');
    dataOf(await shop.refund(order_id));
    expect((await buyer.wallet()).balance).toBe('60.00');
    const { items } = dataOf(await buyer.get('/api/v1/wallet/entries'));
    expect(items.map(({ amount }: { amount: string }) => amount)).toEqual([
      '39.00',
      '10.00',
      '-49.00',
      '60.00',
    ]);
    await expectLedgerSums();
  });
});
