import { beforeAll, describe, expect, it } from 'vitest';
import seed from '../seeds/tiers.json';
import { Alliance, LEVELS, type Level, okOf } from '../support/alliance.ts';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, db, expectLedgerSums, faultsOf, Shop } from '../support/money.ts';

const DAY = 86_400;
const tierOf = (level: Level) => {
  const found = seed.members.find((one) => one.level === level);
  if (!found) throw new Error(level);
  return found;
};
/** Whole cents, as the seed writes prices. */
const priceOf = (level: Level) => Math.round(Number(tierOf(level).condition?.direct.price) * 100);
const decimal = (cents: number) => (cents / 100).toFixed(2);

describe('a tier that is bought', () => {
  let shop: Shop;
  let alliance: Alliance;

  beforeAll(async () => {
    shop = await new Shop().open('2031-06-01T12:00:00Z');
    alliance = new Alliance(shop);
    return () => expectLedgerSums();
  });

  describe('rewards an inviter', () => {
    /** What the table of equities says, computed from the seed and in cents. */
    const expected = (inviter: Level, bought: Level, mode: 'cash' | 'mixed') => {
      const equity = tierOf(inviter).equities.find(({ key }) => key === `direct:${bought}:reward`) as
        | { z_rate: string; m_rate: string }
        | undefined;
      if (!equity) return [];
      const cash = priceOf(bought) - 100 * 5;
      const cents =
        mode === 'cash'
          ? Math.floor((priceOf(bought) * Number(equity.z_rate)) / 100)
          : Math.floor((cash * Number(equity.m_rate)) / 100);
      return [{ asset: 'CNY', amount: decimal(cents), kind: 'tier', status: 'held' }];
    };

    describe.each(LEVELS)('who is %s', (inviterLevel) => {
      it.each(LEVELS)('when an invitee buys %s', async (level) => {
        const inviter = await alliance.holder(inviterLevel);
        for (const mode of ['cash', 'mixed'] as const) {
          const buyer = await alliance.member(inviter);
          await alliance.giveEoc(buyer, '100.00');
          const wish = { pay_mode: mode, ...(mode === 'mixed' ? { eoc_num: 100 } : {}) };
          if (level === 'common') {
            // It is where everybody is, and nothing to be bought.
            expectError(await alliance.order(buyer, level, wish), 400, 'plan_not_for_sale');
            continue;
          }
          const orderNo = await alliance.buy(buyer, level, wish);
          const got = (await alliance.rewards(inviter)).filter(
            (one: { order_no: string }) => one.order_no === orderNo,
          );
          const available_at = new Date((await shop.now()) + 7 * DAY * 1000)
            .toISOString()
            .replace('.000', '');
          expect(got).toEqual(
            expected(inviterLevel, level, mode).map((one) => ({ ...one, order_no: orderNo, available_at })),
          );
        }
      });
    });

    it('in ELC too, by the rate of that, rounded down', async () => {
      const gold = tierOf('gold');
      const equities = gold.equities.map((one) =>
        one.key === 'direct:bronze:reward' ? { ...one, z_rate: '33', z_elc_rate: '7' } : one,
      );
      okOf(await alliance.put('/members/3', { equities }));
      okOf(await alliance.put('/settings', { elc_price: '0.09' }));
      const inviter = await alliance.holder('gold');
      await alliance.buy(await alliance.member(inviter), 'bronze');
      // 33 % of 99.00 = 32.67; 7 % of 99.00 = 6.93, which is 77 ELC at 0.09.
      expect(await alliance.rewards(inviter)).toMatchObject([
        { asset: 'ELC', amount: '77.00' },
        { asset: 'CNY', amount: '32.67' },
      ]);
      okOf(await alliance.put('/members/3', { equities: gold.equities }));
      okOf(await alliance.put('/settings', { elc_price: '0.05' }));
    });

    it('at the rates of when it was ordered, once the hold is over, once', async () => {
      const inviter = await alliance.holder('gold');
      const buyer = await alliance.member(inviter);
      const { order_id } = dataOf(await alliance.order(buyer, 'bronze'));
      okOf(await alliance.put('/members/3', { equities: [] }));
      okOf(await alliance.put('/settings', { hold_days: 30 }));
      await buyer.settle(order_id);
      okOf(await alliance.put('/members/3', { equities: tierOf('gold').equities }));
      okOf(await alliance.put('/settings', { hold_days: 7 }));
      expect(await alliance.rewards(inviter)).toMatchObject([{ amount: '49.50', status: 'held' }]);
      await shop.pass(7 * DAY - 1);
      await shop.cron();
      expect(await inviter.wallet()).toMatchObject({ balance: '0.00' });
      await shop.pass(1);
      await Promise.all([shop.cron(), shop.cron()]);
      await shop.cron();
      expect(await inviter.wallet()).toMatchObject({ balance: '49.50' });
      expect(await alliance.rewards(inviter)).toMatchObject([{ amount: '49.50', status: 'credited' }]);
    });

    it('and nobody where there is no inviter', async () => {
      const buyer = await alliance.member();
      const order = await alliance.buy(buyer, 'gold');
      const { n } = (await db
        .prepare('select count(*) as n from rewards where order_no = ?')
        .bind(order)
        .first()) as { n: number };
      expect(n).toBe(0);
    });
  });

  describe('with EOC', () => {
    const eoc = (who: Buyer) => who.wallet('EOC');

    it('holds them from the order on', async () => {
      const buyer = await alliance.member();
      await alliance.giveEoc(buyer, '600.00');
      const ordered = dataOf(await alliance.order(buyer, 'gold', { pay_mode: 'mixed', eoc_num: 500 }));
      expect(ordered).toMatchObject({
        program: 'tier',
        kind: 'purchase',
        status: 'pending',
        plan_id: 'tier_3',
        plan_name: '黄金会员',
        original_amount: '888.00',
        final_amount: '863.00',
        pay_mode: 'mixed',
        eoc_num: 500,
        payment: { providers: ['wallet', 'sandbox'] },
      });
      expect(await eoc(buyer)).toMatchObject({ balance: '100.00' });
      await buyer.settle(ordered.order_id);
      expect(await eoc(buyer)).toMatchObject({ balance: '100.00' });
      expect(await alliance.level(buyer)).toBe('gold');
    });

    it.each([
      ['cancelled', async (order: string, buyer: Buyer) => dataOf(await buyer.cancelOrder(order))],
      ['replaced', async (_: string, buyer: Buyer) => dataOf(await alliance.order(buyer, 'bronze'))],
      [
        'expired',
        async () => {
          await shop.pass(1801);
          await shop.cron();
          await shop.cron();
        },
      ],
    ] as const)('gives them back when the order is %s', async (_, close) => {
      const buyer = await alliance.member();
      await alliance.giveEoc(buyer, '500.00');
      const { order_id } = dataOf(await alliance.order(buyer, 'gold', { pay_mode: 'mixed', eoc_num: 500 }));
      expect(await eoc(buyer)).toMatchObject({ balance: '0.00' });
      await close(order_id, buyer);
      expect(await buyer.order(order_id)).toMatchObject({ status: 'closed' });
      expect(await eoc(buyer)).toMatchObject({ balance: '500.00' });
      await shop.cron();
      expect(await eoc(buyer)).toMatchObject({ balance: '500.00' });
    });

    it('uses those of the order that it replaces, in one batch', async () => {
      const buyer = await alliance.member();
      await alliance.giveEoc(buyer, '500.00');
      await alliance.order(buyer, 'gold', { pay_mode: 'mixed', eoc_num: 500 });
      const second = dataOf(await alliance.order(buyer, 'platina', { pay_mode: 'mixed', eoc_num: 450 }));
      expect(await eoc(buyer)).toMatchObject({ balance: '50.00' });
      expect((await buyer.orders()).map(({ status }: { status: string }) => status)).toEqual([
        'pending',
        'closed',
      ]);
      // One that is refused leaves the first as it was.
      expectError(
        await alliance.order(buyer, 'platina', { pay_mode: 'mixed', eoc_num: 501 }),
        409,
        'wallet_short',
      );
      expect(await buyer.order(second.order_id)).toMatchObject({ status: 'pending' });
      expect(await eoc(buyer)).toMatchObject({ balance: '50.00' });
    });

    it('holds them once, of ten orders at once', async () => {
      const buyer = await alliance.member();
      await alliance.giveEoc(buyer, '500.00');
      await Promise.all(
        Array.from({ length: 10 }, () => alliance.order(buyer, 'gold', { pay_mode: 'mixed', eoc_num: 300 })),
      );
      expect(await eoc(buyer)).toMatchObject({ balance: '200.00' });
      const open = (await buyer.orders()).filter(({ status }: { status: string }) => status === 'pending');
      expect(open).toHaveLength(1);
    });

    it.each([
      [{ pay_mode: 'mixed' }, 'eoc_num'],
      [{ pay_mode: 'mixed', eoc_num: 0 }, 'eoc_num'],
      [{ pay_mode: 'mixed', eoc_num: 1.5 }, 'eoc_num'],
      [{ pay_mode: 'mixed', eoc_num: '100' }, 'eoc_num'],
      [{ pay_mode: 'mixed', eoc_num: 501 }, 'eoc_num'],
      [{ pay_mode: 'cash', eoc_num: 5 }, 'eoc_num'],
      [{ pay_mode: 'barter' }, 'pay_mode'],
      [{ pay_type: 'paypal' }, 'pay_type'],
      [{ pay_type: undefined }, 'pay_type'],
      [{ member_id: 1.5 }, 'member_id'],
      [{ member_id: null }, 'member_id'],
    ])('never by %j', async (fields, path) => {
      const buyer = await alliance.member();
      await alliance.giveEoc(buyer, '900.00');
      const answer = await alliance.order(buyer, 'gold', fields);
      expectError(answer, 400, 'invalid_input');
      expect(Object.keys(faultsOf(answer))).toEqual([path]);
      expect(await buyer.orders()).toEqual([]);
      expect(await eoc(buyer)).toMatchObject({ balance: '900.00' });
    });

    it('leaves at least 0.01 in cash', async () => {
      okOf(await alliance.put('/members/3', { condition: { direct: { price: '10', limit: '500' } } }));
      const buyer = await alliance.member();
      await alliance.giveEoc(buyer, '500.00');
      expectError(
        await alliance.order(buyer, 'gold', { pay_mode: 'mixed', eoc_num: 200 }),
        400,
        'invalid_input',
      );
      const least = dataOf(await alliance.order(buyer, 'gold', { pay_mode: 'mixed', eoc_num: 199 }));
      expect(least.final_amount).toBe('0.05');
      okOf(await alliance.put('/members/3', { condition: tierOf('gold').condition }));
    });

    it('paid after closing takes them again, or gives the money back', async () => {
      const [kept, spent] = [await alliance.member(), await alliance.member()];
      const orders = await Promise.all(
        [kept, spent].map(async (who) => {
          await alliance.giveEoc(who, '500.00');
          return dataOf(await alliance.order(who, 'gold', { pay_mode: 'mixed', eoc_num: 500 })).order_id;
        }),
      );
      await Promise.all([kept.cancelOrder(orders[0]), spent.cancelOrder(orders[1])]);
      await alliance.giveEoc(spent, '-1.00');
      for (const order of orders) {
        await shop.notify({ transaction_id: `tx_${order}`, order_id: order, amount: '863.00' });
      }
      expect([await alliance.level(kept), (await eoc(kept)).balance]).toEqual(['gold', '0.00']);
      expect([await alliance.level(spent), (await eoc(spent)).balance]).toEqual(['common', '499.00']);
      expect(await shop.aside('refunded', orders[1])).toHaveLength(1);
    });
  });

  it('is one above one’s own, and at its full price', async () => {
    const buyer = await alliance.holder('gold');
    for (const level of ['bronze', 'gold'] as const) {
      expectError(await alliance.order(buyer, level), 409, 'tier_not_above');
    }
    expectError(await alliance.order(buyer, 'common'), 400, 'plan_not_for_sale');
    for (const member_id of [7, 'tier_9', 'plan_basic']) {
      expectError(
        await buyer.post('/api/v1/tbk/members', { member_id, pay_mode: 'cash', pay_type: 'alipay' }),
        404,
        'not_found',
      );
    }
    const order = await alliance.buy(buyer, 'platina');
    expect(await buyer.order(order)).toMatchObject({ paid_amount: '3499.00' });
    expect(await alliance.level(buyer)).toBe('platina');
    const view = dataOf(await buyer.get('/api/v1/membership/me?program=tier'));
    expect(view).toMatchObject({
      plan_id: 'tier_4',
      plan_name: '白金会员',
      status: 'active',
      expired_at: null,
    });
    const past = dataOf(await buyer.get('/api/v1/membership/history?program=tier')).items;
    expect(past.map(({ action }: { action: string }) => action)).toEqual(['upgrade', 'upgrade']);
  });

  it('paid when that tier or a higher one is held by then goes back', async () => {
    const buyer = await alliance.member();
    const { order_id } = dataOf(await alliance.order(buyer, 'gold'));
    await alliance.set(buyer, 'gold');
    // Told before money is taken, where it is asked for.
    await shop.notify({ transaction_id: `tx_${order_id}`, order_id, amount: '888.00' });
    expect(await shop.aside('refunded', order_id)).toHaveLength(1);
    expect(await buyer.order(order_id)).toMatchObject({ status: 'closed' });
    const second = dataOf(await alliance.order(buyer, 'platina'));
    await alliance.set(buyer, 'diamond');
    expectError(await buyer.pay(second.order_id, 'sandbox'), 409, 'membership_changed');
  });

  it('paid after closing is held all the same where a lower tier was given meanwhile', async () => {
    const buyer = await alliance.member();
    const { order_id } = dataOf(await alliance.order(buyer, 'gold'));
    await buyer.cancelOrder(order_id);
    // That was given, and nothing newer was ordered.
    await alliance.set(buyer, 'bronze');
    await shop.notify({ transaction_id: `tx_${order_id}`, order_id, amount: '888.00' });
    expect(await alliance.level(buyer)).toBe('gold');
  });

  it('is granted once, of twenty notifications at once', async () => {
    const inviter = await alliance.holder('diamond');
    const buyer = await alliance.member(inviter);
    const { order_id } = dataOf(await alliance.order(buyer, 'bronze'));
    const notice = { transaction_id: `tx_${order_id}`, order_id, amount: '99.00' };
    await Promise.all(Array.from({ length: 20 }, () => shop.notify(notice)));
    expect(await alliance.rewards(inviter)).toHaveLength(1);
    expect(await alliance.logs(buyer)).toHaveLength(1);
    const { n } = (await db
      .prepare('select count(*) as n from grants where owner = ?')
      .bind(buyer.id)
      .first()) as {
      n: number;
    };
    expect(n).toBe(1);
  });

  describe('and refunded', () => {
    it('takes back the tier, the EOC and the rewards that wait', async () => {
      const inviter = await alliance.holder('gold');
      const buyer = await alliance.member(inviter);
      await alliance.giveEoc(buyer, '100.00');
      const order = await alliance.buy(buyer, 'bronze', { pay_mode: 'mixed', eoc_num: 100 });
      dataOf(await shop.refund(order));
      expect(await alliance.level(buyer)).toBe('common');
      expect(await buyer.wallet('EOC')).toMatchObject({ balance: '100.00' });
      expect(await alliance.rewards(inviter)).toMatchObject([{ status: 'void' }]);
      await shop.pass(8 * DAY);
      await shop.cron();
      expect(await inviter.wallet()).toMatchObject({ balance: '0.00' });
      expect((await alliance.logs(buyer))[0]).toMatchObject({ status: 2, mode: 'mixed' });
    });

    it('takes credited rewards out of the wallet, and what is spent is owed', async () => {
      const [rich, poor] = [await alliance.holder('gold'), await alliance.holder('gold')];
      const orders = [
        await alliance.buy(await alliance.member(rich), 'bronze'),
        await alliance.buy(await alliance.member(poor), 'bronze'),
      ];
      await shop.pass(7 * DAY);
      await shop.cron();
      const key = { headers: { 'Idempotency-Key': crypto.randomUUID() } };
      const payee = { channel: 'bank', account: '6222', account_name: '王五' };
      dataOf(await poor.post('/api/v1/tbk/withdrawals', { amount: '40.00', ...payee }, key));
      for (const order of orders) dataOf(await shop.refund(order));
      expect(await rich.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
      expect(await poor.wallet()).toEqual({ balance: '0.00', debt: '40.00' });
      expect(await alliance.rewards(poor)).toMatchObject([{ status: 'void' }]);
    });

    it('falls to the highest tier that still stands', async () => {
      const buyer = await alliance.member();
      const bronze = await alliance.buy(buyer, 'bronze');
      await alliance.set(buyer, 'gold');
      const platina = await alliance.buy(buyer, 'platina');
      const diamond = await alliance.buy(buyer, 'diamond');
      dataOf(await shop.refund(platina));
      expect(await alliance.level(buyer)).toBe('diamond');
      dataOf(await shop.refund(diamond));
      expect(await alliance.level(buyer)).toBe('gold');
      dataOf(await shop.refund(bronze));
      expect(await alliance.level(buyer)).toBe('gold');
    });

    it('in part touches only amounts', async () => {
      const inviter = await alliance.holder('gold');
      const buyer = await alliance.member(inviter);
      const order = await alliance.buy(buyer, 'bronze');
      dataOf(await shop.refund(order, { amount: '50.00' }));
      expect(await alliance.level(buyer)).toBe('bronze');
      expect(await alliance.rewards(inviter)).toMatchObject([{ status: 'held' }]);
      dataOf(await shop.refund(order));
      expect(await alliance.level(buyer)).toBe('common');
      expect(await alliance.rewards(inviter)).toMatchObject([{ status: 'void' }]);
    });

    it('with a claimed gift only where that is meant', async () => {
      const buyer = await alliance.member();
      const order = await alliance.buy(buyer, 'bronze');
      dataOf(await buyer.post('/api/v1/tbk/members/gift', { order_no: order }));
      expectError(await shop.refund(order), 409, 'refund_needs_force');
      expect(await alliance.level(buyer)).toBe('bronze');
      dataOf(await shop.refund(order, { amount: '10.00' }));
      dataOf(await shop.refund(order, { force: true }));
      expect(await alliance.level(buyer)).toBe('common');
    });

    it('is not of a tier that nobody paid for', async () => {
      const buyer = await alliance.holder('gold');
      const [log] = await alliance.logs(buyer);
      expectError(await shop.refund(log.order_no), 409, 'order_not_refundable');
    });

    it('and credited at once is one of the two, and nothing is lost', async () => {
      for (let round = 0; round < 5; round += 1) {
        const inviter = await alliance.holder('gold');
        const order = await alliance.buy(await alliance.member(inviter), 'bronze');
        await shop.pass(7 * DAY);
        const [, refunded] = await Promise.all([shop.cron(), shop.refund(order)]);
        dataOf(refunded);
        await shop.cron();
        expect(await inviter.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
      }
    });
  });
});
