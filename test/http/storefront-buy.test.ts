import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, db, expectLedgerSums, Shop } from '../support/money.ts';
import { doneOf, expectCode, Storefront } from '../support/storefront.ts';

const DAY = 86_400;

describe('a storefront’s level', () => {
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    shop = await new Shop().open('2031-10-01T12:00:00Z');
    front = new Storefront(shop);
    return () => expectLedgerSums();
  });

  const create = (who: Buyer, opening: string) => front.call(who, 'buy/create', { opening });
  /** When the level that is held ends, in days from now. */
  const daysLeft = async (who: Buyer) => {
    const { is_permanent, expire_time } = await front.mine(who);
    if (is_permanent === '1') return null;
    return (Date.parse(`${expire_time.replace(' ', 'T')}Z`) - (await shop.now())) / (DAY * 1000);
  };
  const orderOf = async (who: Buyer, id: string) =>
    doneOf(await front.call(who, 'order/detail', { id })).data;

  it('is ordered, paid and held', async () => {
    const who = await front.member();
    expect(await front.mine(who)).toBe('');
    const placed = doneOf(await create(who, '7-365'));
    expect(placed).toEqual({
      id: expect.stringMatching(/^\d+$/),
      payment_user_order_no: expect.stringMatching(/^ord_/),
      payment_user_id: placed.id,
      value: '1',
      unit: '年',
      price: '1',
    });
    const { payment_user_order_no: order_no } = placed;
    expectCode(await front.call(who, 'buy/paycheck', { order_no }), -300);
    const back = btoa('http://localhost:8787/pages/done?x=1');
    const started = doneOf(
      await front.call(who, 'buy/pay', { id: placed.id, payment_id: '5', redirect_url: back }),
    );
    expect(started).toEqual({
      data: expect.stringContaining(`/dev/cashier/${order_no}`),
      order_id: placed.id,
      order_no,
      payment: { id: '5', name: '沙箱支付', payment: 'sandbox' },
    });
    await who.settle(order_no);
    expect(doneOf(await front.call(who, 'buy/paycheck', { order_no })).url).toEqual(expect.any(String));
    expect(await front.mine(who)).toEqual({
      user_vip_model: 'pay',
      level_name: 'VIPX',
      icon: '',
      is_permanent: '0',
      surplus_time_number: '365',
      surplus_time_unit: '天',
      expire_time: '2032-09-30 12:00:00',
    });
    const row = await orderOf(who, placed.id);
    const now = '2031-10-01 12:00:00';
    expect(row).toEqual({
      id: placed.id,
      payment_user_order_no: order_no,
      level_id: '7',
      level_data: { id: '7', name: 'VIPX', images_url: '' },
      number: '365',
      period_value: '1',
      period_unit: '年',
      price: '1.00',
      pay_price: '1.00',
      status: '1',
      status_name: '已支付',
      type: '0',
      type_name: '正常购买',
      settlement_status: '0',
      settlement_status_name: '未结算',
      profit_price_total: '0.00',
      payment_id: '5',
      payment_name: '沙箱支付',
      add_time: now,
      add_time_time: now,
      add_time_date: '2031-10-01',
      pay_time: now,
      pay_time_time: now,
      pay_time_date: '2031-10-01',
      upd_time: now,
      upd_time_time: now,
      upd_time_date: '2031-10-01',
    });
    expect(await orderOf(who, order_no)).toEqual(row);
    // It is one of the platform's orders, and touches no quota.
    expect(await who.order(order_no)).toMatchObject({
      program: 'vip',
      plan_id: 'vip_7',
      paid_amount: '1.00',
    });
    expect(dataOf(await who.get('/api/v1/membership/me?program=vip'))).toMatchObject({ plan_id: 'vip_7' });
  });

  it('is paid from the wallet at once', async () => {
    const who = await front.member();
    await shop.fund(who, '1.00');
    const { id } = doneOf(await create(who, '7-365'));
    const redirect_url = btoa('http://localhost:8787/done');
    const paid = doneOf(await front.call(who, 'buy/pay', { id, payment_id: '1', redirect_url }));
    expect(paid.data).toBe('http://localhost:8787/done');
    expect((await orderOf(who, id)).status).toBe('1');
    expect(await front.mine(who)).toMatchObject({ level_name: 'VIPX' });
  });

  describe('is refused, by the first check that fails:', () => {
    const refused = async (opening: string, msg: string, who?: Buyer) => {
      expectCode(await create(who ?? (await front.member()), opening), -1, msg);
    };
    it('what was chosen is given, buying is on, and has its form', async () => {
      await front.set({ is_user_buy: '0' });
      await refused('', '请选择开通时长');
      await refused('nonsense', '未开启会员购买');
      await front.set({ is_user_buy: '1' });
      for (const opening of ['nonsense', '7', '7-', '-365', '7-365x', '7-3.5', 'x-365', '7--1', '７-365']) {
        if (opening === '7-') continue;
        await refused(opening, '开通时长值有误');
      }
    });
    it('the level exists, is enabled, is sold, has periods, and this one', async () => {
      const [off, unsold, bare] = [
        await front.level({ is_enable: 0, is_supported_pay_buy: 0, pay_period_rules: '' }),
        await front.level({ is_supported_pay_buy: 0, pay_period_rules: '' }),
        await front.level({ pay_period_rules: '' }),
      ];
      await refused('999-365', '会员等级不存在');
      await refused(`${off}-1`, '会员等级未启用');
      await refused(`${unsold}-1`, '会员等级不支持购买');
      await refused(`${bare}-1`, '会员等级未配置时长规则');
      await refused('5-365', '会员等级未配置时长规则');
      await refused('7-366', '会员时长不存在');
      await refused('7-', '会员时长不存在');
      await refused('7-00', '会员时长不存在');
    });
    it('it has a price', async () => {
      const free = await front.level({ pay_period_rules: [{ number: '1', price: '0' }] });
      await refused(`${free}-1`, '会员时长价格有误');
    });
    it('it may be bought again, and is not theirs for ever', async () => {
      const who = await front.member();
      await front.buy(who, '4-3650');
      await refused('4-3650', '当前会员有效期内不支持续费', who);
      // Another level may be; and this one again once it is over.
      doneOf(await create(who, '7-365'));
      await shop.pass(3650 * DAY);
      doneOf(await create(who, '4-3650'));
      const ever = await front.level({ pay_period_rules: [{ number: '', price: '9' }] });
      const other = await front.member();
      await front.buy(other, `${ever}-`);
      expect(await daysLeft(other)).toBeNull();
      await refused(`${ever}-`, '当前会员已是永久有效', other);
      await refused(`${ever}-0`, '当前会员已是永久有效', other);
    });
    it('and nothing is written', async () => {
      const who = await front.member();
      await refused('7-366', '会员时长不存在', who);
      expect(doneOf(await front.call(who, 'order/index')).total).toBe('0');
    });
  });

  it('goes on from its end when it is bought again, and from now once it is over', async () => {
    const level = await front.level();
    const who = await front.member();
    await front.buy(who, `${level}-30`);
    await shop.pass(10 * DAY);
    await front.buy(who, `${level}-30`);
    expect(await daysLeft(who)).toBe(50);
    await shop.pass(60 * DAY);
    expect(await front.mine(who)).toBe('');
    await front.buy(who, `${level}-30`);
    expect(await daysLeft(who)).toBe(30);
  });

  it('takes over what another one has left, by its worth or whole', async () => {
    const cheap = await front.level({ pay_period_rules: [{ number: '30', price: '3.00' }] });
    const dear = await front.level({ pay_period_rules: [{ number: '10', price: '10.00' }] });
    const [byWorth, whole] = [await front.member(), await front.member()];
    for (const who of [byWorth, whole]) await front.buy(who, `${cheap}-30`);
    await shop.pass(10 * DAY);
    const second = await front.buy(byWorth, `${dear}-10`);
    // 20 of 30 days at 3.00 are worth 2.00: two days of ten at 10.00.
    expect(await daysLeft(byWorth)).toBe(12);
    await front.set({ carry_over: 'days' });
    await front.buy(whole, `${dear}-10`);
    expect(await daysLeft(whole)).toBe(30);
    await front.set({ carry_over: 'value' });
    // The refund of what replaced it brings it back; until then its rest is in the other one.
    const [, first] = doneOf(await front.call(byWorth, 'order/index')).data;
    dataOf(await shop.refund(first.payment_user_order_no));
    expect(await byWorth.order(first.payment_user_order_no)).toMatchObject({ refunded_amount: '1.00' });
    dataOf(await shop.refund(second));
    expect(await byWorth.order(second)).toMatchObject({ status: 'refunded' });
  });

  it('gives no money back twice over a chain of levels', async () => {
    const a = await front.level({ pay_period_rules: [{ number: '10', price: '10.00' }] });
    const b = await front.level({ pay_period_rules: [{ number: '10', price: '20.00' }] });
    const who = await front.member();
    const orders: string[] = [];
    for (const opening of [`${a}-10`, `${b}-10`, `${a}-10`]) {
      orders.push(await front.buy(who, opening));
      await shop.pass(5);
    }
    for (const order of [orders[0], orders[1], orders[0], orders[1]]) await shop.refund(order ?? '');
    const refunded = await Promise.all(
      orders.map(async (one) => Number((await who.order(one)).refunded_amount)),
    );
    expect(refunded[0]).toBeLessThanOrEqual(0.01);
    expect(refunded[1]).toBeLessThanOrEqual(0.01);
    expect(await daysLeft(who)).toBeGreaterThan(39.9);
  });

  it('whose order was deleted and is paid after all has its order again', async () => {
    const who = await front.member();
    const { id, payment_user_order_no: order_id } = doneOf(await create(who, '7-365'));
    doneOf(await front.call(who, 'order/cancel', { id }));
    doneOf(await front.call(who, 'order/delete', { id }));
    await shop.notify({ transaction_id: `tx_${order_id}`, order_id, amount: '1.00' });
    expect(await orderOf(who, id)).toMatchObject({ status: '1' });
    expect(await front.mine(who)).toMatchObject({ level_name: 'VIPX' });
  });

  it('is not paid for where it could not be granted', async () => {
    const ever = await front.level({ pay_period_rules: [{ number: '', price: '9' }] });
    const who = await front.member();
    const orders = [doneOf(await create(who, `${ever}-`)), doneOf(await create(who, `${ever}-`))];
    await who.settle(orders[0].payment_user_order_no);
    expectCode(await front.call(who, 'buy/pay', { id: orders[1].id, payment_id: '5' }), -1);
  });

  it('loses an order’s days with its refund', async () => {
    const level = await front.level();
    const who = await front.member();
    const first = await front.buy(who, `${level}-30`);
    const second = await front.buy(who, `${level}-30`);
    expect(await daysLeft(who)).toBe(60);
    dataOf(await shop.refund(second, { amount: '1.00' }));
    expect(await daysLeft(who)).toBe(60);
    dataOf(await shop.refund(second));
    expect(await daysLeft(who)).toBe(30);
    expect(await orderOf(who, second)).toMatchObject({ status: '3' });
    dataOf(await shop.refund(first));
    expect(await front.mine(who)).toBe('');
  });

  it('is extended once by twenty payments of one order, and by each of several orders', async () => {
    const level = await front.level();
    const who = await front.member();
    const { payment_user_order_no: order_id } = doneOf(await create(who, `${level}-30`));
    const notice = { transaction_id: `tx_${order_id}`, order_id, amount: '30.00' };
    await Promise.all(Array.from({ length: 20 }, () => shop.notify(notice)));
    expect(await daysLeft(who)).toBe(30);
    const orders = await Promise.all(
      Array.from({ length: 5 }, async () => doneOf(await create(who, `${level}-30`)).payment_user_order_no),
    );
    await Promise.all(
      orders.map((one) => shop.notify({ transaction_id: `tx_${one}`, order_id: one, amount: '30.00' })),
    );
    expect(await daysLeft(who)).toBe(180);
    const { n } = (await db
      .prepare('select count(*) as n from grants where owner = ?')
      .bind(who.id)
      .first()) as {
      n: number;
    };
    expect(n).toBe(6);
  });

  it('is renewed by its last order where that is on', async () => {
    const level = await front.level();
    const who = await front.member();
    expectCode(await front.call(who, 'buy/renew'), -1, '未开启原订单续费');
    await front.set({ is_supported_renew_old_order: '1' });
    expectCode(await front.call(who, 'buy/renew'), -1, '没有可续费的订单');
    await front.buy(who, `${level}-30`);
    const rules = [{ number: '30', price: '40.00', commission: '' }];
    dataOf(await front.admin('PUT', `/levels/${level}`, { pay_period_rules: rules }));
    const renewed = doneOf(await front.call(who, 'buy/renew'));
    expect(renewed).toMatchObject({ price: '40.00' });
    expect(await orderOf(who, renewed.id)).toMatchObject({ type: '1', type_name: '续费', price: '40.00' });
    await who.settle(renewed.payment_user_order_no);
    expect(await daysLeft(who)).toBe(60);
    dataOf(
      await front.admin('PUT', `/levels/${level}`, { pay_period_rules: [{ number: '31', price: '1' }] }),
    );
    expectCode(await front.call(who, 'buy/renew'), -1, '会员时长不存在');
    dataOf(await front.admin('PUT', `/levels/${level}`, { is_enable: 0 }));
    expectCode(await front.call(who, 'buy/renew'), -1, '会员等级未启用');
    // Whoever paid keeps it.
    expect(await daysLeft(who)).toBe(60);
    await front.set({ is_supported_renew_old_order: '0' });
  });

  describe('has orders', () => {
    it('that only their owner sees, pays, cancels and deletes', async () => {
      const [who, other] = [await front.member(), await front.member()];
      const { id, payment_user_order_no } = doneOf(await create(who, '7-365'));
      for (const [path, fields] of [
        ['order/detail', { id }],
        ['order/detail', { id: payment_user_order_no }],
        ['order/cancel', { id }],
        ['order/delete', { id }],
        ['buy/pay', { id, payment_id: '5' }],
        ['buy/paycheck', { order_no: payment_user_order_no }],
      ] as const) {
        expectCode(await front.call(other, path, fields), -100);
      }
      expect(doneOf(await front.call(other, 'order/index')).total).toBe('0');
      expectCode(await front.call(who, 'order/detail', { id: '999999' }), -100);
      expectCode(await front.call(who, 'order/detail'), -1);
      // A platform's order is none of the storefront's.
      const { order_id } = await who.ordered('plan_basic');
      expectCode(await front.call(who, 'order/detail', { id: order_id }), -100);
    });

    it('that are cancelled while they are to be paid, and deleted afterwards', async () => {
      const who = await front.member();
      const [a, b] = [doneOf(await create(who, '7-365')), doneOf(await create(who, '7-365'))];
      expectCode(await front.call(who, 'order/delete', { id: a.id }), -100);
      expect(doneOf(await front.call(who, 'order/cancel', { id: a.id }))).toBe('');
      expect(await orderOf(who, a.id)).toMatchObject({ status: '2', status_name: '已取消' });
      expectCode(await front.call(who, 'order/cancel', { id: a.id }), -100);
      expectCode(await front.call(who, 'buy/pay', { id: a.id, payment_id: '5' }), -1);
      expectCode(await front.call(who, 'buy/paycheck', { order_no: a.payment_user_order_no }), -1);
      doneOf(await front.call(who, 'order/delete', { id: a.id }));
      expectCode(await front.call(who, 'order/delete', { id: a.id }), -100);
      expectCode(await front.call(who, 'order/detail', { id: a.id }), -100);
      await who.settle(b.payment_user_order_no);
      expectCode(await front.call(who, 'order/cancel', { id: b.id }), -100);
      expectCode(await front.call(who, 'order/delete', { id: b.id }), -100);
      expect(doneOf(await front.call(who, 'order/index')).total).toBe('1');
    });

    it('that close by themselves', async () => {
      await front.set({ order_close_time: 20 });
      const who = await front.member();
      const { id } = doneOf(await create(who, '7-365'));
      await front.set({ order_close_time: 30 });
      await shop.pass(20 * 60 - 1);
      expect(await orderOf(who, id)).toMatchObject({ status: '0', status_name: '待支付' });
      await shop.pass(1);
      expect(await orderOf(who, id)).toMatchObject({ status: '3', status_name: '已关闭' });
      expectCode(await front.call(who, 'order/cancel', { id }), -100);
      expectCode(await front.call(who, 'buy/pay', { id, payment_id: '5' }), -1);
      await shop.cron();
      expect(await orderOf(who, id)).toMatchObject({ status: '3' });
      doneOf(await front.call(who, 'order/delete', { id }));
    });

    it('that are paged, and found by state and words where that is wished', async () => {
      const who = await front.member();
      const ids: string[] = [];
      for (let index = 0; index < 12; index += 1) ids.push(doneOf(await create(who, '7-365')).id);
      const page = async (fields: object) => doneOf(await front.call(who, 'order/index', { ...fields }));
      const first = await page({});
      expect(first).toMatchObject({ total: '12', page_total: '2', default_payment_id: '1' });
      expect(first.data).toHaveLength(10);
      expect(first.data[0].id).toBe(ids.at(-1));
      expect((await page({ page: '2' })).data).toHaveLength(2);
      expect((await page({ page: '3' })).data).toEqual([]);
      await front.call(who, 'order/cancel', { id: ids[0] });
      expect((await page({ is_more: '1', status: '2' })).total).toBe('1');
      expect((await page({ is_more: '1', status: '-1' })).total).toBe('12');
      // Without is_more the state does not count.
      expect((await page({ status: '2' })).total).toBe('12');
      expect((await page({ is_more: '1', status: '0' })).total).toBe('11');
      expect((await page({ keywords: 'vipx' })).total).toBe('12');
      expect((await page({ keywords: '%' })).total).toBe('0');
      const { payment_user_order_no } = await orderOf(who, ids[3] ?? '');
      expect((await page({ keywords: payment_user_order_no })).data).toHaveLength(1);
      for (const fields of [
        { page: '0' },
        { page: 'x' },
        { is_more: '1', status: '4' },
        { is_more: '1', status: 'x' },
      ]) {
        expectCode(await front.call(who, 'order/index', fields), -1);
      }
    });

    it('that are paid with what there is, and lead back to own hosts only', async () => {
      const who = await front.member();
      const { id } = doneOf(await create(who, '7-365'));
      const pay = (fields: object) => front.call(who, 'buy/pay', { id, payment_id: '5', ...fields });
      expectCode(await pay({ payment_id: '' }), -1);
      expectCode(await pay({ payment_id: '2' }), -1);
      expectCode(await pay({ payment_id: 'x' }), -1);
      expectCode(await pay({ id: '' }), -1);
      for (const url of [
        'https://evil.example/',
        'http://localhost:9999/',
        'http://me:x@localhost:8787/',
        'javascript:alert(1)',
        '//evil.example',
        'x',
      ]) {
        expectCode(await pay({ redirect_url: btoa(url) }), -1);
      }
      expectCode(await pay({ redirect_url: '%%%' }), -1);
      doneOf(await pay({}));
      expectCode(await pay({ payment_id: '1' }), -1);
    });
  });

  it('is theirs by hand before all, then by what they paid, then by what they did', async () => {
    const who = await front.member();
    const activity = (fields: object) => front.admin('POST', `/users/${who.id}/activity`, fields);
    dataOf(await activity({ points: 100, reference: `p1-${who.id}` }));
    expect(await front.mine(who)).toMatchObject({
      user_vip_model: 'auto',
      level_name: 'VIP1',
      is_permanent: '1',
    });
    await front.buy(who, '7-365');
    expect(await front.mine(who)).toMatchObject({ user_vip_model: 'pay', level_name: 'VIPX' });
    const given = dataOf(await front.admin('PUT', `/users/${who.id}/level`, { level_id: 8 }));
    expect(given.level).toMatchObject({ level_id: '8', model: 'manual', expires_at: null });
    expect(await front.mine(who)).toMatchObject({ user_vip_model: 'manual', level_name: '城市合伙人' });
    dataOf(await front.admin('PUT', `/users/${who.id}/level`, { level_id: null }));
    await shop.pass(365 * DAY);
    expect(await front.mine(who)).toMatchObject({ user_vip_model: 'auto' });
    dataOf(await activity({ points: -1, reference: `p2-${who.id}` }));
    expect(await front.mine(who)).toBe('');
    expectError(await front.admin('PUT', `/users/${who.id}/level`, { level_id: 999 }), 404, 'not_found');
    expectError(await front.admin('PUT', '/users/u_nobody/level', { level_id: 8 }), 404, 'not_found');
  });

  it('follows spending where that is what counts', async () => {
    const who = await front.member();
    await front.set({ level_rules: '1' });
    dataOf(
      await front.admin('POST', `/users/${who.id}/activity`, {
        spending: '99.99',
        reference: `s1-${who.id}`,
      }),
    );
    expect(await front.mine(who)).toBe('');
    dataOf(
      await front.admin('POST', `/users/${who.id}/activity`, { spending: 0.01, reference: `s2-${who.id}` }),
    );
    expect(await front.mine(who)).toMatchObject({ level_name: 'VIP1' });
    await front.set({ level_rules: '0' });
    expect(await front.mine(who)).toBe('');
  });

  it('is moved by each reference once, and never below zero', async () => {
    const who = await front.member();
    const book = (fields: object) => front.admin('POST', `/users/${who.id}/activity`, fields);
    const reference = `once-${who.id}`;
    const answers = await Promise.all(Array.from({ length: 5 }, () => book({ points: 5, reference })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
    expect(dataOf(await book({ spending: '-0.00', points: 1, reference: `z-${who.id}` }))).toEqual({
      points: 6,
      spending: '0.00',
    });
    expectError(await book({ points: -7, reference: `n-${who.id}` }), 409, 'vip_activity_negative');
    expectError(await book({ spending: '-0.01', reference: `m-${who.id}` }), 409, 'vip_activity_negative');
    for (const fields of [
      {},
      { reference: 'x' },
      { points: 1.5, reference: 'x' },
      { points: 'x', reference: 'x' },
      { spending: '1.234', reference: 'x' },
      { points: 1, reference: '' },
    ]) {
      expectError(await book(fields), 400, 'invalid_input');
    }
    expect(dataOf(await book({ points: -6, reference: `l-${who.id}` })).points).toBe(0);
  });

  it('takes something off what its holder pays for goods', async () => {
    const quote = async (who: Buyer, amount: string) =>
      dataOf(await who.post('/api/v1/storefront/quote', { amount }));
    const who = await front.member();
    expect(await quote(who, '100.00')).toEqual({
      amount: '100.00',
      discount_amount: '0.00',
      final_amount: '100.00',
      level: null,
    });
    await front.buy(who, '7-365');
    expect(await quote(who, '100.00')).toMatchObject({
      discount_amount: '20.00',
      final_amount: '80.00',
      level: { level_id: '7', level_name: 'VIPX', model: 'pay' },
    });
    const holder = await front.member();
    dataOf(await front.admin('PUT', `/users/${holder.id}/level`, { level_id: 4 }));
    expect((await quote(holder, '99.99')).final_amount).toBe('99.99');
    expect((await quote(holder, '100.00')).final_amount).toBe('95.00');
    expectError(await who.post('/api/v1/storefront/quote', { amount: 'x' }), 400, 'invalid_input');
  });

  it('is not deleted while it is held, given or ordered', async () => {
    const level = await front.level();
    const who = await front.member();
    const { payment_user_order_no } = doneOf(await create(who, `${level}-30`));
    const remove = () => front.admin('DELETE', `/levels/${level}`);
    expectError(await remove(), 409, 'vip_level_used');
    await who.settle(payment_user_order_no);
    expectError(await remove(), 409, 'vip_level_used');
    await shop.pass(30 * DAY);
    dataOf(await front.admin('PUT', `/users/${who.id}/level`, { level_id: level }));
    expectError(await remove(), 409, 'vip_level_used');
    dataOf(await front.admin('PUT', `/users/${who.id}/level`, { level_id: null }));
    dataOf(await remove());
    expectCode(await create(who, `${level}-30`), -1, '会员等级不存在');
    // What was bought is still told.
    expect((await orderOf(who, payment_user_order_no)).level_data.name).toBe('T');
  });

  describe('earns its buyer’s inviters something', () => {
    const profits = async (who: Buyer, fields: object = {}) =>
      doneOf(await front.call(who, 'profit/index', { ...fields })).data;
    const sold = (commission: string) =>
      front.level({ pay_period_rules: [{ number: '30', price: '100.00', commission }] });

    it('made after a while, settled later, each once', async () => {
      const level = await sold('r|10;s|5;r|1');
      const third = await front.member();
      const second = await front.member(third);
      const first = await front.member(second);
      const who = await front.member(first);
      const order = await front.buy(who, `${level}-30`);
      await shop.pass(5 * 60 - 1);
      await shop.cron();
      expect(await profits(first)).toEqual([]);
      await shop.pass(1);
      await Promise.all([shop.cron(), shop.cron()]);
      await shop.cron();
      const made = await profits(first);
      expect(made).toHaveLength(1);
      expect(made[0]).toMatchObject({
        id: expect.stringMatching(/^\d+$/),
        total_price: '100.00',
        profit_price: '10.00',
        level: '1',
        level_name: '一级',
        status: '0',
        status_name: '待结算',
      });
      expect(await profits(second)).toMatchObject([{ profit_price: '5.00', level: '2' }]);
      expect(await profits(third)).toMatchObject([{ profit_price: '1.00', level: '3' }]);
      expect(await orderOf(who, order)).toMatchObject({
        profit_price_total: '16.00',
        settlement_status: '0',
      });
      expect(await first.wallet()).toMatchObject({ balance: '0.00' });
      await shop.pass(10_800 * 60);
      await Promise.all([shop.cron(), shop.cron()]);
      await shop.cron();
      expect(await profits(first)).toMatchObject([{ status: '1', status_name: '已结算' }]);
      expect(await first.wallet()).toMatchObject({ balance: '10.00' });
      expect(await third.wallet()).toMatchObject({ balance: '1.00' });
      expect(await orderOf(who, order)).toMatchObject({ settlement_status: '1' });
      const [{ id }] = await profits(first);
      expect(doneOf(await front.call(first, 'profit/detail', { id })).data).toMatchObject({ id });
      expectCode(await front.call(second, 'profit/detail', { id }), -100);
      expectCode(await front.call(first, 'profit/detail', { id: 'x' }), -100);
      expect(await profits(first, { is_more: '1', status: '0' })).toEqual([]);
      expect(await profits(first, { is_more: '1', status: '1', level: '1' })).toHaveLength(1);
      expect(await profits(first, { is_more: '1', level: '2' })).toEqual([]);
      expectCode(await front.call(first, 'profit/index', { is_more: '1', level: '4' }), -1);
      // And is taken back with the refund, as a debt where it is spent.
      dataOf(await front.admin('GET', '/settings'));
      const key = { headers: { 'Idempotency-Key': crypto.randomUUID() } };
      const payee = { channel: 'bank', account: '1', account_name: 'x' };
      dataOf(await first.post('/api/v1/tbk/withdrawals', { amount: '4.00', ...payee }, key));
      dataOf(await shop.refund(order));
      expect(await profits(first)).toMatchObject([{ status: '2', status_name: '已失效' }]);
      expect(await first.wallet()).toEqual({ balance: '0.00', debt: '4.00' });
      expect(await second.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
    });

    it('nothing where the order was refunded before, or commissions are off', async () => {
      const level = await sold('r|10');
      const inviter = await front.member();
      const refunded = await front.buy(await front.member(inviter), `${level}-30`);
      dataOf(await shop.refund(refunded));
      await front.buy(await front.member(inviter), `${level}-30`);
      await front.set({ is_commission: '0' });
      await shop.pass(300);
      await shop.cron();
      await front.set({ is_commission: '1' });
      await shop.cron();
      expect(await profits(inviter)).toEqual([]);
    });

    it('and void what waits when it is refunded', async () => {
      const level = await sold('r|10');
      const inviter = await front.member();
      const order = await front.buy(await front.member(inviter), `${level}-30`);
      await shop.pass(300);
      await shop.cron();
      dataOf(await shop.refund(order));
      expect(await profits(inviter)).toMatchObject([{ status: '2' }]);
      await shop.pass(10_800 * 60);
      await shop.cron();
      expect(await inviter.wallet()).toMatchObject({ balance: '0.00' });
    });

    it('of a malformed commission nothing', async () => {
      const inviter = await front.member();
      await front.buy(await front.member(inviter), '4-3650');
      await shop.pass(300);
      await shop.cron();
      expect(await profits(inviter)).toEqual([]);
    });

    it('and shows them their team', async () => {
      const inviter = await front.member();
      const member = await front.member(inviter);
      const below = await front.member(member);
      const level = await sold('');
      await front.buy(member, `${level}-30`);
      await front.buy(below, `${level}-30`);
      const team = doneOf(await front.call(inviter, 'team/index'));
      expect(team).toMatchObject({ total: '1', page_total: '1' });
      expect(team.data[0]).toMatchObject({
        id: expect.stringMatching(/^\d+$/),
        avatar: '',
        user_name_view: expect.stringContaining('*'),
        order_total: '100.00',
        find_order_total: '100.00',
        referrer_count: '1',
      });
      const { id } = team.data[0];
      expect(doneOf(await front.call(inviter, 'team/detail', { id })).data).toEqual(team.data[0]);
      expectCode(await front.call(below, 'team/detail', { id }), -100);
    });

    it('and gives them a link and its picture', async () => {
      const who = await front.member();
      const { user_share_url, user_share_qrode } = doneOf(await front.call(who, 'poster/index'));
      const { code } = dataOf(await who.get('/api/v1/tbk/invite'));
      expect(user_share_url).toContain(code);
      expect(user_share_qrode).toMatch(/^data:image\/svg\+xml;base64,/);
      expect(atob(user_share_qrode.split(',')[1])).toMatch(/^<svg /);
    });
  });
});
