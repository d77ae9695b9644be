import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EquityGrant } from '#modules/catalogue/types';
import { cashOf, feeOf, mostEoc, rateOf, rewardsOf } from '#programs/tier/rules';

const cents = fc.integer({ min: 1, max: 9_999_999_999_99 });
const rates = fc.integer({ min: 0, max: 100 });
const AT = { currency: 'CNY', elcPrice: 5 };

/** A tier whose holder is rewarded for gold. */
const rewarded = (fields: Partial<EquityGrant>): EquityGrant[] => [
  { key: 'direct:gold:reward', desc: '', z_rate: '0', m_rate: '0', ...fields },
];
const gold = { level: 'gold', mode: 'direct', price: 88_800, cash: 88_800 } as const;

describe('a mixed price', () => {
  it('is what the tokens leave, and at least a cent', () => {
    expect([cashOf(88_800, 500, 5), cashOf(88_800, 0, 5)]).toEqual([86_300, 88_800]);
    expect([cashOf(1000, 199, 5), cashOf(1000, 200, 5), cashOf(1001, 200, 5)]).toEqual([5, null, 1]);
  });

  it('takes at most what the tier, the wallet and the price allow, and always as much', () => {
    fc.assert(
      fc.property(
        cents,
        fc.nat(5000),
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 1000 }),
        (price, limit, balance, eocPrice) => {
          const most = mostEoc(price, limit, balance, eocPrice);
          expect(most).toBeLessThanOrEqual(limit);
          expect(most * 100).toBeLessThanOrEqual(balance);
          expect(cashOf(price, most, eocPrice)).not.toBeNull();
          const one = most + 1;
          expect(one > limit || one * 100 > balance || cashOf(price, one, eocPrice) === null).toBe(true);
        },
      ),
    );
  });
});

describe('a reward', () => {
  it('is of the price in the currency and in ELC, or of the cash alone', () => {
    const equities = rewarded({ z_rate: '50', z_elc_rate: '10', m_rate: '40' });
    expect(rewardsOf('u', equities, gold, AT)).toEqual([
      { owner: 'u', asset: 'CNY', rate: 50, amount: 44_400 },
      // 88.80 at 0.05: 1,776 ELC.
      { owner: 'u', asset: 'ELC', rate: 10, amount: 177_600 },
    ]);
    expect(rewardsOf('u', equities, { ...gold, mode: 'mixed', cash: 86_300 }, AT)).toEqual([
      { owner: 'u', asset: 'CNY', rate: 40, amount: 34_520 },
    ]);
  });

  it('is nothing without the equity, without a rate, or of less than a cent', () => {
    expect(rewardsOf('u', [], gold, AT)).toEqual([]);
    expect(rewardsOf('u', rewarded({ z_rate: '100' }), { ...gold, level: 'platina' }, AT)).toEqual([]);
    expect(rewardsOf('u', rewarded({}), gold, AT)).toEqual([]);
    expect(rewardsOf('u', rewarded({ z_rate: '99' }), { ...gold, price: 1 }, AT)).toEqual([]);
  });

  it('is never more than its rate, and never a whole unit less', () => {
    fc.assert(
      fc.property(cents, rates, rates, fc.integer({ min: 1, max: 10_000 }), (price, z, elc, elcPrice) => {
        const equities = rewarded({ z_rate: String(z), z_elc_rate: String(elc) });
        const shares = rewardsOf('u', equities, { ...gold, price }, { currency: 'CNY', elcPrice });
        const of = (asset: string) => BigInt(shares.find((one) => one.asset === asset)?.amount ?? 0);
        const [wanted, worth] = [BigInt(price) * BigInt(z), BigInt(price) * BigInt(elc)];
        expect(of('CNY') * 100n <= wanted && (of('CNY') + 1n) * 100n > wanted).toBe(true);
        // In hundredths of a token, each worth elcPrice ÷ 100 cents.
        expect(of('ELC') * BigInt(elcPrice) <= worth && (of('ELC') + 1n) * BigInt(elcPrice) > worth).toBe(
          true,
        );
      }),
    );
  });
});

describe('a fee', () => {
  it.each([
    [10_000, 35, 3500],
    [25, 18, 5],
    [2, 18, 0],
    [3, 18, 1],
    [1, 50, 1],
    [1, 49, 0],
    [7, 0, 0],
    [7, 100, 7],
  ])('of %i at %i %% is %i', (amount, rate, fee) => {
    expect(feeOf(amount, rate)).toBe(fee);
  });

  it('is rounded half up, and never more than the amount', () => {
    fc.assert(
      fc.property(cents, rates, (amount, rate) => {
        const [fee, exact] = [BigInt(feeOf(amount, rate)) * 100n, BigInt(amount) * BigInt(rate)];
        expect(fee - exact <= 50n && exact - fee < 50n).toBe(true);
        expect(fee <= BigInt(amount) * 100n).toBe(true);
      }),
    );
  });
});

it('a rate is read where a tier has it', () => {
  const equities: EquityGrant[] = [
    { key: 'platform:services', desc: '', rate: '0' },
    { key: 'direct:reward', desc: '', value: null },
  ];
  expect(rateOf(equities, 'platform:services')).toBe(0);
  expect(rateOf(equities, 'direct:reward')).toBeNull();
  expect(rateOf(equities, 'coupons')).toBeNull();
});
