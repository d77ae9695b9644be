import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StandIn, Trade } from '../standins/stand-in.ts';
import { expectError } from '../support/client.ts';
import { Market } from '../support/market.ts';
import { dataOf, expectLedgerSums } from '../support/money.ts';

let market: Market;

beforeAll(async () => {
  market = await Market.make({ certificates: 'both' });
  await market.open('2027-03-01T10:00:00Z');
});
afterEach(async () => {
  market.expectNoFaults();
  await expectLedgerSums();
});

/** Time passes, and cron comes by now and then. */
async function hours(n: number): Promise<void> {
  for (const part of [n / 3, (n * 2) / 3]) {
    await market.pass(part * 3600);
    await market.cron();
  }
}

const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);

describe.each<StandIn['name']>(['stripe', 'wxpay', 'alipay'])('%s', (name) => {
  const there = () => market[name];
  const attempts = async (id: string) =>
    (await market.detail(id)).attempts.map(({ state }: { state: string }) => state);

  it('begun twice at once is begun once', async () => {
    const { buyer, id } = await market.ordering();
    const answers = await Promise.all([1, 2, 3].map(() => market.begin(buyer, id, name)));
    for (const answer of answers) if (answer.status !== 200) expectError(answer, 409, 'order_not_payable');
    expect(there().open(id)).toBe(1);
    expect((await attempts(id)).filter((state: string) => state === 'started')).toHaveLength(1);
    await market.tellPaid(name, there().pay(id));
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('cancelled while it is begun is not handed out, or can be cancelled', async () => {
    const { buyer, id } = await market.ordering();
    const [begun, cancelled] = await Promise.all([market.begin(buyer, id, name), buyer.cancelOrder(id)]);
    expect(cancelled.status).toBe(200);
    expect([200, 409]).toContain(begun.status);
    await market.pass(300);
    await market.cron();
    expect(there().isOpen(id)).toBe(false);
  });

  it('that could not be told of an end is told by cron, while the order is open', async () => {
    const { buyer, id } = await market.ordering();
    dataOf(await market.begin(buyer, id, name));
    const other = name === 'stripe' ? 'wxpay' : 'stripe';
    there().trouble = 'unreachable';
    dataOf(await market.begin(buyer, id, other));
    expect(there().isOpen(id)).toBe(true);
    there().trouble = null;
    await market.cron();
    expect(there().isOpen(id)).toBe(false);
    expect(market[other].isOpen(id)).toBe(true);
    expect((await buyer.order(id)).status).toBe('pending');
  });

  it.each([false, true])(
    'paid by one of two attempts ends the other (or was paid by both: %s)',
    async (both) => {
      const { buyer, id } = await market.ordering();
      dataOf(await market.begin(buyer, id, name));
      // What ended the first one did not reach it.
      const restored = there().resisting(id);
      dataOf(await market.begin(buyer, id, name));
      restored();
      expect(there().open(id)).toBe(2);
      const trades = [there().pay(id), ...(both ? [there().pay(id)] : [])];
      await market.tellPaid(name, trades[0] as Trade);
      await hours(1);
      expect(there().isOpen(id)).toBe(false);
      expect(await buyer.order(id)).toMatchObject({ status: 'paid', paid_amount: '49.00' });
      expect(trades.map((trade) => there().returnedOf(trade))).toEqual(both ? [[], [4900]] : [[]]);
    },
  );

  it('is not reached when an order is cancelled or replaced: nothing is released', async () => {
    const buyer = await market.buyer();
    const voucher = await market.voucher(buyer);
    const { order_id: id } = await buyer.ordered('plan_basic', 'monthly', { voucher_id: voucher });
    dataOf(await market.begin(buyer, id, name));
    there().trouble = 'unreachable';
    expectError(await buyer.cancelOrder(id), 503, 'service_unavailable');
    expectError(await buyer.subscribe('plan_premium'), 503, 'service_unavailable');
    expect((await buyer.order(id)).status).toBe('pending');
    expect(await buyer.vouchers()).toEqual(['locked']);
    there().trouble = null;
    dataOf(await buyer.cancelOrder(id));
    expect(await buyer.vouchers()).toEqual(['unused']);
    await market.cron();
    expect(there().isOpen(id)).toBe(false);
  });

  it('is away for longer than an order waits: its money is found all the same', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt(name, buyer, id);
    there().trouble = 'unreachable';
    await hours(23);
    expect((await buyer.order(id)).status).toBe('pending');
    await hours(3);
    expect((await buyer.order(id)).status).toBe('closed');
    there().trouble = null;
    await hours(2);
    expect((await buyer.order(id)).status).toBe('paid');
    expect(there().returnedOf(trade)).toEqual([]);
  });

  it('begins anew with the same Idempotency-Key, where it could not be reached', async () => {
    if (name === 'alipay') return;
    const { buyer, id } = await market.ordering();
    const pay = () =>
      buyer.post(
        `/api/v1/orders/${id}/pay`,
        { provider: name },
        { headers: { 'Idempotency-Key': `key-${id}` } },
      );
    there().trouble = 'unreachable';
    expectError(await pay(), 503, 'service_unavailable');
    there().trouble = null;
    const [first, again] = [dataOf(await pay()), dataOf(await pay())];
    expect(again).toEqual(first);
  });

  it.each([false, true])(
    'sends the rest of what was paid twice, after a part by hand (early: %s)',
    async (early) => {
      const { buyer, id } = await market.ordering();
      const trade = await market.payAt(name, buyer, id);
      const second = there().again(trade);
      await market.tellPaid(name, trade);
      const byHand = await market.giveBack(name, second, 2000);
      if (early) await market.tell(name, byHand);
      there().trouble = 'failing';
      await market.tellPaid(name, second);
      there().trouble = null;
      if (!early) await market.tell(name, byHand);
      await hours(8);
      expect(sum(there().returnedOf(second))).toBe(4900);
      expect(await market.aside('surplus', id)).toMatchObject([{ refunded_amount: '49.00' }]);
      const { refunds } = await market.detail(id);
      expect(refunds.map(({ state }: { state: string }) => state)).toEqual(['done', 'done']);
    },
  );

  it('has sent all of it back by hand, which ours cannot any more', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt(name, buyer, id);
    const second = there().again(trade);
    await market.tellPaid(name, trade);
    there().trouble = 'failing';
    await market.tellPaid(name, second);
    there().trouble = null;
    await market.tell(name, await market.giveBack(name, second, 4900));
    await hours(8);
    expect(there().returnedOf(second)).toEqual([4900]);
    expect(await market.aside('surplus', id)).toMatchObject([{ refunded_amount: '49.00' }]);
    const { refunds } = await market.detail(id);
    expect(refunds.every(({ state }: { state: string }) => state === 'done')).toBe(true);
  });

  it('tells of our refund before we know that it went', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt(name, buyer, id);
    const second = there().again(trade);
    await market.tellPaid(name, trade);
    there().refunds = 'pending';
    await market.tellPaid(name, second);
    await market.cron();
    const [mine] = there().returned.filter((one) => one.transactionId === second.transactionId);
    second.refunded = 4900;
    const own = mine ?? there().giveBack(second, 4900);
    await market.tell(name, await there().refundNotice(second, own));
    there().refunds = 'done';
    await hours(3);
    expect(await market.aside('surplus', id)).toMatchObject([{ refunded_amount: '49.00' }]);
    expect(sum(there().returnedOf(second))).toBe(4900);
  });

  it('books what went out, where ours waits and a part goes by hand', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt(name, buyer, id);
    await market.tellPaid(name, trade);
    there().trouble = 'unreachable';
    dataOf(await market.refund(id, { amount: '10.00' }));
    await market.cron();
    there().trouble = null;
    await market.tell(name, await market.giveBack(name, trade, 4500));
    await hours(8);
    const { refunded_amount } = await buyer.order(id);
    expect(refunded_amount).toBe((sum(there().returnedOf(trade)) / 100).toFixed(2));
  });
});

describe('Stripe', () => {
  it('is not believed where something before it answers', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('stripe', buyer, id);
    market.stripe.trouble = 'proxied';
    await market.pass(31 * 60);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('pending');
    market.stripe.trouble = null;
    await hours(1);
    expect((await buyer.order(id)).status).toBe('paid');
    expect(market.stripe.returnedOf(trade)).toEqual([]);
    // Nor does it begin or end a Checkout by that.
    const { buyer: second, id: other } = await market.ordering();
    market.stripe.trouble = 'proxied';
    expectError(await market.begin(second, other, 'stripe'), 503, 'service_unavailable');
    market.stripe.trouble = null;
    dataOf(await market.begin(second, other, 'stripe'));
    market.stripe.trouble = 'proxied';
    expectError(await second.cancelOrder(other), 503, 'service_unavailable');
    market.stripe.trouble = null;
    dataOf(await second.cancelOrder(other));
    expect(market.stripe.isOpen(other)).toBe(false);
  });

  it.each([900, 4900])('tells what was refunded there before it was asked: %i', async (amount) => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('stripe', buyer, id);
    await market.giveBack('stripe', trade, amount);
    await market.pass(300);
    await market.cron();
    const all = amount === 4900;
    expect(await buyer.order(id)).toMatchObject({
      status: all ? 'refunded' : 'paid',
      refunded_amount: all ? '49.00' : '9.00',
    });
    expect((await buyer.me()).status).toBe(all ? 'none' : 'active');
  });

  it('calls one attempt failed, and another one goes on', async () => {
    const { buyer, id } = await market.ordering();
    dataOf(await market.begin(buyer, id, 'stripe'));
    const [first] = market.stripe.sessions.filter(({ orderId }) => orderId === id);
    dataOf(await market.begin(buyer, id, 'stripe'));
    const object = {
      id: first?.id,
      payment_status: 'unpaid',
      payment_intent: 'pi_none',
      amount_total: 4900,
      currency: 'cny',
      metadata: { order_id: id, site: 'default', attempt: first?.attempt },
    };
    await market.tell('stripe', await market.stripe.event('checkout.session.async_payment_failed', object));
    const { attempts } = await market.detail(id);
    expect(attempts.map(({ state }: { state: string }) => state)).toEqual(['failed', 'started']);
    dataOf(await buyer.cancelOrder(id));
    expect(market.stripe.isOpen(id)).toBe(false);
  });

  it('decides a dispute once, whatever is told again', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('stripe', buyer, id);
    await market.tellPaid('stripe', trade);
    const dispute = {
      id: 'dp_1',
      payment_intent: trade.transactionId,
      amount: 4900,
      currency: 'cny',
      status: 'needs_response',
    };
    const created = await market.stripe.event('charge.dispute.created', dispute);
    const won = await market.stripe.event('charge.dispute.closed', { ...dispute, status: 'won' });
    const disputed = async () => (await market.aside('disputed', id)).length;
    await market.tell('stripe', created);
    expect(await disputed()).toBe(1);
    for (const notice of [won, created, won]) {
      expect((await market.tell('stripe', notice)).status).toBe(200);
      expect(await disputed()).toBe(0);
    }
    const other = await market.stripe.event('charge.dispute.created', { ...dispute, id: 'dp_2' });
    await market.tell('stripe', other);
    expect(await disputed()).toBe(1);
  });

  it('is refused from the future, and without an event', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('stripe', buyer, id);
    expectError(await market.tellPaid('stripe', trade, { age: -301 }), 400, 'signature_invalid');
    for (const body of ['{}', 'null', '[]', '1', '{"type":"charge.refunded","data":null}']) {
      const answer = await market.tell('stripe', await market.stripe.signed(body));
      expect(answer.status, body).toBe(400);
    }
  });

  it('ends the Checkout of an order that a planned downgrade replaces', async () => {
    const buyer = await market.buyer();
    await buyer.settle((await buyer.ordered('plan_premium')).order_id);
    const { order_id: id } = dataOf(await buyer.renew('monthly'));
    dataOf(await market.begin(buyer, id, 'stripe'));
    dataOf(await buyer.subscribe('plan_basic'));
    expect((await buyer.order(id)).status).toBe('closed');
    expect(market.stripe.isOpen(id)).toBe(false);
  });
});

describe('WeChat Pay', () => {
  it('signs with a certificate while it moves to the public key', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('wxpay', buyer, id);
    const back = market.wxpay.signByCertificate();
    expect((await market.tellPaid('wxpay', trade)).status).toBe(200);
    back();
    expect((await buyer.order(id)).status).toBe('paid');
    expect(market.wxpay.lookups).toBe(1);
  });

  it('keeps aside what is no amount', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('wxpay', buyer, id);
    expect((await market.tellPaid('wxpay', { ...trade, amount: -1 })).status).toBe(200);
    expect(await market.aside('mismatched', id)).toMatchObject([
      { amount: '0.00', reason: 'the amount -1 cannot be read' },
    ]);
    expect((await buyer.order(id)).status).toBe('pending');
  });
});

describe('Alipay', () => {
  it('tells a payment with a refund of 0.00, and a trade that nobody paid', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('alipay', buyer, id);
    const told = (status: string, fee: string) =>
      market.alipay.told(trade, { trade_status: status, refund_fee: fee });
    await market.tell('alipay', await told('TRADE_CLOSED', '0.00'));
    expect((await buyer.order(id)).status).toBe('pending');
    await market.tell('alipay', await told('TRADE_SUCCESS', '0.00'));
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('says which amount it could not be', async () => {
    const { buyer, id } = await market.ordering();
    const trade = await market.payAt('alipay', buyer, id);
    const fields = { trade_status: 'TRADE_SUCCESS', total_amount: '49.001' };
    await market.tell('alipay', await market.alipay.told(trade, fields));
    expect(await market.aside('mismatched', id)).toMatchObject([
      { reason: 'the amount 49.001 cannot be read' },
    ]);
  });

  it('begins a trade when its payer confirms, after the order was cancelled', async () => {
    const { buyer, id } = await market.ordering();
    const answer = await buyer.post(`/api/v1/orders/${id}/pay`, { provider: 'alipay', method: 'wap' });
    const { url } = dataOf(answer).parameters;
    dataOf(await buyer.cancelOrder(id));
    await market.alipay.visit(url);
    market.alipay.pay(id);
    await hours(1);
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('closes what nobody pays by itself: the order is closed too', async () => {
    const { buyer, id } = await market.ordering();
    dataOf(await market.begin(buyer, id, 'alipay'));
    for (const attempt of market.alipay.attempts) {
      if (attempt.state === 'WAIT_BUYER_PAY') attempt.state = 'TRADE_CLOSED';
    }
    await market.pass(31 * 60);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('closed');
  });
});
