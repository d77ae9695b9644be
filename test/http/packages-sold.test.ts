import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Desk, dataAt, expectRefusal, newDesk } from '../support/desk.ts';
import { newMember, newVerifiedEnterprise } from '../support/enterprises.ts';
import { Buyer, dataOf, db, expectLedgerSums, faultsOf, Shop } from '../support/money.ts';

const DAY = 86_400;

describe('a package that is sold', () => {
  let shop: Shop;
  let desk: Desk;
  let buyer: Buyer;

  beforeAll(async () => {
    shop = await new Shop().open('2031-03-01T12:00:00Z');
    desk = await newDesk(shop.client);
    return () => expectLedgerSums();
  });

  const mine = async (who: Buyer) => dataOf(await who.get('/api/v1/membership/me?program=package'));
  const past = async (who: Buyer) =>
    dataOf(await who.get('/api/v1/membership/history?program=package&page_size=100')).items;
  const actions = async (who: Buyer) => (await past(who)).map(({ action }: { action: string }) => action);
  const sold = async (fields: object = {}) => (await desk.sold(fields)).code as string;
  const off = async (code: string) =>
    dataAt(await desk.put(`/${Number(code.slice(3))}/status`, { status: 0 }));
  const remove = (code: string) => desk.delete(`/${Number(code.slice(3))}`);

  it('is held for its days, by its code', async () => {
    buyer = await shop.buyer();
    expect(await mine(buyer)).toMatchObject({ plan_id: null, status: 'none' });
    const ordered = await buyer.ordered('MEM0001', 'fixed');
    expect(ordered).toMatchObject({
      order_id: expect.stringMatching(/^ord_/),
      plan_name: '会员套餐1(30天)',
      original_amount: '99.99',
      credit_amount: '0.00',
      final_amount: '99.99',
      currency: 'CNY',
    });
    expect(await buyer.order(ordered.order_id)).toMatchObject({
      program: 'package',
      kind: 'subscribe',
      plan_id: 'MEM0001',
      plan_name: '会员套餐1',
      period: 'fixed',
    });
    await buyer.settle(ordered.order_id);
    expect(await mine(buyer)).toMatchObject({
      plan_id: 'MEM0001',
      plan_name: '会员套餐1',
      plan_type: null,
      status: 'active',
      period: 'fixed',
      started_at: '2031-03-01T12:00:00Z',
      expired_at: '2031-03-31T11:59:59Z',
      auto_renew: false,
      scheduled: null,
    });
    expect(await past(buyer)).toMatchObject([
      { action: 'subscribe', plan_name: '会员套餐1', amount: '99.99', period: 'fixed' },
    ]);
    // It is no token plan, and touches no quota.
    expect(await buyer.me()).toMatchObject({ status: 'none' });
    const pushed = await db.prepare('select count(*) as n from pushes where owner = ?').bind(buyer.id);
    expect(await pushed.first('n')).toBe(0);
  });

  it('cannot be deleted while somebody holds it, or is about to', async () => {
    const code = await sold({ validityDays: 5 });
    const who = await shop.buyer();
    const order = (await who.ordered(code, 'fixed')).order_id;
    await off(code);
    expectRefusal(await remove(code), 400, '4000', '删除会员失败');
    await who.settle(order);
    expectRefusal(await remove(code), 400, '4000', '删除会员失败');
    // Whoever holds it keeps it, and nobody buys it any more.
    expect(await mine(who)).toMatchObject({ plan_id: code, status: 'active' });
    expectError(await who.subscribe(code, 'fixed'), 404, 'plan_not_available');
    await shop.pass(5 * DAY);
    expect(dataAt(await remove(code))).toEqual({ result: true });
    expect(await mine(who)).toMatchObject({ plan_id: code, status: 'expired' });
    expectError(await who.subscribe(code, 'fixed'), 404, 'plan_not_available');
    await shop.cron();
    expect(await actions(who)).toEqual(['expired', 'subscribe']);
  });

  it('is never deleted under an order that is placed at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const code = await sold();
      await off(code);
      const who = await shop.buyer();
      // It is switched on again, ordered, switched off and deleted, all at once.
      await Promise.all([
        desk.put(`/${Number(code.slice(3))}/status`, { status: 1 }),
        who.subscribe(code, 'fixed'),
        desk.put(`/${Number(code.slice(3))}/status`, { status: 0 }),
        remove(code),
      ]);
      const [open] = await who.orders();
      const left = await desk.get(`/${Number(code.slice(3))}`);
      if (open) expect(left.body.code).toBe('0000');
    }
  });

  it('extends when it is bought again', async () => {
    const code = await sold({ validityDays: 10, price: '10.00' });
    const who = await shop.buyer();
    const begun = await shop.now();
    await who.buy(code, 'fixed');
    await shop.pass(3 * DAY);
    const again = await who.ordered(code, 'fixed');
    expect(again).toMatchObject({ credit_amount: '0.00', final_amount: '10.00' });
    // The same wish again is the same order.
    expect((await who.ordered(code, 'fixed')).order_id).toBe(again.order_id);
    await who.settle(again.order_id);
    const end = new Date(begun + 20 * DAY * 1000 - 1000).toISOString().replace('.000Z', 'Z');
    expect(await mine(who)).toMatchObject({ status: 'active', expired_at: end });
    expect(await actions(who)).toEqual(['renew', 'subscribe']);
  });

  it('is replaced by another one, its unused days credited as far as the price goes', async () => {
    const [small, large, cheap] = [
      await sold({ validityDays: 10, price: '10.00', name: '小' }),
      await sold({ validityDays: 20, price: '30.00', name: '大' }),
      await sold({ validityDays: 7, price: '5.00', name: '便宜' }),
    ];
    const who = await shop.buyer();
    await who.buy(small, 'fixed');
    await shop.pass(4 * DAY);
    const second = await who.ordered(large, 'fixed');
    expect(second).toMatchObject({ credit_amount: '6.00', final_amount: '24.00' });
    await who.settle(second.order_id);
    expect(await mine(who)).toMatchObject({ plan_id: large, plan_name: '大' });
    // All of it is left, which is more than the third costs: it costs nothing, and the rest is lost.
    const third = await who.ordered(cheap, 'fixed');
    expect(third).toMatchObject({ original_amount: '5.00', credit_amount: '5.00', final_amount: '0.00' });
    expect(await who.order(third.order_id)).toMatchObject({ status: 'paid', paid_amount: '0.00' });
    expect(await mine(who)).toMatchObject({ plan_id: cheap });
    expect(await actions(who)).toEqual(['upgrade', 'upgrade', 'subscribe']);
    await shop.pass(7 * DAY);
    expect(await mine(who)).toMatchObject({ plan_id: cheap, status: 'expired' });
  });

  it('ends with its refund, and what it replaced is there again', async () => {
    const [small, large] = [await sold({ name: '小' }), await sold({ name: '大', price: '30.00' })];
    const who = await shop.buyer();
    const first = await who.buy(small, 'fixed');
    const second = await who.buy(large, 'fixed');
    expectError(await shop.refund(first), 409, 'order_not_refundable');
    dataOf(await shop.refund(second));
    expect(await who.order(second)).toMatchObject({ status: 'refunded', refunded_amount: '20.00' });
    expect(await mine(who)).toMatchObject({ plan_id: small, status: 'active' });
    dataOf(await shop.refund(first, { amount: '1.00' }));
    expect(await mine(who)).toMatchObject({ plan_id: small, status: 'active' });
    dataOf(await shop.refund(first));
    expect(await mine(who)).toMatchObject({ status: 'none' });
    expect((await past(who))[0]).toMatchObject({ action: 'expired', reason: 'refunded' });
  });

  it('is not deleted while the refund of what replaced it could bring it back', async () => {
    const [first, second] = [await sold({ name: '前' }), await sold({ name: '后', price: '30.00' })];
    const who = await shop.buyer();
    await who.buy(first, 'fixed');
    const order = await who.buy(second, 'fixed');
    await off(first);
    expectRefusal(await remove(first), 400, '4000', '删除会员失败');
    dataOf(await shop.refund(order));
    expect(await mine(who)).toMatchObject({ plan_id: first, status: 'active' });
    await shop.pass(10 * DAY);
    dataAt(await remove(first));
  });

  it('has its end in the history under its name, also where the sweep comes late', async () => {
    const [first, second] = [await sold({ name: '前', validityDays: 1 }), await sold({ name: '后' })];
    const who = await shop.buyer();
    await who.buy(first, 'fixed');
    await shop.pass(2 * DAY);
    await who.buy(second, 'fixed');
    expect(await past(who)).toMatchObject([
      { action: 'subscribe', plan_name: '后' },
      { action: 'expired', plan_name: '前' },
      { action: 'subscribe', plan_name: '前' },
    ]);
  });

  it('that is refused leaves the payment of the open order as it is', async () => {
    const [free, dear] = [await sold({ price: '0' }), await sold({ price: '9.00' })];
    const who = await shop.buyer();
    await who.ordered(free, 'fixed');
    const open = (await who.ordered(dear, 'fixed')).order_id;
    dataOf(await who.pay(open, 'sandbox'));
    expectError(await who.subscribe(free, 'fixed'), 409, 'free_package_taken');
    expect((await shop.detail(open)).attempts).toMatchObject([{ state: 'started' }]);
  });

  it('that costs nothing is granted at once, and once', async () => {
    const code = await sold({ price: '0.00', validityDays: 3 });
    const who = await shop.buyer();
    const ordered = await who.ordered(code, 'fixed');
    expect(ordered).toMatchObject({ final_amount: '0.00' });
    expect(await who.order(ordered.order_id)).toMatchObject({ status: 'paid' });
    expect(await mine(who)).toMatchObject({ plan_id: code, status: 'active' });
    expectError(await who.subscribe(code, 'fixed'), 409, 'free_package_taken');
    await shop.pass(4 * DAY);
    expectError(await who.subscribe(code, 'fixed'), 409, 'free_package_taken');
    dataOf(await shop.refund(ordered.order_id));
    expectError(await who.subscribe(code, 'fixed'), 409, 'free_package_taken');
    expect(await who.orders()).toHaveLength(1);
    // Everybody has one of their own, also when they ask ten times at once.
    const other = await shop.buyer();
    const answers = await Promise.all(Array.from({ length: 10 }, () => other.subscribe(code, 'fixed')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect(await other.orders()).toHaveLength(1);
  });

  it('without a price is not for sale', async () => {
    expectError(
      await (await shop.buyer()).subscribe(await sold({ price: null }), 'fixed'),
      400,
      'plan_not_for_sale',
    );
  });

  it('without days has no end', async () => {
    const code = await sold({ validityDays: null });
    const who = await shop.buyer();
    const order = await who.buy(code, 'fixed');
    expect(await who.order(order)).toMatchObject({ plan_name: '测试套餐' });
    expect(await mine(who)).toMatchObject({ plan_id: code, status: 'active', expired_at: null });
    expectError(await who.subscribe(code, 'fixed'), 409, 'membership_too_long');
    await shop.pass(500 * DAY);
    await shop.cron();
    expect(await mine(who)).toMatchObject({ status: 'active' });
    await off(code);
    expectRefusal(await remove(code), 400, '4000');
  });

  it('may be long, but is not stacked past 36 months', async () => {
    const long = await sold({ validityDays: 36_500 });
    const who = await shop.buyer();
    await who.buy(long, 'fixed');
    expectError(await who.subscribe(long, 'fixed'), 409, 'membership_too_long');
    const year = await sold({ validityDays: 365 });
    const other = await shop.buyer();
    for (let bought = 0; bought < 3; bought += 1) await other.buy(year, 'fixed');
    expectError(await other.subscribe(year, 'fixed'), 409, 'membership_too_long');
  });

  it('is asked for by its code, for its own period, without a wish to renew', async () => {
    const who = await shop.buyer();
    for (const [plan, period] of [
      ['MEM0001', 'monthly'],
      ['MEM0001', 'yearly'],
      ['plan_basic', 'fixed'],
    ] as const) {
      const answer = await who.subscribe(plan, period);
      expectError(answer, 400, 'period_not_for_sale');
      expect(faultsOf(answer)).toHaveProperty('period');
    }
    for (const plan of ['pkg_1', 'MEM1', 'MEM00001', 'mem0001', 'MEM9876', '1', 'tier_2']) {
      expectError(await who.subscribe(plan, 'fixed'), 404, 'plan_not_available');
    }
    expect(faultsOf(await who.subscribe('MEM0001', 'fixed', { auto_renew: true }))).toHaveProperty(
      'auto_renew',
    );
    expectError(await who.subscribe('MEM0001', 'weekly'), 400, 'invalid_input');
    expect(await who.orders()).toEqual([]);
  });

  it('takes vouchers that name its program, after the credit', async () => {
    const code = await sold({ price: '30.00' });
    const who = await shop.buyer();
    const forTokens = await shop.voucher(who);
    const refused = await who.subscribe(code, 'fixed', { voucher_id: forTokens });
    expect(refused.body.data).toEqual({ reason: 'wrong_plan' });
    const voucher = await shop.voucher(who, { programs: ['package'], plans: [code], value: '12.00' });
    const ordered = await who.ordered(code, 'fixed', { voucher_id: voucher });
    expect(ordered).toMatchObject({ discount_amount: '12.00', final_amount: '18.00' });
    await who.settle(ordered.order_id);
    expect(await mine(who)).toMatchObject({ plan_id: code });
  });

  it('is paid from the wallet too', async () => {
    const code = await sold({ price: '30.00' });
    const who = await shop.buyer();
    await shop.fund(who, '30.00');
    dataOf(await who.pay((await who.ordered(code, 'fixed')).order_id));
    expect(await mine(who)).toMatchObject({ plan_id: code, status: 'active' });
    expect(await who.wallet()).toMatchObject({ balance: '0.00' });
  });

  it('is granted once, however often its payment is told of', async () => {
    const code = await sold({ price: '30.00', validityDays: 10 });
    const who = await shop.buyer();
    const order = (await who.ordered(code, 'fixed')).order_id;
    const notice = { transaction_id: `tx_${order}`, order_id: order, amount: '30.00' };
    await Promise.all(Array.from({ length: 20 }, () => shop.notify(notice)));
    expect(await actions(who)).toEqual(['subscribe']);
    const end = new Date((await shop.now()) + 10 * DAY * 1000 - 1000).toISOString().replace('.000Z', 'Z');
    expect(await mine(who)).toMatchObject({ expired_at: end });
  });

  it('paid after its order closed is granted where it would be the same, else the money goes back', async () => {
    const code = await sold({ price: '30.00' });
    const [early, late] = [await shop.buyer(), await shop.buyer()];
    const orders = [
      (await early.ordered(code, 'fixed')).order_id,
      (await late.ordered(code, 'fixed')).order_id,
    ];
    await shop.pass(2 * DAY);
    await shop.cron();
    for (const order of orders) expect((await shop.detail(order)).status).toBe('closed');
    await shop.notify({ transaction_id: `tx_${orders[0]}`, order_id: orders[0], amount: '30.00' });
    expect(await mine(early)).toMatchObject({ plan_id: code, status: 'active' });
    // The other one's package is gone by now, as nobody holds it.
    dataOf(await shop.refund(orders[0] ?? ''));
    await off(code);
    dataAt(await remove(code));
    await shop.notify({ transaction_id: `tx_${orders[1]}`, order_id: orders[1], amount: '30.00' });
    expect(await mine(late)).toMatchObject({ status: 'none' });
    expect(await shop.aside('refunded', orders[1] ?? '')).toHaveLength(1);
  });

  it('is one’s own, also of a member of an enterprise', async () => {
    const company = await newVerifiedEnterprise(shop.client, await (await shop.admin()).token());
    const member = new Buyer(shop, await newMember(shop.client, company));
    expectError(await member.subscribe('plan_basic'), 409, 'personal_plan_forbidden');
    await member.buy('MEM0001', 'fixed');
    expect(await mine(member)).toMatchObject({ plan_id: 'MEM0001', status: 'active' });
    expect(await actions(member)).toEqual(['subscribe']);
    expect(await mine(new Buyer(shop, company.owner))).toMatchObject({ status: 'none' });
  });

  it('is held beside a token plan', async () => {
    const who = await shop.buyer();
    await who.buy('plan_basic', 'monthly');
    await who.buy('MEM0002', 'fixed');
    expect(await who.me()).toMatchObject({ plan_id: 'plan_basic', status: 'active' });
    expect(await mine(who)).toMatchObject({ plan_id: 'MEM0002', status: 'active' });
    // Each program has one open order of its own.
    const token = await who.ordered('plan_basic', 'monthly');
    await who.ordered('MEM0002', 'fixed');
    expect(await who.order(token.order_id)).toMatchObject({ status: 'pending' });
  });

  it('is told of before its end, and when it has ended', async () => {
    const code = await sold({ validityDays: 10, name: '快到期' });
    const who = await shop.buyer();
    await who.buy(code, 'fixed');
    for (const days of [4, 5, 2]) {
      await shop.pass(days * DAY);
      await shop.cron();
      await shop.cron();
    }
    const { results } = await db
      .prepare('select template from outbox where user_id = ? order by id')
      .bind(who.id)
      .all<{ template: string }>();
    expect(results.map(({ template }) => template).toSorted()).toEqual([
      'membership_ends',
      'membership_ends',
      'membership_expired',
    ]);
    expect(await actions(who)).toEqual(['expired', 'subscribe']);
  });
});
