import { beforeAll, describe, expect, it } from 'vitest';
import { type Buyer, dataOf, Shop } from '../support/money.ts';

const shop = new Shop();

const refund = (id: string, form: Record<string, string> = {}) =>
  shop.client.cashier(id, { action: 'refund', ...form });
const amounts = async (buyer: Buyer, id: string) => {
  const { status, refunded_amount } = await buyer.order(id);
  return [status, refunded_amount];
};

/** A basic plan for a month that was paid with a named transaction. */
async function paid(): Promise<{ buyer: Buyer; id: string; transaction: string }> {
  const buyer = await shop.buyer();
  const { order_id: id } = await buyer.ordered('plan_basic');
  const transaction = `tx-${id}`;
  await shop.client.cashier(id, { action: 'pay', transaction_id: transaction });
  return { buyer, id, transaction };
}

describe('a refund that was made at the provider', () => {
  beforeAll(async () => {
    await shop.open('2027-02-01T00:00:00Z');
  });

  it('is booked once, of twenty notifications', async () => {
    const { buyer, id } = await paid();
    expect((await refund(id, { times: '20' })).body.answers).toEqual(Array(20).fill(200));
    expect(await amounts(buyer, id)).toEqual(['refunded', '49.00']);
    expect(await buyer.actions()).toEqual(['expired', 'subscribe']);
    expect((await buyer.history())[0]).toMatchObject({ reason: 'refunded', order_id: id });
    expect((await buyer.me()).status).not.toBe('active');
    expect((await shop.detail(id)).refunds).toMatchObject([{ amount: '49.00', state: 'done' }]);
  });

  it('tells the sum where it names the payment’s transaction: what is new of it counts', async () => {
    const { buyer, id } = await paid();
    const steps = ['10.00', '10.00', '25.00', '10.00', '25.00'];
    const seen = [];
    for (const amount of steps) {
      await refund(id, { amount });
      seen.push((await amounts(buyer, id))[1]);
    }
    expect(seen).toEqual(['10.00', '10.00', '25.00', '25.00', '25.00']);
    expect((await buyer.me()).status).toBe('active');
    await refund(id, { amount: '49.00' });
    expect(await amounts(buyer, id)).toEqual(['refunded', '49.00']);
    expect((await buyer.me()).status).not.toBe('active');
    await refund(id, { amount: '60.00' });
    expect(await amounts(buyer, id)).toEqual(['refunded', '49.00']);
  });

  it('counts by itself where it names a transaction of its own', async () => {
    const { buyer, id } = await paid();
    const one = { transaction_id: `r1-${id}`, amount: '10.00' };
    const two = { transaction_id: `r2-${id}`, amount: '10.00' };
    for (const form of [one, two, one, two]) await refund(id, form);
    await refund(id, { transaction_id: `r3-${id}`, amount: '5.00', times: '10' });
    expect(await amounts(buyer, id)).toEqual(['paid', '25.00']);
    expect((await shop.detail(id)).payments).toMatchObject([{ refunded_amount: '25.00' }]);
  });

  it('is not booked again after an admin has sent it', async () => {
    const { buyer, id } = await paid();
    dataOf(await shop.refund(id, { amount: '9.00' }));
    await shop.cron();
    await refund(id, { amount: '9.00', times: '5' });
    expect(await amounts(buyer, id)).toEqual(['paid', '9.00']);
    await refund(id, { amount: '12.00' });
    expect(await amounts(buyer, id)).toEqual(['paid', '12.00']);
  });

  it.each([['the payment’s'], ['its own']])(
    'before its payment is kept, and applied after it (%s transaction)',
    async (whose) => {
      const buyer = await shop.buyer();
      const { order_id: id } = await buyer.ordered('plan_basic');
      const transaction = `tx-${id}`;
      const transaction_id = whose === 'its own' ? `r-${id}` : transaction;
      await refund(id, { transaction_id, amount: '9.00', times: '3' });
      expect(await amounts(buyer, id)).toEqual(['pending', '0.00']);
      expect((await shop.detail(id)).refunds).toMatchObject([{ amount: '9.00', state: 'early' }]);
      await shop.client.cashier(id, { action: 'pay', transaction_id: transaction, times: '5' });
      expect(await amounts(buyer, id)).toEqual(['paid', '9.00']);
      expect((await shop.detail(id)).refunds).toMatchObject([{ amount: '9.00', state: 'done' }]);
      await refund(id, { transaction_id, amount: '9.00' });
      expect(await amounts(buyer, id)).toEqual(['paid', '9.00']);
      expect(await buyer.me()).toMatchObject({ status: 'active' });
    },
  );

  it('of everything, before its payment, leaves nothing granted', async () => {
    const buyer = await shop.buyer();
    const { order_id: id } = await buyer.ordered('plan_basic');
    await refund(id, { transaction_id: `tx-${id}`, amount: '49.00' });
    await shop.client.cashier(id, { action: 'pay', transaction_id: `tx-${id}` });
    expect(await amounts(buyer, id)).toEqual(['refunded', '49.00']);
    expect(await buyer.actions()).toEqual(['expired', 'subscribe']);
    expect((await buyer.me()).status).not.toBe('active');
  });

  it('in another currency is not booked', async () => {
    const { buyer, id, transaction } = await paid();
    const fields = { transaction_id: transaction, order_id: id, amount: '49.00', state: 'refunded' };
    expect((await shop.notify({ ...fields, currency: 'USD' })).status).toBe(200);
    expect(await amounts(buyer, id)).toEqual(['paid', '0.00']);
    expect((await buyer.me()).status).toBe('active');
  });

  it('that names one order and the payment of another is not booked', async () => {
    const [one, two] = [await paid(), await paid()];
    const fields = { transaction_id: one.transaction, order_id: two.id, amount: '49.00', state: 'refunded' };
    expect((await shop.notify(fields)).status).toBe(200);
    expect(await amounts(one.buyer, one.id)).toEqual(['paid', '0.00']);
    expect(await amounts(two.buyer, two.id)).toEqual(['paid', '0.00']);
    expect((await shop.detail(two.id)).refunds).toEqual([]);
  });

  it('of money that was kept aside touches that money only', async () => {
    const { buyer, id } = await paid();
    await shop.client.cashier(id, { action: 'pay', transaction_id: `twice-${id}`, amount: '48.00' });
    expect(await shop.aside('mismatched', id)).toMatchObject([{ refunded_amount: '0.00' }]);
    await refund(id, { transaction_id: `twice-${id}`, amount: '48.00' });
    expect(await amounts(buyer, id)).toEqual(['paid', '0.00']);
    expect(await shop.aside('mismatched', id)).toMatchObject([{ refunded_amount: '48.00' }]);
  });

  it('of twelve at once is booked each, as far as there is something to refund', async () => {
    const { buyer, id } = await paid();
    const notices = Array.from({ length: 12 }, (_, n) => ({
      transaction_id: `part${n}-${id}`,
      order_id: id,
      amount: '5.00',
      state: 'refunded',
    }));
    // One that cannot be booked now is not acknowledged: the provider sends it again.
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all(notices.map((notice) => shop.notify(notice)));
      for (const { status } of answers) expect([200, 409, 503]).toContain(status);
    }
    expect(await amounts(buyer, id)).toEqual(['refunded', '49.00']);
    expect(await buyer.actions()).toEqual(['expired', 'subscribe']);
  });

  it('meets an admin’s at the same moment, and not more goes back than was paid', async () => {
    const { buyer, id } = await paid();
    await Promise.all([shop.refund(id), refund(id, { transaction_id: `own-${id}`, amount: '49.00' })]);
    expect(await amounts(buyer, id)).toEqual(['refunded', '49.00']);
    expect(await buyer.actions()).toEqual(['expired', 'subscribe']);
  });
});
