import { shareOf } from '#kernel/money';
import type { Program } from '#kernel/programs';

/** What a voucher says, as far as it is decided by. */
export interface VoucherTerms {
  type: 'fixed' | 'percent';
  /** Minor units, or whole percent taken off. */
  value: number;
  minAmount: number;
  /** None = all of the programs. */
  plans: string[];
  programs: Program[];
  startsAt: number;
  endsAt: number;
  voidedAt: number | null;
}

/** What is bought with it. */
export interface Purchase {
  program: Program;
  planId: string;
  /** Minor units, before credit and discount: what the minimum counts against. */
  originalAmount: number;
}

export type VoucherFault = 'void' | 'not_started' | 'expired' | 'wrong_plan' | 'below_minimum';

/** Why a voucher does not fit a purchase, or null. */
export function voucherFault(terms: VoucherTerms, purchase: Purchase, now: number): VoucherFault | null {
  if (terms.voidedAt !== null) return 'void';
  if (now < terms.startsAt) return 'not_started';
  if (now >= terms.endsAt) return 'expired';
  if (!terms.programs.includes(purchase.program)) return 'wrong_plan';
  if (terms.plans.length > 0 && !terms.plans.includes(purchase.planId)) return 'wrong_plan';
  return purchase.originalAmount < terms.minAmount ? 'below_minimum' : null;
}

/** What it takes off what is left after credit: minor units, never more than that. Percent are rounded down. */
export function discountOf({ type, value }: VoucherTerms, afterCredit: number): number {
  return type === 'fixed' ? Math.min(value, afterCredit) : shareOf(afterCredit, value, 100);
}
