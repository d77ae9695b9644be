import type { PlanLimits } from '#kernel/quota';
import type { Benefit } from './types.ts';

/** The benefit keys that mean something to Sluice; others are kept and shown as they are (spec membership). */
export const KNOWN_BENEFITS = [
  'tpm',
  'tpd',
  'models',
  'token_discount',
  'priority',
  'support',
  'member_seats',
  'tokens_per_month',
  'requests_per_day',
] as const;
export type KnownBenefit = (typeof KNOWN_BENEFITS)[number];

const INTEGERS: ReadonlySet<string> = new Set([
  'tpm',
  'tpd',
  'tokens_per_month',
  'requests_per_day',
  'member_seats',
]);

/** Where no plan says otherwise. */
export const DEFAULT_PRIORITY = 'P2';

/** What is wrong with a known benefit's value, or null. */
export function benefitFault({ key, value }: Benefit): string | null {
  if (INTEGERS.has(key)) {
    return Number.isSafeInteger(value) && Number(value) > 0 ? null : 'must be a positive integer';
  }
  switch (key) {
    case 'models':
      return Array.isArray(value) &&
        value.length > 0 &&
        value.every((one) => typeof one === 'string' && one.length > 0)
        ? null
        : 'must be a list of at least one model id';
    case 'token_discount':
      return typeof value === 'string' && /^(100|[1-9]?\d)%$/.test(value)
        ? null
        : 'must be a percentage such as "20%"';
    case 'priority':
      return typeof value === 'string' && /^P\d$/.test(value) ? null : 'must be P0 to P9';
    case 'support':
      return typeof value === 'string' && value.length > 0 ? null : 'must be a text';
    default:
      return null;
  }
}

/** The value of a benefit, or null where the plan sets none. */
export function benefitOf(benefits: Benefit[], key: KnownBenefit): unknown {
  return benefits.find((benefit) => benefit.key === key)?.value ?? null;
}

/** What a plan's benefits mean to the quota engine. A benefit that the plan lacks is no limit. */
export function limitsOf(benefits: Benefit[]): PlanLimits {
  const integer = (key: KnownBenefit) => {
    const value = benefitOf(benefits, key);
    return typeof value === 'number' ? value : undefined;
  };
  const models = benefitOf(benefits, 'models');
  const discount = benefitOf(benefits, 'token_discount');
  const priority = benefitOf(benefits, 'priority');
  return {
    tpm: integer('tpm'),
    tpd: integer('tpd'),
    requests_per_day: integer('requests_per_day'),
    tokens_per_month: integer('tokens_per_month'),
    models: Array.isArray(models) ? (models as string[]) : undefined,
    priority: typeof priority === 'string' ? priority : DEFAULT_PRIORITY,
    tokenDiscount: typeof discount === 'string' ? discount : null,
  };
}

/** Members that an enterprise may have where its plan says nothing. */
const USUAL_SEATS = 5;

/** Seats for members; the owner needs none. */
export function seatsOf(benefits: Benefit[]): number {
  const seats = benefitOf(benefits, 'member_seats');
  return typeof seats === 'number' ? seats : USUAL_SEATS;
}

/** A plan's known benefits, null where it sets none. */
export function effectiveBenefits(benefits: Benefit[]): Record<KnownBenefit, unknown> {
  const entries = KNOWN_BENEFITS.map((key) => [key, benefitOf(benefits, key)] as const);
  return Object.fromEntries(entries) as Record<KnownBenefit, unknown>;
}

/**
 * What a product is called on the wire. A package goes by its code (`MEM` and its serial in at least four digits, spec
 * sites), all else by its id.
 */
export function planIdOf(productId: string): string {
  const serial = /^pkg_(\d+)$/.exec(productId)?.[1];
  return serial === undefined ? productId : `MEM${serial.padStart(4, '0')}`;
}

/** The product of a package's code; null for what is none. */
export function packageOfCode(code: string): string | null {
  const serial = /^MEM(\d{4,15})$/.exec(code)?.[1];
  const productId = `pkg_${Number(serial)}`;
  return serial !== undefined && planIdOf(productId) === code ? productId : null;
}
