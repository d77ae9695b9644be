import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StandIn } from '../standins/stand-in.ts';
import { expectError } from '../support/client.ts';
import { Market } from '../support/market.ts';
import { dataOf, db, expectLedgerSums, faultsOf } from '../support/money.ts';

let market: Market;

beforeAll(async () => {
  market = await Market.make();
  await market.open('2027-02-01T00:00:00Z');
});

afterEach(() => market.expectNoFaults());

const PROVIDERS: StandIn['name'][] = ['stripe', 'wxpay', 'alipay'];
const ACKNOWLEDGED = {
  stripe: { received: true },
  wxpay: { code: 'SUCCESS', message: '成功' },
  alipay: 'success',
};

const NOBODYS = {
  stripe: 'ord_01ARZ3NDEKTSV4RRFFQ69G5FA1',
  wxpay: 'ord_01ARZ3NDEKTSV4RRFFQ69G5FA2',
  alipay: 'ord_01ARZ3NDEKTSV4RRFFQ69G5FA3',
};

const ordering = () => market.ordering();

const rows = () =>
  Promise.all(
    ['payments', 'refunds', 'audit_logs', 'grants'].map((table) =>
      db.prepare(`select count(*) as n from ${table}`).first('n'),
    ),
  );

describe.each(PROVIDERS)('%s', (name) => {
  const there = () => market[name];

  it('is offered, and a subscription is paid by what it tells, once', async () => {
    const buyer = await market.buyer();
    const ordered = await buyer.ordered('plan_basic');
    expect(ordered.payment.providers).toEqual(['wallet', 'sandbox', 'stripe', 'wxpay', 'alipay']);
    const trade = await market.payAt(name, buyer, ordered.order_id);
    expect((await buyer.me()).status).toBe('none');
    const notice = await there().paidNotice(trade);
    const answers = await Promise.all(Array.from({ length: 20 }, () => market.tell(name, notice)));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(ACKNOWLEDGED[name]);
    }
    expect((await buyer.me()).status).toBe('active');
    expect(await buyer.actions()).toEqual(['subscribe']);
    expect(await market.detail(ordered.order_id)).toMatchObject({
      status: 'paid',
      provider: name,
      paid_amount: '49.00',
      attempts: [{ state: 'paid' }],
      payments: [{ state: 'applied', transaction_id: trade.transactionId }],
    });
  });

  it('keeps aside what does not match, and the order stays payable', async () => {
    for (const wrong of [{ amount: 4899 }, { amount: 4901 }, { amount: 0 }]) {
      const { buyer, id } = await ordering();
      const trade = await market.payAt(name, buyer, id, wrong);
      for (let n = 0; n < 2; n += 1) expect((await market.tellPaid(name, trade)).status).toBe(200);
      expect(await market.aside('mismatched', id)).toHaveLength(1);
      expect(await buyer.order(id)).toMatchObject({ status: 'pending', paid_amount: '0.00' });
      expect((await buyer.me()).status).toBe('none');
      await market.tellPaid(name, await market.payAt(name, buyer, id));
      expect((await buyer.me()).status).toBe('active');
    }
  });

  it('grants nothing for another merchant, another app, or an order that nobody placed', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt(name, buyer, id);
    for (const foreign of ['merchant', 'app'] as const) {
      const other = { ...trade, transactionId: `${trade.transactionId}-${foreign}` };
      expect((await market.tellPaid(name, other, { foreign })).status).toBe(200);
    }
    expect((await buyer.order(id)).status).toBe('pending');
    // Stripe tells of everything that an account sells: what names no order of this site is not about it.
    const aside = await market.aside('mismatched', id);
    expect(aside.map(({ reason }: { reason: string }) => reason).sort()).toEqual(
      name === 'stripe' ? [] : ['another app', 'another merchant'],
    );
    const nobody = { ...trade, orderId: NOBODYS[name], transactionId: `${name}-nobody` };
    expect((await market.tellPaid(name, nobody)).status).toBe(200);
    expect(await market.aside('mismatched', nobody.orderId)).toHaveLength(1);
    await market.tellPaid(name, trade);
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('is not believed without its signature, and nothing is written', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt(name, buyer, id);
    const before = await rows();
    const good = await there().paidNotice(trade);
    const bad = [
      await there().paidNotice(trade, { forged: true }),
      { ...good, headers: { 'Content-Type': 'application/json' }, body: '{' },
      { ...good, body: '' },
      { ...good, body: good.body.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) },
      { ...good, body: `${good.body}&x=1` },
      // Replayed, or from a clock that nobody should believe; Alipay signs no time that could be told by.
      ...(name === 'alipay' ? [] : [await there().paidNotice(trade, { age: 301 })]),
      ...(name === 'wxpay' ? [await there().paidNotice(trade, { age: -301 })] : []),
    ];
    for (const one of bad) expectError(await market.tell(name, one), 400, 'signature_invalid');
    const other = PROVIDERS[(PROVIDERS.indexOf(name) + 1) % 3] as StandIn['name'];
    expectError(await market.tell(other, good), 400, 'signature_invalid');
    expect((await market.tell(name, good, 'cn')).status).toBe(404);
    expectError(await market.tell(name, good, 'nowhere'), 404, 'site_unknown');
    expect(await rows()).toEqual(before);
    expect((await buyer.order(id)).status).toBe('pending');
    if (name !== 'alipay') {
      expect((await market.tell(name, await there().paidNotice(trade, { age: 299 }))).status).toBe(200);
    } else expect((await market.tell(name, good)).status).toBe(200);
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('is asked after five minutes, where nothing was told', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt(name, buyer, id);
    await market.pass(299);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('pending');
    await market.pass(1);
    there().trouble = 'unreachable';
    await market.cron();
    expect((await buyer.order(id)).status).toBe('pending');
    there().trouble = null;
    await market.pass(300);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('paid');
    await market.tellPaid(name, trade);
    expect(await buyer.actions()).toEqual(['subscribe']);
  });

  it('is asked at closing, and cannot be paid after that', async () => {
    const { buyer, id } = await ordering();
    dataOf(await market.begin(buyer, id, name));
    expect(there().isOpen(id)).toBe(true);
    await market.pass(31 * 60);
    there().trouble = 'failing';
    await market.cron();
    // Nobody knows yet whether it was paid.
    expect((await buyer.order(id)).status).toBe('pending');
    expectError(await buyer.pay(id), 409, 'order_not_payable');
    there().trouble = null;
    await market.pass(300);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('closed');
    expect(there().isOpen(id)).toBe(false);
  });

  it('is paid in the last moment, and told after closing', async () => {
    const { buyer, id } = await ordering();
    await market.payAt(name, buyer, id);
    await market.pass(31 * 60);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('ends there what a buyer cancels, or pays with something else', async () => {
    const { buyer, id } = await ordering();
    dataOf(await market.begin(buyer, id, name));
    dataOf(await buyer.cancelOrder(id));
    expect(there().isOpen(id)).toBe(false);
    const { order_id: second } = await buyer.ordered('plan_basic');
    dataOf(await market.begin(buyer, second, name));
    const other = PROVIDERS[(PROVIDERS.indexOf(name) + 1) % 3] as StandIn['name'];
    dataOf(await market.begin(buyer, second, other));
    expect(there().isOpen(second)).toBe(false);
    expect(market[other].isOpen(second)).toBe(true);
    // And the same again, after the first one was closed there.
    dataOf(await market.begin(buyer, second, name));
    expect(market[other].isOpen(second)).toBe(false);
    await market.tellPaid(name, market[name].pay(second));
    expect((await buyer.order(second)).status).toBe('paid');
  });

  it('cannot be cancelled where it was paid meanwhile', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt(name, buyer, id);
    expectError(await buyer.cancelOrder(id), 409, 'order_not_cancellable');
    expect(await buyer.order(id)).toMatchObject({ status: 'paid' });
    await market.tellPaid(name, trade);
    expect(await market.aside('surplus', id)).toEqual([]);
    // The same by another attempt: it is paid, and no second payment is begun.
    const { buyer: second, id: other } = await ordering();
    await market.payAt(name, second, other);
    expectError(await second.pay(other), 409, 'order_not_payable');
    expect(await second.order(other)).toMatchObject({ status: 'paid', provider: name });
    // Or by another wish: what was paid for comes first.
    const { buyer: third, id: old } = await ordering();
    await market.payAt(name, third, old);
    expectError(await third.subscribe('plan_premium'), 409, 'membership_changed');
    expect(await third.orders()).toMatchObject([{ order_id: old, status: 'paid' }]);
    expect(await third.ordered('plan_premium')).toMatchObject({ credit_amount: '49.00' });
  });

  it('gets back what was paid twice', async () => {
    const { buyer, id } = await ordering();
    dataOf(await market.begin(buyer, id, name));
    await buyer.settle(id);
    const trade = there().pay(id);
    for (let n = 0; n < 3; n += 1) await market.tellPaid(name, trade);
    await market.cron();
    expect(await market.aside('surplus', id)).toMatchObject([
      { amount: '49.00', refunded_amount: '49.00', provider: name },
    ]);
    expect(there().returnedOf(trade)).toEqual([4900]);
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', refunded_amount: '0.00' });
    expect(await buyer.actions()).toEqual(['subscribe']);
  });

  it('pays late: the order opens again, or the money goes back', async () => {
    const { buyer, id } = await ordering();
    dataOf(await market.begin(buyer, id, name));
    await market.pass(31 * 60);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('closed');
    await market.tellPaid(name, there().pay(id));
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', provider: name });

    const { buyer: second, id: old } = await ordering();
    dataOf(await market.begin(second, old, name));
    dataOf(await second.cancelOrder(old));
    const { order_id: newer } = await second.ordered('plan_premium');
    const trade = there().pay(old);
    await market.tellPaid(name, trade);
    expect((await second.order(old)).status).toBe('closed');
    await market.cron();
    expect(there().returnedOf(trade)).toEqual([4900]);
    expect(await market.aside('refunded', old)).toHaveLength(1);
    expect((await second.order(newer)).status).toBe('pending');
    expect((await second.me()).status).toBe('none');
  });

  it('is refunded by us in part, then in full', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt(name, buyer, id);
    await market.tellPaid(name, trade);
    dataOf(await market.refund(id, { amount: '9.00' }));
    await market.cron();
    expect(there().returnedOf(trade)).toEqual([900]);
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', refunded_amount: '9.00' });
    expect((await buyer.me()).status).toBe('active');
    // The provider tells of it: that is the same refund.
    trade.refunded = 900;
    const [first] = there().returned.filter((one) => one.transactionId === trade.transactionId);
    if (!first) throw new Error('nothing went back');
    await market.tell(name, await there().refundNotice(trade, first));
    expect(await buyer.order(id)).toMatchObject({ refunded_amount: '9.00' });
    expectError(await market.refund(id, { amount: '40.01' }), 409, 'refund_exceeds');
    dataOf(await market.refund(id));
    await market.cron();
    expect(there().returnedOf(trade)).toEqual([900, 4000]);
    expect(await buyer.order(id)).toMatchObject({ status: 'refunded', refunded_amount: '49.00' });
    expect((await buyer.me()).status).toBe('none');
    await expectLedgerSums();
  });

  it('is refunded there by hand, in part and in full, told twice and out of order', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt(name, buyer, id);
    await market.tellPaid(name, trade);
    const first = await market.giveBack(name, trade, 1000);
    const second = await market.giveBack(name, trade, 500);
    for (const notice of [second, first, first, second]) {
      expect((await market.tell(name, notice)).status).toBe(200);
    }
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', refunded_amount: '15.00' });
    expect((await buyer.me()).status).toBe('active');
    const rest = await market.giveBack(name, trade, 3400);
    for (const notice of [rest, rest, first]) await market.tell(name, notice);
    expect(await buyer.order(id)).toMatchObject({ status: 'refunded', refunded_amount: '49.00' });
    expect((await buyer.me()).status).toBe('none');
    await market.tellPaid(name, trade);
    expect((await buyer.order(id)).status).toBe('refunded');
  });

  it('tells of a refund before its payment', async () => {
    for (const amount of [900, 4900]) {
      const { buyer, id } = await ordering();
      const trade = await market.payAt(name, buyer, id);
      const refund = await market.giveBack(name, trade, amount);
      for (let n = 0; n < 2; n += 1) expect((await market.tell(name, refund)).status).toBe(200);
      expect(await buyer.order(id)).toMatchObject({ status: 'pending', refunded_amount: '0.00' });
      expect((await buyer.me()).status).toBe('none');
      await market.tellPaid(name, trade);
      const all = amount === 4900;
      expect(await buyer.order(id)).toMatchObject({
        status: all ? 'refunded' : 'paid',
        refunded_amount: all ? '49.00' : '9.00',
      });
      expect((await buyer.me()).status).toBe(all ? 'none' : 'active');
    }
  });

  it('takes its time with a refund, or refuses it: it is sent until it went, once', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt(name, buyer, id);
    await market.tellPaid(name, trade);
    const state = async () => (await market.detail(id)).refunds[0].state;
    there().refunds = 'refused';
    dataOf(await market.refund(id, { amount: '9.00' }));
    await market.cron();
    expect(await state()).toBe('pending');
    expect(there().returnedOf(trade)).toEqual([]);
    there().refunds = 'done';
    there().trouble = 'unreachable';
    await market.pass(3600);
    await market.cron();
    expect(await state()).toBe('pending');
    there().trouble = null;
    await market.pass(3600);
    await market.cron();
    expect(await state()).toBe('done');
    await market.pass(86_400);
    await market.cron();
    expect(there().returnedOf(trade)).toEqual([900]);
  });

  it('is not reached: nothing is begun, and another try is', async () => {
    const { buyer, id } = await ordering();
    if (name !== 'alipay') {
      for (const trouble of ['unreachable', 'failing'] as const) {
        there().trouble = trouble;
        const answer = await market.begin(buyer, id, name);
        expectError(answer, 503, 'service_unavailable');
        expect(answer.headers.get('Retry-After')).toBe('10');
      }
      there().trouble = null;
    }
    dataOf(await market.begin(buyer, id, name));
    await market.tellPaid(name, there().pay(id));
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('takes the methods that it has', async () => {
    const { buyer, id } = await ordering();
    const refused = await market.begin(buyer, id, name, { method: 'cash' });
    expectError(refused, 400, 'invalid_input');
    expect(faultsOf(refused).method).toMatch(/^must be one of: /);
    expect((await buyer.order(id)).status).toBe('pending');
  });
});
