import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Alliance, idOf, LEVELS, type Level, okOf } from '../support/alliance.ts';
import { type Buyer, dataOf, db, expectLedgerSums, Shop } from '../support/money.ts';

const DAY = 86_400;
const MEMBERS = 4;

/** One thing that somebody does; `who`, `which` and `level` are taken modulo what there is. */
type Act = { act: (typeof ACTS)[number]; who: number; which: number; level: number; eoc: number };
const ACTS = [
  'order',
  'order',
  'pay',
  'pay',
  'wallet',
  'cancel',
  'refund',
  'part',
  'hand',
  'commission',
  'take back',
  'withdraw',
  'decide',
  'claim',
  'week',
  'hour',
] as const;

const acts = fc.array(
  fc.record({
    act: fc.constantFrom(...ACTS),
    who: fc.nat(MEMBERS - 1),
    which: fc.nat(20),
    level: fc.integer({ min: 1, max: 3 }),
    eoc: fc.constantFrom(0, 0, 1, 60, 100),
  }),
  { minLength: 12, maxLength: 30 },
);

const did = (act: Act['act'], who: number, more: Partial<Act> = {}): Act => ({
  act,
  who,
  which: 0,
  level: 1,
  eoc: 0,
  ...more,
});
/** One script in which everything happens that money can do; the others are generated. */
const EVERYTHING: Act[] = [
  did('hand', 0, { which: 2 }),
  did('order', 1, { eoc: 60 }),
  did('cancel', 1),
  did('order', 1, { eoc: 60 }),
  did('pay', 1),
  did('week', 0),
  did('hand', 2, { which: 1 }),
  did('refund', 1, { which: 1 }),
  did('order', 3, { eoc: 60 }),
  did('pay', 3),
  did('withdraw', 0),
  did('decide', 0, { which: 1 }),
  did('commission', 1),
];

describe('whatever an alliance does', () => {
  let shop: Shop;
  let alliance: Alliance;

  beforeAll(async () => {
    shop = await new Shop().open('2032-01-01T12:00:00Z');
    alliance = new Alliance(shop);
    // Each tier by one of the one below it, so that promotions happen; and rewards in ELC too.
    for (const level of ['gold', 'platina'] as const) {
      await alliance.needs(level, 1, LEVELS[LEVELS.indexOf(level) - 1] as Level);
    }
    const { members } = okOf(await alliance.get('/members'));
    const equities = members[2].equities.map((one: { z_rate?: string }) =>
      one.z_rate ? { ...one, z_elc_rate: '13' } : one,
    );
    okOf(await alliance.put('/members/3', { equities }));
  });

  it('the books agree with what happened', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (script) => {
        const members: Buyer[] = [];
        for (let index = 0; index < MEMBERS; index += 1) {
          const member = await alliance.member(members[index - 1]);
          await alliance.giveEoc(member, '200.00');
          await shop.fund(member, '1000.00');
          members.push(member);
        }
        for (const [index, act] of script.entries()) await perform(members, act, index);
        await shop.pass(8 * DAY);
        for (let runs = 0; runs < 3; runs += 1) await shop.cron();
        await expectLedgerSums();
        for (const member of members) await expectBooks(member);
      }),
      { numRuns: 8, examples: [[EVERYTHING]] },
    );
  });

  async function perform(members: Buyer[], { act, who, which, level, eoc }: Act, step: number) {
    const member = members[who % members.length];
    if (!member) return;
    const tier = LEVELS[level] as Level;
    const orders = await member.orders();
    const order = orders.length > 0 ? orders[which % orders.length].order_id : 'ord_none';
    switch (act) {
      case 'order':
        return alliance.order(member, tier, eoc > 0 ? { pay_mode: 'mixed', eoc_num: eoc } : {});
      case 'pay':
        return shop.client.cashier(order, { action: 'pay', times: '2' });
      case 'wallet':
        return member.pay(order);
      case 'cancel':
        return member.cancelOrder(order);
      case 'refund':
        return shop.refund(order, { force: which % 2 === 0 });
      case 'part':
        return shop.refund(order, { amount: '7.00' });
      case 'hand':
        return alliance.post(`/users/${member.id}/tier`, { member_id: idOf(LEVELS[which % 4] as Level) });
      case 'commission':
        return alliance.post('/commissions', {
          user_id: member.id,
          order_no: `${member.id}-${which % 3}`,
          amount: `${which + 1}.37`,
        });
      case 'take back':
        return alliance.admin('DELETE', `/commissions/${member.id}-${which % 3}`);
      case 'withdraw':
        return member.post(
          '/api/v1/tbk/withdrawals',
          { amount: `${which * 30 + 1}.00`, channel: 'bank', account: '1', account_name: 'x' },
          { headers: { 'Idempotency-Key': `${member.id}-${step}` } },
        );
      case 'decide': {
        const { data } = okOf(await alliance.get('/withdrawals?status=pending&limit=100'));
        const mine = data.filter((one: { account: string | null }) => one.account === '1');
        if (mine.length === 0) return;
        const path = `/withdrawals/${mine[which % mine.length].id}`;
        return which % 2 === 0
          ? alliance.post(`${path}/approve`)
          : alliance.post(`${path}/reject`, { reason: 'x' });
      }
      case 'claim':
        return member.post('/api/v1/tbk/members/gift', {
          order_no: order,
          consignee: { name: 'x', phone: '12345', area: 'x', detail: 'x' },
        });
      case 'week':
        await shop.pass(7 * DAY);
        return shop.cron();
      case 'hour':
        await shop.pass(3600);
        return shop.cron();
    }
  }

  /** What the books must say, from orders, rewards and withdrawals and not from entries. */
  async function expectBooks(member: Buyer): Promise<void> {
    const { results: orders } = await db
      .prepare("select * from orders where owner = ? and program = 'tier' order by serial")
      .bind(member.id)
      .all<{
        id: string;
        kind: string;
        status: string;
        provider: string | null;
        paid_amount: number;
        refunded_amount: number;
        product_id: string;
        snapshot: string;
      }>();
    const eocOf = (row: { snapshot: string }) => JSON.parse(row.snapshot).tier.eoc ?? 0;
    const bound = orders.filter(({ status }) => status === 'pending' || status === 'paid');
    const spentEoc = bound.reduce((sum, row) => sum + eocOf(row), 0);
    expect((await member.wallet('EOC')).balance).toBe((200 - spentEoc).toFixed(2));

    const { results: rewards } = await db
      .prepare(
        "select asset, sum(amount) as n from rewards where owner = ? and status = 'credited' group by 1",
      )
      .bind(member.id)
      .all<{ asset: string; n: number }>();
    const earned = (asset: string) => rewards.find((one) => one.asset === asset)?.n ?? 0;
    const held = await db
      .prepare("select count(*) as n from rewards where owner = ? and status = 'held'")
      .bind(member.id)
      .first('n');
    expect(held).toBe(0);
    const out = await db
      .prepare(
        "select coalesce(sum(amount), 0) as n from withdrawals where user_id = ? and status <> 'rejected'",
      )
      .bind(member.id)
      .first<number>('n');
    const fromWallet = orders
      .filter(({ provider }) => provider === 'wallet')
      .reduce((sum, row) => sum + row.paid_amount - row.refunded_amount, 0);
    const worth = async (asset: string) => {
      const row = await db
        .prepare('select balance - debt as n from wallet_balances where owner = ? and asset = ?')
        .bind(member.id, asset)
        .first<number>('n');
      return row ?? 0;
    };
    expect(await worth('CNY')).toBe(100_000 + earned('CNY') - (out ?? 0) - fromWallet);
    expect(await worth('ELC')).toBe(earned('ELC'));

    // A tier is the highest that was reached, bought or given, and neither refunded nor ended by hand.
    let standing: { rank: number; id: string }[] = [];
    for (const { id, kind, status, product_id } of await byPayment(orders)) {
      const rank = Number(product_id.slice('tier_'.length));
      if (kind === 'manual') standing = standing.filter((one) => one.rank <= rank);
      if (status === 'paid') standing.push({ rank, id });
    }
    const rank = Math.max(1, ...standing.map((one) => one.rank));
    expect(await alliance.level(member)).toBe(LEVELS[rank - 1]);
    // Nothing that was refunded left a reward standing.
    const { results: stray } = await db
      .prepare(
        `select rewards.id from rewards join orders on orders.id = rewards.order_no
         where orders.status = 'refunded' and rewards.status <> 'void'`,
      )
      .all();
    expect(stray).toEqual([]);
  }

  /** In the order in which they took effect: a grant's rowid tells it. */
  async function byPayment<T extends { id: string; status: string }>(orders: T[]): Promise<T[]> {
    const { results } = await db
      .prepare("select order_id from grants where program = 'tier' order by rowid")
      .all<{ order_id: string }>();
    const place = new Map(results.map(({ order_id }, index) => [order_id, index]));
    return orders
      .filter(({ status }) => status === 'paid' || status === 'refunded')
      .sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
  }

  it('is something that the script above really did', async () => {
    const count = (sql: string) => db.prepare(`select count(*) as n from ${sql}`).first<number>('n');
    for (const sql of [
      "orders where program = 'tier' and status = 'refunded'",
      "orders where program = 'tier' and kind = 'promotion'",
      "orders where program = 'tier' and status = 'paid' and token_amount > 0",
      "rewards where status = 'credited'",
      "rewards where status = 'void'",
      "withdrawals where status = 'rejected'",
      "wallet_entries where reason = 'reward_clawback'",
      "wallet_entries where reason = 'tier_release'",
    ]) {
      expect(await count(sql), sql).toBeGreaterThan(0);
    }
    expect(dataOf(await (await shop.buyer()).get('/api/v1/tbk/rewards')).items).toEqual([]);
  });
});
