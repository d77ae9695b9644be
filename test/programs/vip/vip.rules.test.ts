import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { membershipAt } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { refunded } from '#programs/changes';
import {
  carriedOver,
  discounted,
  levelByRules,
  parseCommission,
  profitsOf,
  settled,
  shownPeriod,
} from '#programs/vip/rules';
import { written } from '../token/grants.ts';

const START = Date.parse('2025-01-01T00:00:00Z');

interface Buy {
  id: string;
  level?: number;
  days?: number;
  price?: number;
  carry?: 'value' | 'days';
}

function buy(
  grants: GrantState[],
  { id, level = 7, days = 365, price = 100, carry = 'value' }: Buy,
  now: number,
) {
  const order = { id, productId: `vip_${level}`, period: String(days), paid: price, price, days };
  const change = settled(order, carry, grants, now);
  if (!change) throw new Error('nothing to add');
  return written(grants, change);
}

/** The level that is held, and for how many days from the start. */
const held = (grants: GrantState[], now: number) => {
  const { status, current, endsAt } = membershipAt(grants, false, now);
  return status === 'active' ? [current?.productId, endsAt === null ? null : (endsAt - START) / DAY] : null;
};

describe('a level', () => {
  it('ends its days after it was paid, and goes on from its end where it is bought again', () => {
    const once = buy([], { id: 'a', days: 30 }, START);
    expect(held(once, START)).toEqual(['vip_7', 30]);
    const twice = buy(once, { id: 'b', days: 10 }, START + 5 * DAY);
    expect(held(twice, START + 5 * DAY)).toEqual(['vip_7', 40]);
    expect(held(buy(once, { id: 'b', days: 10 }, START + 50 * DAY), START + 50 * DAY)).toEqual(['vip_7', 60]);
    const ever = buy(once, { id: 'b', days: 0 }, START + 5 * DAY);
    expect(held(ever, START + 5 * DAY)).toEqual(['vip_7', null]);
    expect(
      settled(
        { id: 'c', productId: 'vip_7', period: '1', paid: 1, price: 1, days: 1 },
        'value',
        ever,
        START + 6 * DAY,
      ),
    ).toBeNull();
  });

  it('takes over what another one has left, by its worth', () => {
    // 20 of 30 days at 3.00 are left: 2.00, which is 2 of 10 days at 10.00.
    const cheap = buy([], { id: 'a', level: 4, days: 30, price: 300 }, START);
    const now = START + 10 * DAY;
    expect(carriedOver({ days: 10, price: 1000 }, 'value', cheap, now)).toBe(2 * DAY);
    expect(held(buy(cheap, { id: 'b', days: 10, price: 1000 }, now), now)).toEqual(['vip_7', 22]);
    // Or whole, as ShopXO does: twenty days of the dear one.
    expect(held(buy(cheap, { id: 'b', days: 10, price: 1000, carry: 'days' }, now), now)).toEqual([
      'vip_7',
      40,
    ]);
    // For ever is for ever.
    expect(held(buy(cheap, { id: 'b', days: 0, price: 1000 }, now), now)).toEqual(['vip_7', null]);
  });

  it('keeps its worth over any number of changes, also of a cent', () => {
    // Ten days of 10.00, then of 20.00, and back, and again: 10 + 5, 10 + 30, 10 + 20, 10 + 60 days.
    let grants: GrantState[] = [];
    const days = [10, 15, 40, 30, 70];
    days.forEach((expected, index) => {
      const level = index % 2 === 0 ? 4 : 7;
      grants = buy(grants, { id: `o${index}`, level, days: 10, price: level === 4 ? 1000 : 2000 }, START);
      expect(held(grants, START)).toEqual([`vip_${level}`, expected]);
    });
    // The reference data's: a thousand days for a cent are worth a second day at a cent a day.
    const cent = buy([], { id: 'a', level: 7, days: 1000, price: 1 }, START);
    const later = START + SECOND;
    const more = carriedOver({ days: 2, price: 2 }, 'value', cent, later);
    expect(more).toBe(DAY - SECOND);
  });

  it('loses its own days with its refund, and no others', () => {
    const two = buy(buy([], { id: 'a', days: 30 }, START), { id: 'b', days: 10 }, START);
    const now = START + DAY;
    expect(held(written(two, refunded('b', two, now)), now)).toEqual(['vip_7', 30]);
    expect(held(written(two, refunded('a', two, now)), now)).toEqual(['vip_7', 11]);
    const other = buy(two, { id: 'c', level: 8 }, now);
    expect(held(written(other, refunded('c', other, now)), now)).toEqual(['vip_7', 40]);
  });

  it('never turns a cheap day into a dear one', () => {
    const purchase = fc.record({
      wait: fc.nat(20 * 86_400),
      level: fc.integer({ min: 1, max: 3 }),
      days: fc.integer({ min: 1, max: 400 }),
      price: fc.integer({ min: 1, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(purchase, { maxLength: 8 }), (purchases) => {
        let [now, grants, cash] = [START, [] as GrantState[], 0];
        // What is held, reckoned apart: how much of it is left, in money.
        let [worth, rate, holds, dearest] = [0, 0, 0, 0];
        for (const [index, { wait, level, days, price }] of purchases.entries()) {
          now += wait * SECOND;
          worth = Math.max(0, worth - (wait * rate) / 86_400);
          const more = carriedOver({ days, price }, 'value', grants, now);
          if (level !== holds || worth === 0) {
            rate = price / days;
            dearest = Math.max(dearest, rate);
            // Each change cuts to the second, which is at most a second of the dearest level.
            const cut = ((index + 1) * dearest) / 86_400;
            expect(Math.abs((more / DAY) * rate - worth)).toBeLessThan(cut + 1e-6);
          }
          expect((more / (days * DAY)) * price).toBeLessThanOrEqual(cash + 1e-6);
          // The same level again goes on at the old price per day first; the reckoning starts anew there.
          if (level === holds && worth > 0) return;
          grants = buy(grants, { id: `o${index}`, level, days, price }, now);
          [worth, holds] = [worth + price, level];
          cash += price;
          expect(held(grants, now)?.[0]).toBe(`vip_${level}`);
        }
      }),
    );
  });
});

describe('a level by rules', () => {
  const levels = [
    { productId: 'a', rulesMin: 0, rulesMax: 0 },
    { productId: 'b', rulesMin: 0, rulesMax: 100 },
    { productId: 'c', rulesMin: 100, rulesMax: 1000 },
    { productId: 'd', rulesMin: 1000, rulesMax: 0 },
  ];
  it.each([
    [0, 'b'],
    [99, 'b'],
    [100, 'c'],
    [999, 'c'],
    [1000, undefined],
    [1001, 'd'],
  ])('of %i is %s', (value, id) => {
    expect(levelByRules(levels, value)?.productId).toBe(id);
  });
  it('is the first of several', () => {
    expect(
      levelByRules(
        [
          { productId: 'x', rulesMin: 5, rulesMax: 50 },
          { productId: 'y', rulesMin: 1, rulesMax: 90 },
        ],
        10,
      )?.productId,
    ).toBe('x');
  });
});

describe('a discount', () => {
  const none = { rate: '0', orderPrice: 0, fullReductionPrice: 0 };
  it.each([
    [10_000, none, 10_000],
    [10_000, { ...none, rate: '0.8' }, 8000],
    [10_001, { ...none, rate: '0.8' }, 8000],
    [9999, { ...none, orderPrice: 10_000, fullReductionPrice: 500 }, 9999],
    [10_000, { ...none, orderPrice: 10_000, fullReductionPrice: 500 }, 9500],
    [10_000, { rate: '0.5', orderPrice: 5000, fullReductionPrice: 500 }, 4500],
    [10_000, { rate: '0.5', orderPrice: 5001, fullReductionPrice: 500 }, 5000],
    [10_000, { ...none, rate: '1' }, 10_000],
    [10_000, { ...none, rate: '1.5' }, 10_000],
    [10_000, { ...none, fullReductionPrice: 500 }, 10_000],
    [10, { ...none, orderPrice: 1, fullReductionPrice: 5 }, 5],
    [100, { ...none, orderPrice: 100, fullReductionPrice: 500 }, 0],
  ])('makes %i by %j %i', (amount, discount, pays) => {
    expect(discounted(amount, discount)).toBe(pays);
  });
});

describe('a commission', () => {
  it.each([
    ['', []],
    ['r|5', [500]],
    ['s|2', [200]],
    ['r|5;s|2;r|0.5', [500, 200, 50]],
    ['r|60;r|30;r|10', [6000, 3000, 1000]],
    ['s|80;s|80', [8000, 2000]],
    ['5', []],
    ['r|5;x|2', []],
    ['r|5;', []],
    ['r|1;r|1;r|1;r|1', []],
    ['r|60;r|41', []],
    ['r|-5', []],
    ['r|1.234', []],
  ])('of 100.00 by %j earns %j', (text, earned) => {
    expect(profitsOf(10_000, text)).toEqual(earned);
  });

  it('is never more than what was paid', () => {
    const part = fc.oneof(
      fc.integer({ min: 0, max: 40 }).map((rate) => `r|${rate}`),
      fc.integer({ min: 0, max: 500 }).map((sum) => `s|${sum}`),
    );
    fc.assert(
      fc.property(fc.nat(100_000), fc.array(part, { maxLength: 3 }), (paid, parts) => {
        const earned = profitsOf(paid, parts.join(';'));
        expect(earned.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(paid);
        expect(parseCommission(parts.join(';'))).not.toBeUndefined();
      }),
    );
  });
});

it.each([
  [0, '永久', ''],
  [2, '2', '天'],
  [29, '29', '天'],
  [30, '1', '月'],
  [45, '1.5', '月'],
  [364, '12.13', '月'],
  [365, '1', '年'],
  [1000, '2.74', '年'],
  [3650, '10', '年'],
])('%i days are shown as %s %s', (days, value, unit) => {
  expect(shownPeriod(days)).toEqual({ value, unit });
});
