import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { isStanding, monthsFrom } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { paused, upgraded } from '#programs/changes';
import { creditOf } from '#programs/credit';
import {
  at,
  bought,
  chains,
  grant,
  monthsAfter,
  refund,
  share,
  upgrade,
  waited,
  within,
  written,
} from './grants.ts';

const START = at('2026-01-01T00:00:00Z');

/** An exact number, added up like by hand. */
type Ratio = [over: bigint, under: bigint];
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
const plus = ([a, b]: Ratio, [c, d]: Ratio): Ratio => {
  const [over, under] = [a * d + c * b, b * d];
  const common = gcd(over, under);
  return [over / common, under / common];
};
const floor = ([over, under]: Ratio) => Number(over / under);

/** paid × seconds left ÷ seconds, of everything that one order (or one grant of no order) gave. */
function worth(parts: GrantState[], now: number): Ratio {
  let [paid, left, length] = [0n, 0n, 0n];
  for (const { paid: some, fromAt, untilAt } of parts) {
    if (untilAt === null) return [0n, 1n];
    paid += BigInt(some);
    length += BigInt((untilAt - fromAt) / SECOND);
    left += BigInt(Math.max(0, untilAt - Math.max(fromAt, now)) / SECOND);
  }
  return [paid * left, length];
}

const total = (grants: GrantState[], now: number) => creditOf(grants, now).total;
const seconds = (max: number) => fc.integer({ min: 0, max }).map((one) => one * SECOND);
const YEAR = 366 * 24 * 3600;

/** What orders gave, each in some parts with time between them; and one of no order now and then. */
const holdings = fc
  .array(
    fc.record({
      paid: fc.oneof(fc.nat(20), fc.nat(1_000_000_000)),
      parts: fc.array(fc.record({ gap: seconds(YEAR), length: seconds(YEAR).map((one) => one + SECOND) }), {
        minLength: 1,
        maxLength: 3,
      }),
      ordered: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((list) =>
    list.flatMap(({ paid, parts, ordered }, index) => {
      let end = START;
      return (ordered ? parts : parts.slice(0, 1)).map(({ gap, length }, part) => {
        const fromAt = end + gap;
        end = fromAt + length;
        const orderId = ordered ? `o${index}` : null;
        return grant('2026-01-01', null, {
          ...{ id: `g${index}_${part}`, orderId, part, fromAt, untilAt: end, paid: part === 0 ? paid : 0 },
        });
      });
    }),
  );
const moments = seconds(3 * YEAR).map((one) => START + one);

describe('the credit of an upgrade', () => {
  it('is exactly the sum of what is left of each order, rounded down once', () => {
    fc.assert(
      fc.property(holdings, moments, (grants, now) => {
        const orders = [...Map.groupBy(grants, ({ id, orderId }) => orderId ?? id).values()];
        const sum = orders.map((parts) => worth(parts, now)).reduce(plus, [0n, 1n]);
        expect(total(grants, now)).toBe(floor(sum));
      }),
    );
  });

  it('is dealt to the orders to the cent: each its own share, a broken cent up or down, and none for nothing', () => {
    fc.assert(
      fc.property(holdings, moments, (grants, now) => {
        const { total, shares } = creditOf(grants, now);
        expect(shares.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
        const ordered = shares.flatMap(({ orderId }) => orderId ?? []);
        expect(new Set(ordered).size).toBe(ordered.length);
        for (const { orderId, amount } of shares) {
          expect(amount).toBeGreaterThan(0);
          if (orderId === null) continue;
          const parts = grants.filter((one) => one.orderId === orderId);
          const [over, under] = worth(parts, now);
          expect([floor([over, under]), floor([over + under - 1n, under])]).toContain(amount);
          expect(amount).toBeLessThanOrEqual(parts.reduce((sum, { paid }) => sum + paid, 0));
        }
      }),
    );
  });

  it('never grows with time, is all that was paid before it begins, and nothing once it is over', () => {
    fc.assert(
      fc.property(holdings, moments, moments, (grants, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        const paid = grants.reduce((sum, grant) => sum + grant.paid, 0);
        const end = Math.max(START, ...grants.map(({ untilAt }) => untilAt ?? 0));
        expect(total(grants, late)).toBeLessThanOrEqual(total(grants, early));
        expect(total(grants, early)).toBeLessThanOrEqual(paid);
        expect([total(grants, START), creditOf(grants, end)]).toEqual([paid, { total: 0, shares: [] }]);
      }),
    );
  });

  it('does not depend on the order in which grants are given', () => {
    fc.assert(
      fc.property(holdings, moments, (grants, now) => {
        expect(total(grants.toReversed(), now)).toBe(total(grants, now));
      }),
    );
  });

  it.each([
    ['is void', { voidedAt: START }],
    ['an upgrade replaced', { replacedBy: 'ord_9', restoreUntilAt: START + 9 * DAY }],
    ['waits', { pausedAt: START }],
    ['has no end', { untilAt: null }],
    ['cost nothing', { paid: 0 }],
  ] as const)('counts nothing for time that %s', (_, more) => {
    fc.assert(
      fc.property(holdings, moments, (grants, now) => {
        const worthless = grant('2026-01-01', '2029-01-01', { orderId: 'x', paid: 70_000, ...more });
        expect(creditOf([worthless], now)).toEqual({ total: 0, shares: [] });
        expect(creditOf([worthless, ...grants], now)).toEqual(creditOf(grants, now));
      }),
    );
  });

  it('counts an order as nothing whose time goes on without an end, or has no length', () => {
    const order = { orderId: 'a', paid: 1_000_000 };
    const parts = [
      grant('2026-01-01', '2026-02-01', { ...order, id: '1' }),
      grant('2026-02-01', null, { ...order, id: '2' }),
    ];
    expect(total(parts, START)).toBe(0);
    const empty = grant('2026-02-01', '2026-02-01', order);
    expect(creditOf([empty], START)).toEqual({ total: 0, shares: [] });
  });

  it('rounds down to the cent, and the sum of broken cents only once', () => {
    const month = (id: string, paid: number) => grant('2026-01-01', '2026-01-31', { id, orderId: id, paid });
    const credit = (days: number, ...grants: GrantState[]) => creditOf(grants, START + days * DAY);
    expect(credit(10, month('a', 100))).toEqual({ total: 66, shares: [{ orderId: 'a', amount: 66 }] });
    expect(total([month('a', 100)], START + SECOND)).toBe(99);
    expect(total([month('a', 100)], START + 30 * DAY - SECOND)).toBe(0);
    expect(credit(15, month('a', 1), month('b', 1), month('c', 1)).total).toBe(1);
    // 33.33 + 16.66 + 0.33 = 50.33: 33 and 16 and 0 are dealt, and the cent that is missing goes where most is broken.
    expect(credit(20, month('a', 100), month('b', 50), month('c', 1))).toEqual({
      total: 50,
      shares: [
        { orderId: 'a', amount: 33 },
        { orderId: 'b', amount: 17 },
      ],
    });
  });

  it('is of what was paid less what was sent back', () => {
    const held = grant('2026-01-01', '2026-01-31', { orderId: 'a', paid: 3000 - 600 });
    expect(total([held], START + 15 * DAY)).toBe(1200);
  });
});

describe('the credit of time that waited', () => {
  it('is what it was before, to the cent and by order, however often it waited', () => {
    fc.assert(
      fc.property(
        chains,
        fc.array(fc.nat((90 * DAY) / SECOND), { maxLength: 5 }),
        ({ grants, now }, waits) => {
          let [held, time] = [grants, now];
          for (const one of waits) {
            held = waited(held, time, time + one * SECOND);
            time += one * SECOND;
          }
          expect(creditOf(held, time)).toEqual(creditOf(grants, now));
        },
      ),
    );
  });

  it('goes on to melt as it did, however it was split', () => {
    fc.assert(
      fc.property(chains, fc.nat(10_000_000), fc.nat(10_000_000), ({ grants, now }, wait, more) => {
        const [back, later] = [now + wait * SECOND, more * SECOND];
        const held = waited(grants, now, back);
        expect(creditOf(held, back + later)).toEqual(creditOf(grants, now + later));
      }),
    );
  });

  it('is what it would be without the upgrade that came before and was refunded after', () => {
    fc.assert(
      fc.property(chains, fc.nat((90 * DAY) / SECOND), share, ({ grants, now, until }, wait, part) => {
        const leave = within(now, until, part);
        const back = leave + wait * SECOND;
        const undone = refund(waited(upgrade(grants, 'up', now), leave, back), 'up', back);
        // Of an upgrade that ends before, nothing waits.
        fc.pre(leave < monthsAfter(now, 12));
        expect(creditOf(undone, back)).toEqual(creditOf(waited(grants, leave, back), back));
      }),
    );
  });

  it('is nothing while it waits', () => {
    fc.assert(
      fc.property(chains, ({ grants, now }) => {
        expect(creditOf(written(grants, paused(grants, now)), now)).toEqual({ total: 0, shares: [] });
      }),
    );
  });
});

describe('credit that is used', () => {
  it('counts as paid for the next upgrade, and never comes to more than all the money that came in', () => {
    const upgrades = fc.array(fc.tuple(fc.nat(50_000), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.nat(100_000), upgrades, (price, list) => {
        let held = bought([], { id: 'o', period: 'yearly', paid: price }, START);
        let [now, cash] = [START, price];
        list.forEach(([extra, part], index) => {
          now = within(now, held.find((one) => isStanding(one) && !one.replacedBy)?.untilAt ?? now, part);
          const { total: credit, shares } = creditOf(held, now);
          // All of it comes out of the one order that counts.
          expect(shares.every(({ orderId }) => orderId === (index === 0 ? 'o' : `u${index - 1}`))).toBe(true);
          const order = { productId: 'plan_pro', period: 'yearly' as const, paid: credit + extra };
          held = written(
            held,
            upgraded({ id: `u${index}`, ...order }, monthsFrom(now, order.period), held, now),
          );
          cash += extra;
          expect(total(held, now)).toBe(credit + extra);
          expect(total(held, now)).toBeLessThanOrEqual(cash);
        });
      }),
    );
  });

  it('melts with the upgrade that it paid for', () => {
    // 60.00 a year; after half of it 30.00 go into an upgrade to 120.00; after half of that 60.00 are left of both.
    const year = 365 * DAY;
    const first = grant('2026-01-01', '2027-01-01', { id: 'a', orderId: 'a', paid: 6000 });
    const half = START + year / 2;
    expect(total([first], half)).toBe(3000);
    const order = { id: 'b', productId: 'plan_pro', period: 'yearly' as const, paid: 9000 + 3000 };
    const held = written([first], upgraded(order, monthsFrom(half, order.period), [first], half));
    expect(creditOf(held, half + year / 2)).toEqual({
      total: 6000,
      shares: [{ orderId: 'b', amount: 6000 }],
    });
  });
});
