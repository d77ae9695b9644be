import {
  type CalendarPeriod,
  lastOf,
  membershipAt,
  monthsFrom,
  nextSpan,
  PERIOD_MONTHS,
} from '#modules/commerce/rules';
import type { GrantChange, GrantState } from '#modules/commerce/types';
import { appended, type PaidOrder, upgraded } from '../changes.ts';
import { creditOf } from '../credit.ts';
import { NO_CREDIT, type Quote, type QuoteKind } from '../quote.ts';

/** A plan's prices in minor units; null where a period is not sold. */
export interface PlanPrices {
  id: string;
  monthly: number | null;
  yearly: number | null;
}

/**
 * Spec membership, Subscribe: the plan that is held (or follows) is renewed, a dearer or equally dear one replaces it
 * with credit, a cheaper one follows at the end. Null where what is held has no end.
 *
 * @param held the plan that is held now, null where none is
 */
export function quoteOf(
  grants: readonly GrantState[],
  held: PlanPrices | null,
  plan: PlanPrices,
  period: CalendarPeriod,
  now: number,
): Quote | null {
  const { status, current, endsAt } = membershipAt(grants, false, now);
  const begins = nextSpan(grants, period, now)?.fromAt;
  if (status !== 'active' || !current || !held) {
    return { kind: 'subscribe', credit: NO_CREDIT, startsAt: begins ?? now };
  }
  if (plan.id === current.productId || plan.id === lastOf(grants, now)?.productId) {
    return begins === undefined ? null : { kind: 'renew', credit: NO_CREDIT, startsAt: begins };
  }
  if (isCheaper(plan, held)) {
    return endsAt === null ? null : { kind: 'downgrade', credit: NO_CREDIT, startsAt: endsAt };
  }
  return { kind: 'upgrade', credit: creditOf(grants, now), startsAt: now };
}

/** By the monthly price; where one of them has none, by the yearly one, else by a month's share of it. */
function isCheaper(plan: PlanPrices, held: PlanPrices): boolean {
  if (plan.monthly !== null && held.monthly !== null) return plan.monthly < held.monthly;
  return yearOf(plan) < yearOf(held);
}

function yearOf({ monthly, yearly }: PlanPrices): number {
  return yearly ?? (monthly ?? 0) * PERIOD_MONTHS.yearly;
}

/** What a paid order becomes: an upgrade from now, all else after what is held. Null where that has no end. */
export function settled(
  order: PaidOrder & { kind: QuoteKind; period: CalendarPeriod },
  grants: readonly GrantState[],
  now: number,
): GrantChange | null {
  if (order.kind === 'upgrade') return upgraded(order, monthsFrom(now, order.period), grants, now);
  const span = nextSpan(grants, order.period, now);
  return span && appended(order, span);
}
