import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, expectLedgerSums, Shop } from '../support/money.ts';

const shop = new Shop();

async function toppedUp(buyer: Buyer, amount: string): Promise<string> {
  const { order_id } = dataOf(await buyer.post('/api/v1/wallet/topups', { amount }));
  return buyer.settle(order_id);
}
const refundedOutside = (id: string, form: Record<string, string> = {}) =>
  shop.client.cashier(id, { action: 'refund', ...form });
/** A top-up of 100.00 of which 49.00 are spent. */
async function spent() {
  const buyer = await shop.buyer();
  const id = await toppedUp(buyer, '100.00');
  const { order_id } = await buyer.ordered('plan_basic');
  dataOf(await buyer.pay(order_id));
  expect((await buyer.wallet()).balance).toBe('51.00');
  return { buyer, id };
}

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
});
afterEach(expectLedgerSums);

describe('a provider’s refund of a top-up', () => {
  it('that is still there takes it', async () => {
    const buyer = await shop.buyer();
    const id = await toppedUp(buyer, '100.00');
    await refundedOutside(id, { amount: '30.00' });
    expect(await buyer.wallet()).toEqual({ balance: '70.00', debt: '0.00' });
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', refunded_amount: '30.00' });
    await refundedOutside(id, { times: '20' });
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
    expect(await buyer.order(id)).toMatchObject({ status: 'refunded', refunded_amount: '100.00' });
    expect(await buyer.actions()).toEqual([]);
  });

  it('that is spent leaves a debt, which blocks spending and is paid first', async () => {
    const { buyer, id } = await spent();
    await refundedOutside(id);
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '49.00' });
    expect((await buyer.me()).status).toBe('active');
    const { items } = dataOf(await buyer.get('/api/v1/wallet/entries'));
    expect(items[0]).toMatchObject({ amount: '-100.00', balance_after: '-49.00' });
    const admin = await shop.admin();
    const down = { asset: 'CNY', amount: '-0.01', reason: 'a test', reference: 'down' };
    expectError(await admin.post(`/admin/v1/wallets/${buyer.id}/adjust`, down), 409, 'wallet_short');

    await toppedUp(buyer, '20.00');
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '29.00' });
    const { order_id } = dataOf(await buyer.renew());
    expectError(await buyer.pay(order_id), 409, 'wallet_short');
    await shop.fund(buyer, '29.00');
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
    await shop.fund(buyer, '78.00');
    dataOf(await buyer.pay(order_id));
    expect(await buyer.wallet()).toEqual({ balance: '29.00', debt: '0.00' });
    expect(await buyer.order(order_id)).toMatchObject({ status: 'paid' });
  });

  it('leaves other assets alone, and their spending', async () => {
    const { buyer, id } = await spent();
    const admin = await shop.admin();
    const give = { asset: 'points', amount: '9.00', reason: 'a test', reference: 'p' };
    dataOf(await admin.post(`/admin/v1/wallets/${buyer.id}/adjust`, give));
    await refundedOutside(id);
    const take = { ...give, amount: '-9.00', reference: 'q' };
    dataOf(await admin.post(`/admin/v1/wallets/${buyer.id}/adjust`, take));
    expect(await buyer.wallet()).toMatchObject({ debt: '49.00' });
    expect((await buyer.wallet('points')).balance).toBe('0.00');
  });

  it('keeps an automatic renewal from being paid', async () => {
    const { buyer, id } = await spent();
    dataOf(await buyer.post('/api/v1/membership/resume'));
    await refundedOutside(id);
    const end = Date.parse((await buyer.me()).expired_at) + 1000;
    await shop.at(end - 86_400_000);
    await shop.cron();
    expect(await buyer.actions()).toEqual(['subscribe']);
    await shop.fund(buyer, '97.99');
    await shop.at(end - 43_200_000);
    await shop.cron();
    expect(await buyer.actions()).toEqual(['subscribe']);
    await shop.fund(buyer, '0.01');
    await shop.at(end - 3_600_000);
    await shop.cron();
    expect(await buyer.actions()).toEqual(['renew', 'subscribe']);
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
  });

  it('of wallet money that a refunded order brings back pays the debt first', async () => {
    const { buyer, id } = await spent();
    await refundedOutside(id);
    const [order] = (await buyer.orders()).filter(({ program }: { program: string }) => program === 'token');
    dataOf(await shop.refund(order.order_id));
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
  });
});

describe('an admin’s refund of a top-up', () => {
  it('goes as far as the balance', async () => {
    const { buyer, id } = await spent();
    expectError(await shop.refund(id, { amount: '51.01' }), 409, 'refund_exceeds');
    expect(dataOf(await shop.refund(id, { amount: '1.00' }))).toMatchObject({ refunded_amount: '1.00' });
    expect(dataOf(await shop.refund(id))).toMatchObject({ status: 'paid', refunded_amount: '51.00' });
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
    const refused = await shop.refund(id);
    expect(refused.status, JSON.stringify(refused.body)).toBe(409);
    await shop.cron();
    const { refunds, payments } = await shop.detail(id);
    expect(refunds.map(({ amount }: { amount: string }) => amount)).toEqual(['1.00', '50.00']);
    expect(payments).toMatchObject([{ refunded_amount: '51.00' }]);
    // What comes in later can go back too, up to what was paid.
    await shop.fund(buyer, '500.00');
    expect(dataOf(await shop.refund(id))).toMatchObject({ status: 'refunded', refunded_amount: '100.00' });
    expect((await buyer.wallet()).balance).toBe('451.00');
  });

  it('happens once, of ten at once, also while the money is being spent', async () => {
    const buyer = await shop.buyer();
    const id = await toppedUp(buyer, '49.00');
    const { order_id } = await buyer.ordered('plan_basic');
    const answers = await Promise.all([
      buyer.pay(order_id),
      ...Array.from({ length: 10 }, () => shop.refund(id)),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 200) expect(answer.status).toBe(409);
    expect(await buyer.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
  });
});
