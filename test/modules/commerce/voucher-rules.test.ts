import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '#kernel/clock';
import { discountOf, type Purchase, type VoucherTerms, voucherFault } from '#modules/commerce/voucher-rules';

const START = Date.parse('2026-05-01T00:00:00Z');
const END = Date.parse('2026-06-01T00:00:00Z');

const TERMS: VoucherTerms = {
  type: 'fixed',
  value: 500,
  minAmount: 1000,
  plans: [],
  programs: ['token'],
  startsAt: START,
  endsAt: END,
  voidedAt: null,
};
const PURCHASE: Purchase = { program: 'token', planId: 'plan_basic', originalAmount: 1000 };

const fault = (terms: Partial<VoucherTerms>, purchase: Partial<Purchase> = {}, now = START) =>
  voucherFault({ ...TERMS, ...terms }, { ...PURCHASE, ...purchase }, now);

const amounts = fc.oneof(fc.nat(1000), fc.nat(999_999_999_999));
const fixed = amounts.map((value) => ({ ...TERMS, type: 'fixed' as const, value }));
const percents = fc
  .integer({ min: 1, max: 100 })
  .map((value) => ({ ...TERMS, type: 'percent' as const, value }));

describe('what a voucher takes off', () => {
  it('is never below nothing nor more than what is left, and whole cents', () => {
    fc.assert(
      fc.property(fc.oneof(fixed, percents), amounts, (terms, left) => {
        const discount = discountOf(terms, left);
        expect(Number.isSafeInteger(discount)).toBe(true);
        expect(discount).toBeGreaterThanOrEqual(0);
        expect(discount).toBeLessThanOrEqual(left);
      }),
    );
  });

  it('is all of a fixed value that fits', () => {
    fc.assert(
      fc.property(fixed, amounts, (terms, left) => {
        expect([terms.value, left]).toContain(discountOf(terms, left));
        if (left >= terms.value) expect(discountOf(terms, left)).toBe(terms.value);
      }),
    );
    expect([0, 499, 500, 501].map((left) => discountOf(TERMS, left))).toEqual([0, 499, 500, 500]);
  });

  it('is, in percent, the largest whole cent that is not more than its part, of any amount', () => {
    fc.assert(
      fc.property(percents, amounts, (terms, left) => {
        const discount = BigInt(discountOf(terms, left));
        const part = BigInt(left) * BigInt(terms.value);
        expect(discount * 100n <= part && part < (discount + 1n) * 100n).toBe(true);
      }),
    );
  });

  it.each([
    [15, 99, 14],
    [15, 100, 15],
    [1, 99, 0],
    [50, 1, 0],
    [99, 1, 0],
    [100, 1, 1],
    [100, 99_999, 99_999],
    [29, 0, 0],
    // In floating point 0.29 × 100 is 28.999…
    [29, 100, 29],
    [33, 999_999_999_999, 329_999_999_999],
  ])('is, of %i percent on %i cents, %i', (value, left, expected) => {
    expect(discountOf({ ...TERMS, type: 'percent', value }, left)).toBe(expected);
  });

  it('grows with what is left', () => {
    fc.assert(
      fc.property(fc.oneof(fixed, percents), amounts, amounts, (terms, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(discountOf(terms, less)).toBeLessThanOrEqual(discountOf(terms, more));
      }),
    );
  });
});

describe('whether a voucher fits', () => {
  it.each([
    ['a second before it starts', START - SECOND, 'not_started'],
    ['a moment before it starts', START - 1, 'not_started'],
    ['when it starts', START, null],
    ['a moment before it ends', END - 1, null],
    ['when it ends', END, 'expired'],
    ['after it ended', END + SECOND, 'expired'],
  ] as const)('%s', (_, now, expected) => {
    expect(fault({}, {}, now)).toBe(expected);
  });

  it('from its start until before its end, at any other time not', () => {
    const times = fc.integer({ min: START - 40_000_000, max: END + 40_000_000 });
    fc.assert(
      fc.property(times, times, times, (startsAt, endsAt, now) => {
        expect(fault({ startsAt, endsAt }, {}, now) === null).toBe(startsAt <= now && now < endsAt);
      }),
    );
  });

  it('counts its minimum against the price before credit and discount, and takes just that', () => {
    const judged = [999, 1000, 1001].map((originalAmount) => fault({}, { originalAmount }));
    expect(judged).toEqual(['below_minimum', null, null]);
    expect(fault({ minAmount: 0 }, { originalAmount: 0 })).toBeNull();
    // What is left of it after credit does not matter.
    expect(discountOf(TERMS, 1)).toBe(1);
  });

  it.each([
    ['every plan where it names none', { plans: [] }, {}, null],
    ['a plan that it names', { plans: ['plan_pro', 'plan_basic'] }, {}, null],
    ['no plan that it does not name', { plans: ['plan_pro'] }, {}, 'wrong_plan'],
    ['no program that it does not name', {}, { program: 'package' }, 'wrong_plan'],
    ['a program that it names', { programs: ['tier', 'package'] }, { program: 'package' }, null],
    ['token plans only where it names them', { programs: ['package'] }, {}, 'wrong_plan'],
    ['nothing where it names no program', { programs: [] }, {}, 'wrong_plan'],
    ['nothing once it is void', { voidedAt: START }, {}, 'void'],
    ['nothing once it is void, of whatever time', { voidedAt: 0 }, {}, 'void'],
  ] as const)('%s', (_, terms, purchase, expected) => {
    expect(fault(terms as Partial<VoucherTerms>, purchase)).toBe(expected);
  });
});
