import { isCalendarPeriod } from '#modules/commerce/rules';
import type { GrantChange, GrantState } from '#modules/commerce/types';
import * as packages from './package/quote.ts';
import type { QuoteKind } from './quote.ts';
import * as tokens from './token/quote.ts';

/** As much of an order as what it grants follows from. */
export interface GrantingOrder {
  id: string;
  program: 'token' | 'package';
  kind: QuoteKind;
  productId: string;
  period: string;
  /** Of a package. */
  days: number | null;
  /** Cash and credit, in minor units. */
  paid: number;
}

/** What an order of a membership becomes when it is paid now; null where what is held has no end. */
export function settled(
  order: GrantingOrder,
  grants: readonly GrantState[],
  now: number,
): GrantChange | null {
  if (order.program === 'package') return packages.settled(order, grants, now);
  const { period } = order;
  if (!isCalendarPeriod(period)) throw new Error(`a token plan for the period ${period}`);
  return tokens.settled({ ...order, period }, grants, now);
}
