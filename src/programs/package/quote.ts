import { DAY } from '#kernel/clock';
import { lastOf, membershipAt } from '#modules/commerce/rules';
import type { GrantChange, GrantState } from '#modules/commerce/types';
import { appended, type PaidOrder, type Span, upgraded } from '../changes.ts';
import { type Credit, creditOf } from '../credit.ts';
import { NO_CREDIT, type Quote, type QuoteKind } from '../quote.ts';

/** A package as it is bought: whole days (null = no end) and its price in minor units. */
export interface PackageTerms {
  productId: string;
  days: number | null;
  price: number;
}

/**
 * Spec sites: the same package again extends, another one replaces what is held at once and is credited its unused
 * days. Null where the same is held without an end.
 */
export function quoteOf(grants: readonly GrantState[], terms: PackageTerms, now: number): Quote | null {
  const { status, current, endsAt } = membershipAt(grants, false, now);
  if (status !== 'active' || !current) return { kind: 'subscribe', credit: NO_CREDIT, startsAt: now };
  if ([current.productId, lastOf(grants, now)?.productId].includes(terms.productId)) {
    return endsAt === null ? null : { kind: 'renew', credit: NO_CREDIT, startsAt: endsAt };
  }
  return { kind: 'upgrade', credit: atMost(creditOf(grants, now), terms.price), startsAt: now };
}

/** Credit beyond the price is lost, and is taken out of no order. */
function atMost({ total, shares }: Credit, price: number): Credit {
  let rest = Math.min(total, price);
  const kept = shares.map(({ orderId, amount }) => {
    const part = Math.min(amount, rest);
    rest -= part;
    return { orderId, amount: part };
  });
  return { total: Math.min(total, price), shares: kept.filter(({ amount }) => amount > 0) };
}

/** What a paid order becomes. Null where what is held has no end. */
export function settled(
  order: PaidOrder & { kind: QuoteKind; days: number | null },
  grants: readonly GrantState[],
  now: number,
): GrantChange | null {
  if (order.kind === 'upgrade') return upgraded(order, spanOf(now, order.days), grants, now);
  const { status, endsAt } = membershipAt(grants, false, now);
  const fromAt = status === 'active' ? endsAt : now;
  return fromAt === null ? null : appended(order, spanOf(fromAt, order.days));
}

function spanOf(fromAt: number, days: number | null): Span {
  return {
    fromAt,
    untilAt: days === null ? null : fromAt + days * DAY,
    anchorAt: fromAt,
    anchorMonths: 0,
  };
}
