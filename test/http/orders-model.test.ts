import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MeteredD1 } from '../../src/dev/metered-d1.ts';
import { type Answer, Client } from '../support/client.ts';
import { doorWith } from '../support/doors.ts';
import { type Buyer, db, expectLedgerSums, Shop } from '../support/money.ts';
import { scriptsOf, Tally } from '../support/scripts.ts';

/**
 * Orders, payments, refunds and a wallet, in any order, twice at once, late, of a wrong amount, and with a database that goes
 * away in the middle: what is in the wallet is what the orders say went through it, each order is paid once and grants once.
 */

const SCRIPTS = scriptsOf(10);
const tally = new Tally();
const metered = new MeteredD1(db);
const shop = new Shop(new Client({ door: doorWith({ DB_DEFAULT: metered.binding }) }));

/** After so many calls the database is away, until the operation is over; null where it stays. */
const dies = fc.option(fc.nat(14), { freq: 3 });
const which = fc.nat(5);
const share = fc.constantFrom(0.25, 1, 1);

type Operation =
  | { kind: 'order'; what: 'subscribe' | 'renew' | 'topup' | 'dearer'; dies: number | null }
  | { kind: 'pay'; which: number; how: 'wallet' | 'cashier' | 'both'; times: number; dies: number | null }
  | { kind: 'odd'; which: number; how: 'wrong amount' | 'second payment' }
  | { kind: 'cancel'; which: number; dies: number | null }
  | { kind: 'refund'; which: number; share: number; outside: boolean; dies: number | null }
  | { kind: 'adjust'; amount: string }
  | { kind: 'wait'; minutes: number }
  | { kind: 'cron'; dies: number | null };

const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      what: fc.constantFrom('subscribe', 'subscribe', 'renew', 'topup', 'topup', 'dearer'),
      dies,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      which: fc.constantFrom(0, 0, 0, 1, 2),
      how: fc.constantFrom('wallet', 'wallet', 'cashier', 'both'),
      times: fc.constantFrom(1, 1, 3),
      dies,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('odd' as const),
      which,
      how: fc.constantFrom('wrong amount', 'second payment'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which, dies }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('refund' as const), which, share, outside: fc.boolean(), dies }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('adjust' as const),
      amount: fc.constantFrom('30.00', '200.00', '200.00', '-10.00', '-500.00'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      minutes: fc.constantFrom(6, 31, 60 * 24 * 3, 60 * 24 * 40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cron' as const), dies }) },
);

const scripts = fc.array(operations, { minLength: 5, maxLength: 30, size: 'max' });
/** What is in the wallet to begin with. */
const funds = fc.constantFrom('200.00', '200.00', null);

interface OrderRow {
  id: string;
  program: string;
  status: 'pending' | 'paid' | 'closed' | 'refunded';
  final: number;
  paid: number;
  refunded: number;
  provider: string | null;
  expires: number;
}

/** What an order may become of what it was. */
const NEXT: Record<OrderRow['status'], OrderRow['status'][]> = {
  pending: ['pending', 'paid', 'closed', 'refunded'],
  // A payment that is there after all, of an order that was closed meanwhile.
  closed: ['closed', 'paid', 'refunded'],
  paid: ['paid', 'refunded'],
  refunded: ['refunded'],
};

let names = 0;

/** One buyer, and what must be true of what is theirs after each operation. */
class Course {
  private readonly buyer: Buyer;
  private adjusted = 0;
  private before = new Map<string, OrderRow>();
  /** Payments that were told, and acknowledged. */
  private readonly told = new Set<string>();

  constructor(buyer: Buyer) {
    this.buyer = buyer;
  }

  async run(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'order':
        await this.order(operation);
        break;
      case 'pay':
        await this.pay(operation);
        break;
      case 'odd':
        await this.odd(operation);
        break;
      case 'cancel':
        await this.on(operation, (id) => this.buyer.cancelOrder(id));
        break;
      case 'refund':
        await this.refund(operation);
        break;
      case 'adjust':
        await this.adjust(operation.amount);
        break;
      case 'wait':
        await shop.pass(operation.minutes * 60);
        break;
      case 'cron':
        await this.amid(operation.dies, () => shop.cron().then(() => []));
    }
    await this.check();
  }

  /** Everything is delivered: nothing waits any more, and all that was paid for nothing has gone back. */
  async finish(): Promise<void> {
    for (const _ of [1, 2, 3]) {
      await shop.pass(3600);
      await shop.cron();
    }
    await this.check();
    expect([...this.before.values()].filter(({ status }) => status === 'pending')).toEqual([]);
    const { results } = await db
      .prepare(
        `select p.state, p.amount, p.refunded_amount from payments p join orders o on o.id = p.order_id
         where o.owner = ? and p.state in ('surplus', 'refund_pending') and p.refunded_amount < p.amount`,
      )
      .bind(this.buyer.id)
      .all();
    expect(results).toEqual([]);
    for (const transaction of this.told) await this.checkPayment(transaction);
    for (const { status } of this.before.values()) tally.count(status, 1);
  }

  /** What was told is there once: it paid for something, is kept for a person, or went back. */
  private async checkPayment(transaction: string): Promise<void> {
    const { results } = await db
      .prepare('select state, amount, refunded_amount as refunded from payments where transaction_id = ?')
      .bind(transaction)
      .all<{ state: string; amount: number; refunded: number }>();
    expect(results, transaction).toHaveLength(1);
    const [{ state, amount, refunded } = { state: 'none', amount: 0, refunded: 0 }] = results;
    const isKept = state === 'applied' || state === 'mismatched';
    expect(isKept || refunded === amount, `${transaction}: ${state} ${refunded} of ${amount}`).toBe(true);
    tally.count(state, 1);
  }

  /** Runs while the database may go away. What it answers then is no more than that it failed. */
  private async amid(after: number | null, act: () => Promise<Answer | Answer[] | undefined>): Promise<void> {
    await this.buyer.token();
    await shop.admin().then((admin) => admin.token());
    if (after !== null) {
      const died = metered.deaths;
      await metered.dyingAfter(after, () => act().catch(() => {}));
      tally.count('died', metered.deaths - died);
      return;
    }
    for (const { status, body } of [(await act()) ?? []].flat())
      expect(status, JSON.stringify(body)).toBeLessThan(500);
  }

  private async order({ what, dies: after }: Of<'order'>): Promise<void> {
    const ask = {
      subscribe: () => this.buyer.subscribe('plan_basic'),
      dearer: () => this.buyer.subscribe('plan_premium', 'monthly'),
      renew: () => this.buyer.renew(),
      topup: () => this.buyer.post('/api/v1/wallet/topups', { amount: '60.00' }),
    }[what];
    await this.amid(after, ask);
  }

  private async on(
    { which: index, dies: after }: { which: number; dies: number | null },
    ask: Ask,
    status: OrderRow['status'] = 'pending',
  ): Promise<void> {
    const order = await this.orderAt(index, status);
    if (order) await this.amid(after, () => ask(order.id, order));
  }

  private async pay(operation: Of<'pay'>): Promise<void> {
    const { how, times } = operation;
    await this.on(operation, async (id, order) => {
      const cashier = () => this.cashier(id, times);
      const wallet = () => this.buyer.pay(id);
      if (how === 'cashier') return cashier();
      if (how === 'both') return Promise.all([wallet(), cashier(), wallet()]);
      const had = await this.net();
      const answer = await wallet();
      // With a database that stays, what can be paid is paid.
      const isDue = order.status === 'pending' && order.expires > (await shop.now());
      if (operation.dies === null && isDue && order.program !== 'wallet') {
        const meant = had >= order.final ? 'paid' : 'wallet_short';
        const told = answer.body.error ?? 'paid';
        // What an order was made for may have been refunded since.
        expect([meant, 'membership_changed'], JSON.stringify(answer.body)).toContain(told);
      }
      return answer;
    });
  }

  /** Pays at the sandbox, which tells it so many times. */
  private async cashier(id: string, times: number): Promise<Answer> {
    names += 1;
    const transaction = `cash-${names}`;
    const form = { action: 'pay', times: String(times), transaction_id: transaction };
    const answer = await shop.client.cashier(id, form);
    if (answer.body.answers?.includes(200)) this.told.add(transaction);
    return answer;
  }

  private async odd({ which: index, how }: Of<'odd'>): Promise<void> {
    const order = await this.orderAt(index, 'paid');
    if (!order) return;
    names += 1;
    const amount = ((how === 'wrong amount' ? order.final + 1 : order.final) / 100).toFixed(2);
    const notice = { transaction_id: `odd-${names}`, order_id: order.id, amount };
    for (const _ of [1, 2]) expect((await shop.notify(notice)).status).toBe(200);
    this.told.add(notice.transaction_id);
  }

  private async refund({ which: index, share: part, outside, dies: after }: Of<'refund'>): Promise<void> {
    const ask: Ask = (id, order) => {
      const amount = (Math.max(1, Math.floor(order.paid * part)) / 100).toFixed(2);
      if (outside) return shop.client.cashier(id, { action: 'refund', amount, times: '2' });
      return Promise.all([1, 2].map(() => shop.refund(id, { amount, force: true })));
    };
    await this.on({ which: index, dies: after }, ask, 'paid');
  }

  private async adjust(amount: string): Promise<void> {
    names += 1;
    const admin = await shop.admin();
    const body = { asset: 'CNY', amount, reason: 'a test', reference: `adjust-${names}` };
    const path = `/admin/v1/wallets/${this.buyer.id}/adjust`;
    const answers = [await admin.post(path, body), await admin.post(path, body)];
    if (answers[0]?.status === 200) this.adjusted += Math.round(Number(amount) * 100);
    else expect(answers.map(({ body: told }) => told.error)).toEqual(['wallet_short', 'wallet_short']);
  }

  private async orders(): Promise<OrderRow[]> {
    const { results } = await db
      .prepare(
        `select id, program, status, final_amount as final, paid_amount as paid, refunded_amount as refunded, provider,
           expires_at as expires
         from orders where owner = ? order by serial desc`,
      )
      .bind(this.buyer.id)
      .all<OrderRow>();
    return results;
  }

  /** One of those in a status, the newest first; of all, where none is. */
  private async orderAt(index: number, status: OrderRow['status']): Promise<OrderRow | undefined> {
    const all = await this.orders();
    const wanted = all.filter((one) => one.status === status);
    const from = wanted.length > 0 ? wanted : all;
    return from[index % from.length];
  }

  /** What is in the wallet, less what it owes. */
  private async net(): Promise<number> {
    const row = await db
      .prepare("select balance, debt from wallet_balances where owner = ? and asset = 'CNY'")
      .bind(this.buyer.id)
      .first<{ balance: number; debt: number }>();
    const { balance, debt } = row ?? { balance: 0, debt: 0 };
    expect(Math.min(balance, debt)).toBe(0);
    return balance - debt;
  }

  private async check(): Promise<void> {
    const orders = await this.orders();
    for (const order of orders) this.checkOrder(order);
    this.before = new Map(orders.map((one) => [one.id, one]));
    await this.checkGrants();
    const through = (of: OrderRow[]) => of.reduce((sum, { paid, refunded }) => sum + paid - refunded, 0);
    const topups = orders.filter(({ program }) => program === 'wallet');
    const byWallet = orders.filter(({ program, provider }) => program !== 'wallet' && provider === 'wallet');
    expect(await this.net()).toBe(this.adjusted + through(topups) - through(byWallet));
    await expectLedgerSums();
  }

  private checkOrder(order: OrderRow): void {
    const told = JSON.stringify(order);
    const { id, status, final, paid, refunded } = order;
    const before = this.before.get(id);
    if (before) expect(NEXT[before.status], told).toContain(status);
    expect(refunded, told).toBeLessThanOrEqual(paid);
    expect(refunded, told).toBeGreaterThanOrEqual(before?.refunded ?? 0);
    expect(paid, told).toBe(status === 'paid' || status === 'refunded' ? final : 0);
    if (final > 0) expect(status === 'refunded', told).toBe(paid > 0 && refunded === paid);
  }

  /** An order that is paid grants once; one that is not, or no more, grants nothing. */
  private async checkGrants(): Promise<void> {
    const { results } = await db
      .prepare(
        `select o.id, o.status, count(distinct g.id) as made, sum(g.voided_at is null and g.id is not null) as standing
         from orders o left join grants g on g.order_id = o.id
         where o.owner = ? and o.program = 'token' and o.final_amount > 0 group by o.id`,
      )
      .bind(this.buyer.id)
      .all<{ status: string; made: number; standing: number }>();
    for (const row of results) {
      const told = JSON.stringify(row);
      const isPaid = row.status === 'paid' || row.status === 'refunded';
      expect(row.made, told).toBe(isPaid ? 1 : 0);
      if (!isPaid || row.status === 'refunded') expect(row.standing, told).toBe(0);
    }
  }
}

type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;
type Ask = (id: string, order: OrderRow) => Promise<Answer | Answer[]>;

describe('the order pipeline', () => {
  beforeAll(async () => {
    await shop.open('2027-02-01T06:00:00Z');
    await shop.admin();
  });

  it('applies no money twice and loses none, whatever happens', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(funds, scripts, async (amount, script) => {
        const course = new Course(await shop.buyer());
        if (amount !== null) await course.run({ kind: 'adjust', amount });
        for (const operation of script) await course.run(operation);
        await course.finish();
      }),
      SCRIPTS,
    );
    tally.expectEach('paid', 'closed', 'applied', 'mismatched', 'surplus', 'died');
  });
});
