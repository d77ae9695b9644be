import { env } from 'cloudflare:test';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Signed, StandIn, Trade } from '../standins/stand-in.ts';
import { Market } from '../support/market.ts';
import { dataOf, db, expectLedgerSums } from '../support/money.ts';

/** How many sequences each provider tells: 5, or `SEQUENCES` of the environment. */
const RUNS = Number((env as unknown as { SEQUENCES: string }).SEQUENCES);
const PRICE = 4900;

let market: Market;

beforeAll(async () => {
  market = await Market.make();
  await market.open('2027-02-01T00:00:00Z');
});

/** What happened at the provider, and in which order we are told of it. */
const Story = fc.record({
  /** The buyer cancels, and pays all the same. */
  late: fc.boolean(),
  /** They pay twice. */
  twice: fc.boolean(),
  /** A payment of another amount, or none. */
  wrong: fc.option(fc.constantFrom(1, PRICE - 1, PRICE + 1)),
  /** What is sent back by hand of the first payment, in turn. */
  refunds: fc.array(fc.integer({ min: 1, max: 2000 }), { maxLength: 3 }),
  all: fc.boolean(),
  /** Each is told once, somewhere; and some again, anywhere. */
  order: fc.array(fc.nat(1000), { minLength: 8, maxLength: 8 }),
  again: fc.array(fc.nat(1000), { maxLength: 5 }),
  cancelAt: fc.option(fc.nat(12)),
  cronAt: fc.option(fc.nat(12)),
  /** Two at a time, at once. */
  atOnce: fc.boolean(),
});
type Story = typeof Story extends fc.Arbitrary<infer S> ? S : never;

interface Told {
  notice: Signed;
  /** Which payment it tells, if it does. */
  payment: Trade | null;
}

describe.each<StandIn['name']>(['stripe', 'wxpay', 'alipay'])('%s', (name) => {
  it('grants once and loses nothing, whatever it tells in whatever order', {
    timeout: 3_600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(Story, (story) => live(name, story)),
      { numRuns: RUNS, examples: [[EVERYTHING]] },
    );
    await expectLedgerSums();
  });
});

const EVERYTHING: Story = {
  late: true,
  twice: true,
  wrong: 1,
  refunds: [100, 200],
  all: true,
  order: [7, 6, 5, 4, 3, 2, 1, 0],
  again: [1, 2, 3],
  cancelAt: 1,
  cronAt: 3,
  atOnce: true,
};

async function live(name: StandIn['name'], story: Story): Promise<void> {
  const there = market[name];
  const buyer = await market.buyer();
  const { order_id: id } = await buyer.ordered('plan_basic');
  dataOf(await market.begin(buyer, id, name));
  if (story.late) dataOf(await buyer.cancelOrder(id));

  const first = there.pay(id);
  const facts: Told[] = [{ notice: await there.paidNotice(first), payment: first }];
  const parts = story.all ? [...story.refunds, PRICE] : story.refunds;
  for (const part of parts) {
    const amount = Math.min(part, first.amount - first.refunded);
    if (amount > 0) facts.push({ notice: await market.giveBack(name, first, amount), payment: null });
  }
  const second: Trade = { ...first, transactionId: `${first.transactionId}-2`, refunded: 0 };
  if (story.twice) {
    there.sell(second);
    facts.push({ notice: await there.paidNotice(second), payment: second });
  }
  const wrong: Trade = { ...second, transactionId: `${first.transactionId}-3`, amount: story.wrong ?? 0 };
  if (story.wrong !== null) facts.push({ notice: await there.paidNotice(wrong), payment: wrong });

  await tell(
    name,
    inOrder(facts, story, second),
    async (step) => {
      if (step === story.cancelAt) await buyer.cancelOrder(id);
      if (step === story.cronAt) await market.cron();
    },
    story.atOnce,
  );
  await market.cron();

  const detail = await market.detail(id);
  const states = Object.fromEntries(
    detail.payments.map((one: { transaction_id: string; state: string }) => [one.transaction_id, one.state]),
  );
  const told = facts.flatMap(({ payment }) => payment ?? []);
  const context = JSON.stringify({ name, states, detail });
  // No payment is lost, and none is there twice.
  expect(Object.keys(states).sort(), context).toEqual(told.map(({ transactionId }) => transactionId).sort());
  expect(detail.payments, context).toHaveLength(told.length);
  if (story.wrong !== null) expect(states[wrong.transactionId], context).toBe('mismatched');
  // One of them pays the order, and grants once; another one goes back, once.
  const right = [first, ...(story.twice ? [second] : [])];
  const applied = right.filter(({ transactionId }) => states[transactionId] === 'applied');
  expect(applied, context).toHaveLength(1);
  for (const one of right) {
    const sum = there.returnedOf(one).reduce((total, amount) => total + amount, 0);
    const [mine] = applied;
    expect(sum, context).toBe(one === mine ? one.refunded : PRICE);
  }
  const [grants] = (
    await db.prepare('select count(*) as n from grants where order_id = ?').bind(id).all<{ n: number }>()
  ).results;
  expect(grants?.n, context).toBe(1);
  expect(await buyer.actions()).toEqual(first.refunded === PRICE ? ['expired', 'subscribe'] : ['subscribe']);
  // What went back is booked, and what it bought is gone with the whole of it.
  const gone = first.refunded === PRICE;
  expect(detail, context).toMatchObject({
    status: gone ? 'refunded' : 'paid',
    paid_amount: '49.00',
    refunded_amount: (first.refunded / 100).toFixed(2),
  });
  expect((await buyer.me()).status, context).toBe(gone ? 'none' : 'active');
}

/** The facts in the order in which they are told, some of them again. */
function inOrder(facts: Told[], story: Story, second: Trade): Told[] {
  const sorted = facts
    .map((fact, index) => ({ fact, rank: story.order[index] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ fact }) => fact);
  const told = [...sorted];
  for (const place of story.again) {
    const fact = facts[place % facts.length];
    if (fact) told.splice(place % (told.length + 1), 0, fact);
  }
  // Which payment was sent back by hand is the one that pays the order: the other is told after it.
  const isSecond = ({ payment }: Told) => payment === second;
  const sentBack = facts.length > sorted.filter(({ payment }) => payment !== null).length;
  if (!sentBack) return told;
  return [...told.filter((one) => !isSecond(one)), ...told.filter(isSecond)];
}

async function tell(
  name: StandIn['name'],
  told: Told[],
  between: (step: number) => Promise<void>,
  atOnce: boolean,
): Promise<void> {
  const width = atOnce ? 2 : 1;
  for (let step = 0; step < told.length; step += width) {
    await between(step);
    const answers = await Promise.all(
      told.slice(step, step + width).map(({ notice }) => market.tell(name, notice)),
    );
    for (const answer of answers) expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  }
}
