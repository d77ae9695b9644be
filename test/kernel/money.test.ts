import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, hasTwoDecimals, isDecimal, parseDecimal, shareOf } from '#kernel/money';

/** All that ten digits and two decimals can say. */
const MOST = 999_999_999_999;
const amounts = fc.integer({ min: 0, max: MOST });

describe('parseDecimal and formatDecimal', () => {
  it('read back what they wrote', () => {
    fc.assert(fc.property(amounts, (amount) => parseDecimal(formatDecimal(amount)) === amount));
  });

  it('always write two decimals', () => {
    fc.assert(fc.property(amounts, (amount) => /^\d+\.\d{2}$/.test(formatDecimal(amount))));
  });

  it.each([
    ['0', 0],
    ['0.00', 0],
    ['0.1', 10],
    ['0.01', 1],
    ['0.07', 7],
    ['49.00', 4900],
    ['490.5', 49050],
    ['1.10', 110],
    ['9999999999.99', MOST],
  ])('reads %s as %i', (text, minor) => {
    expect(parseDecimal(text)).toBe(minor);
  });

  it.each([
    [0, '0.00'],
    [1, '0.01'],
    [10, '0.10'],
    [100, '1.00'],
    [49050, '490.50'],
    [-1, '-0.01'],
    [-49050, '-490.50'],
  ])('writes %i as %s', (minor, text) => {
    expect(formatDecimal(minor)).toBe(text);
  });

  it.each([
    '',
    ' ',
    '-1.00',
    '+1.00',
    '1e3',
    '1.234',
    '1.',
    '.5',
    '1,00',
    '1 000',
    ' 1.00',
    '1.00\n',
    '0x10',
    'NaN',
    'Infinity',
    '١٢',
    '１２',
    '10000000000',
  ])('refuses %j', (text) => {
    expect(isDecimal(text)).toBe(false);
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });
});

describe('shareOf', () => {
  it('is exact and never rounds up, however large the factors', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(amounts, seconds, seconds, (amount, one, other) => {
        const [left, all] = one < other ? [one, other] : [other, one];
        fc.pre(all > 0);
        const share = BigInt(shareOf(amount, left, all));
        const exact = BigInt(amount) * BigInt(left);
        expect(share * BigInt(all) <= exact && exact < (share + 1n) * BigInt(all)).toBe(true);
      }),
    );
  });

  it('gives all for the whole and nothing for none', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 4_000_000_000 }), (amount, all) => {
        expect([shareOf(amount, all, all), shareOf(amount, 0, all)]).toEqual([amount, 0]);
      }),
    );
  });

  it('never gives two parts more than the whole', () => {
    fc.assert(
      fc.property(amounts, fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (amount, a, b) => {
        expect(shareOf(amount, a, a + b) + shareOf(amount, b, a + b)).toBeLessThanOrEqual(amount);
      }),
    );
  });
});

describe('hasTwoDecimals', () => {
  it.each([
    ['CNY', true],
    ['USD', true],
    ['EUR', true],
    ['JPY', false],
    ['KRW', false],
    ['KWD', false],
  ])('%s: %s', (currency, expected) => {
    expect(hasTwoDecimals(currency)).toBe(expected);
  });
});
