import { describe, expect, it } from 'vitest';
import { benefitFault, effectiveBenefits, KNOWN_BENEFITS, limitsOf } from '#modules/catalogue/rules';
import plans from '../../seeds/membership-plans.json';

const [basic, premium] = plans.map((plan) => plan.benefits);

describe('benefitFault', () => {
  it('finds nothing wrong with the seed', () => {
    for (const benefit of plans.flatMap((plan) => plan.benefits)) expect(benefitFault(benefit)).toBeNull();
  });

  it.each([
    ['tpm', [1, 100_000, Number.MAX_SAFE_INTEGER]],
    ['tpd', [1]],
    ['tokens_per_month', [1]],
    ['requests_per_day', [1]],
    ['member_seats', [50]],
    ['models', [['gpt-4o'], ['gpt-4*', 'qwen-turbo']]],
    ['token_discount', ['0%', '5%', '20%', '100%']],
    ['priority', ['P0', 'P2', 'P9']],
    ['support', ['email']],
    ['colour', ['red', 7, null, { any: 'thing' }]],
  ])('takes %s as the spec has it', (key, values) => {
    expect(values.map((value) => benefitFault({ key, value }))).toEqual(values.map(() => null));
  });

  it.each([
    ['tpm', [0, -1, 1.5, '100', null, true, Number.NaN, 2 ** 53]],
    ['tpd', [0, -1, 1.5, '100', null, []]],
    ['tokens_per_month', [0, -1, 1.5, '100', null]],
    ['requests_per_day', [0, -1, 1.5, '100', null]],
    ['member_seats', [0, -1, 1.5, '50', null]],
    ['models', ['gpt-4o', [1], [''], null, {}]],
    ['token_discount', ['20', 20, '101%', '-5%', '1.5%', '020%', '', null]],
    ['priority', ['P10', 'P', 'p1', 1, '', null]],
    ['support', ['', 1, null]],
  ])('refuses a wrong %s', (key, values) => {
    for (const value of values) expect(benefitFault({ key, value }), JSON.stringify(value)).not.toBeNull();
  });
});

describe('limitsOf', () => {
  it('reads the seed’s plans', () => {
    expect(limitsOf(basic ?? [])).toEqual({
      tpm: 100_000,
      tpd: 2_000_000,
      models: ['gpt-4o', 'qwen-turbo'],
      priority: 'P1',
      tokenDiscount: '20%',
    });
    expect(limitsOf(premium ?? [])).toEqual({
      tpm: 500_000,
      tpd: 10_000_000,
      priority: 'P1',
      tokenDiscount: '40%',
    });
  });

  it('takes a benefit that is not there for no limit', () => {
    expect(limitsOf([])).toEqual({ priority: 'P2', tokenDiscount: null });
  });

  it('reads the limits that only the spec has, and passes over keys it does not know', () => {
    expect(
      limitsOf([
        { key: 'tokens_per_month', value: 7 },
        { key: 'requests_per_day', value: 5 },
        { key: 'tpx', value: 1 },
      ]),
    ).toEqual({ tokens_per_month: 7, requests_per_day: 5, priority: 'P2', tokenDiscount: null });
  });
});

describe('effectiveBenefits', () => {
  it('has every known key, null where the plan sets none', () => {
    expect(effectiveBenefits(basic ?? [])).toEqual({
      tpm: 100_000,
      tpd: 2_000_000,
      models: ['gpt-4o', 'qwen-turbo'],
      token_discount: '20%',
      priority: 'P1',
      support: 'email',
      member_seats: null,
      tokens_per_month: null,
      requests_per_day: null,
    });
  });

  it('shows known keys only', () => {
    expect(Object.keys(effectiveBenefits([{ key: 'colour', value: 'red' }])).toSorted()).toEqual(
      KNOWN_BENEFITS.toSorted(),
    );
  });

  it('is all null for a plan that sets none', () => {
    expect(new Set(Object.values(effectiveBenefits([])))).toEqual(new Set([null]));
  });
});
