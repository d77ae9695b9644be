import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { membershipAt } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { refunded } from '#programs/changes';
import { quoteOf, settled } from '#programs/package/quote';
import type { QuoteKind } from '#programs/quote';
import { written } from '../token/grants.ts';

const START = Date.parse('2025-01-31T00:00:00Z');
const FREE = { total: 0, shares: [] };

interface Bought {
  id: string;
  productId?: string;
  days?: number | null;
  paid?: number;
}

/** Buys at `now` what a quote says it would be. */
function buy(
  grants: GrantState[],
  { id, productId = 'pkg_1', days = 30, paid = 3000 }: Bought,
  now: number,
): GrantState[] {
  const kind = quoteOf(grants, { productId, days, price: paid }, now)?.kind;
  if (!kind) throw new Error('nothing to buy');
  return settle(grants, { id, productId, days, paid, kind }, now);
}

function settle(
  grants: GrantState[],
  { id, productId = 'pkg_1', days = 30, paid = 3000, kind }: Bought & { kind: QuoteKind },
  now: number,
) {
  const change = settled({ id, productId, days, paid, kind, period: 'fixed' }, grants, now);
  if (!change) throw new Error('nothing to settle');
  return written(grants, change);
}

const heldAt = (grants: GrantState[], now: number) => {
  const { status, current, endsAt } = membershipAt(grants, false, now);
  return status === 'active' ? [current?.productId, endsAt === null ? null : (endsAt - START) / DAY] : null;
};

describe('a package', () => {
  const month = buy([], { id: 'a' }, START);

  it('lasts its days, to the second', () => {
    expect(heldAt(month, START)).toEqual(['pkg_1', 30]);
    expect(heldAt(month, START + 30 * DAY - SECOND)).toEqual(['pkg_1', 30]);
    expect(heldAt(month, START + 30 * DAY)).toBeNull();
    expect(heldAt(buy([], { id: 'a', days: null }, START), START + 40_000 * DAY)).toEqual(['pkg_1', null]);
  });

  it('bought again extends from its end, and once it is over begins anew', () => {
    const terms = { productId: 'pkg_1', days: 10, price: 1 };
    expect(quoteOf(month, terms, START + DAY)).toEqual({
      kind: 'renew',
      credit: FREE,
      startsAt: START + 30 * DAY,
    });
    expect(heldAt(buy(month, { id: 'b', days: 10 }, START + DAY), START + DAY)).toEqual(['pkg_1', 40]);
    const over = START + 30 * DAY;
    expect(quoteOf(month, terms, over)).toEqual({ kind: 'subscribe', credit: FREE, startsAt: over });
    expect(heldAt(buy(month, { id: 'b', days: 10 }, over + DAY), over + DAY)).toEqual(['pkg_1', 41]);
    // Ordered while it was held, and paid when it was over.
    expect(heldAt(settle(month, { id: 'b', days: 10, kind: 'renew' }, over + DAY), over + DAY)).toEqual([
      'pkg_1',
      41,
    ]);
  });

  it('without an end is not extended', () => {
    const endless = buy([], { id: 'a', days: null }, START);
    expect(quoteOf(endless, { productId: 'pkg_1', days: 30, price: 1 }, START + DAY)).toBeNull();
    expect(
      settled(
        { id: 'b', productId: 'pkg_1', days: 1, paid: 1, kind: 'renew', period: 'fixed' },
        endless,
        START,
      ),
    ).toBeNull();
    // Time without an end is worth nothing to another one.
    expect(quoteOf(endless, { productId: 'pkg_2', days: 30, price: 9 }, START + DAY)).toMatchObject({
      kind: 'upgrade',
      credit: FREE,
    });
  });

  it('is replaced by another at once, its unused days credited', () => {
    // 20 of 30 days are left of 30.00.
    const now = START + 10 * DAY;
    const credit = { total: 2000, shares: [{ orderId: 'a', amount: 2000 }] };
    expect(quoteOf(month, { productId: 'pkg_2', days: 5, price: 5000 }, now)).toEqual({
      kind: 'upgrade',
      credit,
      startsAt: now,
    });
    const held = settle(month, { id: 'b', productId: 'pkg_2', days: 5, kind: 'upgrade' }, now);
    expect(heldAt(held, now)).toEqual(['pkg_2', 15]);
    expect(heldAt(held, START + 15 * DAY)).toBeNull();
  });

  it('gives no credit beyond the price of the other', () => {
    const two = buy(month, { id: 'b', paid: 3000 }, START);
    const credit = (price: number) =>
      quoteOf(two, { productId: 'pkg_2', days: 5, price }, START + 15 * DAY)?.credit;
    expect(credit(4500)).toEqual({
      total: 4500,
      shares: [
        { orderId: 'a', amount: 1500 },
        { orderId: 'b', amount: 3000 },
      ],
    });
    expect(credit(1600)).toEqual({
      total: 1600,
      shares: [
        { orderId: 'a', amount: 1500 },
        { orderId: 'b', amount: 100 },
      ],
    });
    expect(credit(1500)).toEqual({ total: 1500, shares: [{ orderId: 'a', amount: 1500 }] });
    expect(credit(0)).toEqual(FREE);
  });

  it('that is refunded gives back what it replaced, until its old end', () => {
    const now = START + 10 * DAY;
    const held = settle(month, { id: 'b', productId: 'pkg_2', days: 365, kind: 'upgrade' }, now);
    const back = written(held, refunded('b', held, now + DAY));
    expect(heldAt(back, now + DAY)).toEqual(['pkg_1', 30]);
    expect(heldAt(written(month, refunded('a', month, now)), now)).toBeNull();
  });

  it('that is refunded after another one replaced it leaves to that one what it replaced', () => {
    // An endless one, replaced for nothing, replaced again: whose refund gives back what?
    const endless = buy([], { id: 'e', productId: 'pkg_3', days: null }, START);
    const second = settle(endless, { id: 'p', productId: 'pkg_1', days: 10, kind: 'upgrade' }, START + DAY);
    const third = settle(second, { id: 'q', productId: 'pkg_2', days: 5, kind: 'upgrade' }, START + 2 * DAY);
    const now = START + 3 * DAY;
    const without = written(third, refunded('p', third, now));
    expect(heldAt(without, now)).toEqual(['pkg_2', 7]);
    expect(heldAt(without, START + 7 * DAY)).toBeNull();
    const neither = written(without, refunded('q', without, now));
    expect(heldAt(neither, now)).toEqual(['pkg_3', null]);
    // The other way round it comes to the same.
    const first = written(third, refunded('q', third, now));
    expect(heldAt(first, now)).toEqual(['pkg_1', 11]);
    expect(heldAt(written(first, refunded('p', first, now)), now)).toEqual(['pkg_3', null]);
  });

  it('that was bought after one that is refunded counts from now on where what comes back has no end', () => {
    const endless = buy([], { id: 'e', productId: 'pkg_3', days: null }, START);
    const other = settle(endless, { id: 'p', days: 10, kind: 'upgrade' }, START + DAY);
    const more = buy(other, { id: 'o', days: 10 }, START + 2 * DAY);
    const now = START + 3 * DAY;
    const back = written(more, refunded('p', more, now));
    const idAt = (time: number) => membershipAt(back, false, time).current?.orderId;
    expect([idAt(now), idAt(now + 10 * DAY - SECOND), idAt(now + 10 * DAY)]).toEqual(['o', 'o', 'e']);
  });

  it('never gives more time than was bought, nor less, in any order of purchases of one package', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.nat(40 * 86_400), days: fc.integer({ min: 1, max: 60 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        (purchases) => {
          let [now, grants, end] = [START, [] as GrantState[], 0];
          for (const [index, { wait, days }] of purchases.entries()) {
            now += wait * SECOND;
            grants = buy(grants, { id: `o${index}`, days }, now);
            end = Math.max(end, now) + days * DAY;
          }
          expect(membershipAt(grants, false, now)).toMatchObject({ status: 'active', endsAt: end });
          expect(membershipAt(grants, false, end - SECOND).status).toBe('active');
          expect(membershipAt(grants, false, end).status).toBe('expired');
        },
      ),
    );
  });

  it('credits never more than was paid, whatever replaces what', () => {
    const purchase = fc.record({
      wait: fc.nat(40 * 86_400),
      days: fc.option(fc.integer({ min: 1, max: 60 })),
      product: fc.integer({ min: 1, max: 3 }),
      price: fc.nat(10_000),
    });
    fc.assert(
      fc.property(fc.array(purchase, { maxLength: 8 }), (purchases) => {
        let [now, grants, cash] = [START, [] as GrantState[], 0];
        for (const [index, { wait, days, product, price }] of purchases.entries()) {
          now += wait * SECOND;
          const productId = `pkg_${product}`;
          const quote = quoteOf(grants, { productId, days, price }, now);
          if (!quote) continue;
          const { kind, credit } = quote;
          expect(credit.total).toBeLessThanOrEqual(Math.min(cash, price));
          expect(credit.shares.reduce((sum, { amount }) => sum + amount, 0)).toBe(credit.total);
          if (kind !== 'upgrade') expect(credit.total).toBe(0);
          cash += price - credit.total;
          grants = settle(grants, { id: `o${index}`, productId, days, paid: price, kind }, now);
        }
      }),
    );
  });
});
