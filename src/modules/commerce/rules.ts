import { addMonths } from '#kernel/calendar';
import { SECOND } from '#kernel/clock';
import type { GrantState } from './types.ts';

/** Arithmetic of memberships: pure, on grants and an instant. Spans are [from, until); null = for ever. */

/** Calendar periods that token plans are sold for, in months. */
export const PERIOD_MONTHS = { monthly: 1, yearly: 12 } as const;
export type CalendarPeriod = keyof typeof PERIOD_MONTHS;

export function isCalendarPeriod(period: string | null | undefined): period is CalendarPeriod {
  return period != null && Object.hasOwn(PERIOD_MONTHS, period);
}

/** How far ahead a membership may be paid. */
export const MOST_MONTHS_AHEAD = 36;

/** As much of a grant as the time of a membership follows from. */
export type GrantSpan = Pick<
  GrantState,
  | 'orderId'
  | 'productId'
  | 'period'
  | 'fromAt'
  | 'untilAt'
  | 'anchorAt'
  | 'anchorMonths'
  | 'voidedAt'
  | 'replacedBy'
  | 'pausedAt'
>;

export type MembershipStatus = 'none' | 'active' | 'cancelled' | 'expired';

/** What someone holds at an instant. */
export interface Membership<G extends GrantSpan = GrantSpan> {
  status: MembershipStatus;
  /** The grant that counts now, or the last one that did; null with `none`. */
  current: G | null;
  /** Start of the unbroken chain that `current` is in. */
  startedAt: number | null;
  /** Exclusive end of what is paid without a gap from now (or of the last chain); null = for ever or none. */
  endsAt: number | null;
}

/**
 * What grants amount to at `now`. Grants follow one another in time; where they overlap the later one
 * counts. `cancelled` is an active membership that will not renew by its holder's wish.
 */
export function membershipAt<G extends GrantSpan>(
  grants: readonly G[],
  cancelled: boolean,
  now: number,
): Membership<G> {
  const begun = standing(grants).filter(({ fromAt }) => fromAt <= now);
  const current = begun.findLast((grant) => contains(grant, now)) ?? lastToEnd(begun);
  if (!current) return { status: 'none', current: null, startedAt: null, endsAt: null };
  const chain = chainOf(grants, current);
  const active = contains(current, now);
  return {
    status: active ? (cancelled ? 'cancelled' : 'active') : 'expired',
    current,
    startedAt: Math.min(...chain.map(({ fromAt }) => fromAt)),
    endsAt: endOf(chain),
  };
}

/** What is held at `now`, and its exclusive end (null = for ever); null where nothing is. */
export function heldAt(
  grants: readonly GrantSpan[],
  now: number,
): { productId: string; endsAt: number | null } | null {
  const { status, current, endsAt } = membershipAt(grants, false, now);
  return status === 'active' && current ? { productId: current.productId, endsAt } : null;
}

/** A calendar period from an instant on, with a calendar of its own. */
export function monthsFrom(fromAt: number, period: CalendarPeriod): NextSpan {
  const months = PERIOD_MONTHS[period];
  return { fromAt, untilAt: addMonths(fromAt, months), anchorAt: fromAt, anchorMonths: months };
}

/** Where a further period begins and ends, and the anchor it is counted from. */
export interface NextSpan {
  fromAt: number;
  untilAt: number;
  anchorAt: number;
  anchorMonths: number;
}

/**
 * The span of a calendar period bought now: after what is held, or from now where nothing is. Month ends
 * clamp and come back, because the end is counted from the anchor and not from the last end.
 */
export function nextSpan(grants: readonly GrantSpan[], period: CalendarPeriod, now: number): NextSpan | null {
  const held = membershipAt(grants, false, now);
  const months = PERIOD_MONTHS[period];
  // In the very second of its end the next period still continues the chain, and its calendar.
  const continues = held.status === 'active' || (held.status === 'expired' && held.endsAt === now);
  if (!continues || !held.current) return monthsFrom(now, period);
  if (held.endsAt === null) return null;
  const last = chainOf(grants, held.current).find(({ untilAt }) => untilAt === held.endsAt);
  // A grant whose end is not on its anchor's calendar (given by hand until a date) begins a new count.
  const counted = last && addMonths(last.anchorAt, last.anchorMonths) === held.endsAt;
  const anchorAt = counted ? last.anchorAt : held.endsAt;
  const anchorMonths = (counted ? last.anchorMonths : 0) + months;
  return { fromAt: held.endsAt, untilAt: addMonths(anchorAt, anchorMonths), anchorAt, anchorMonths };
}

/** Whether an end is further away than a membership may be paid ahead. */
export function isTooFarAhead(untilAt: number, now: number): boolean {
  return untilAt > addMonths(now, MOST_MONTHS_AHEAD);
}

/** The last second that belongs to a span with this exclusive end: what `expired_at` shows. */
export function lastSecondOf(untilAt: number): number {
  return untilAt - SECOND;
}

/** Whether a grant counts at all: neither void nor waiting. */
export function isStanding({ voidedAt, pausedAt }: Pick<GrantSpan, 'voidedAt' | 'pausedAt'>): boolean {
  return voidedAt === null && pausedAt === null;
}

/** Where further time begins after these grants: their last end, `now` where they are over; null = never. */
export function endOfStanding(grants: readonly GrantSpan[], now: number): number | null {
  const end = Math.max(now, ...standing(grants).map(ends));
  return end === Number.POSITIVE_INFINITY ? null : end;
}

/** The product that a chain ends with: what its holder has last, now or later. */
export function lastOf<G extends GrantSpan>(grants: readonly G[], now: number): G | null {
  const { current } = membershipAt(grants, false, now);
  return current && chainOf(grants, current).reduce((last, one) => (ends(one) >= ends(last) ? one : last));
}

/** What follows what is held now with another product: a downgrade that is paid. */
export function followingOf<G extends GrantSpan>(grants: readonly G[], now: number): G | null {
  const { current, status } = membershipAt(grants, false, now);
  if (status !== 'active' || !current) return null;
  return (
    chainOf(grants, current).find(
      ({ fromAt, productId }) => fromAt > now && productId !== current.productId,
    ) ?? null
  );
}

function standing<G extends GrantSpan>(grants: readonly G[]): G[] {
  return grants.filter(isStanding).sort((a, b) => a.fromAt - b.fromAt);
}

function contains({ fromAt, untilAt }: GrantSpan, now: number): boolean {
  return fromAt <= now && (untilAt === null || now < untilAt);
}

function lastToEnd<G extends GrantSpan>(grants: G[]): G | null {
  return grants.reduce<G | null>((last, one) => (last && ends(last) > ends(one) ? last : one), null);
}

function ends({ untilAt }: GrantSpan): number {
  return untilAt ?? Number.POSITIVE_INFINITY;
}

/** The grants that touch one another without a gap around `member`. An upgrade begins a chain of its own. */
function chainOf<G extends GrantSpan>(grants: readonly G[], member: G): G[] {
  const chain: G[] = [];
  let reach = Number.NEGATIVE_INFINITY;
  const replaced = member.replacedBy !== null;
  const upgrades = new Set(grants.map(({ replacedBy }) => replacedBy));
  for (const grant of standing(grants)) {
    if ((grant.replacedBy !== null) !== replaced) continue;
    const upgrade = grant.orderId !== null && upgrades.has(grant.orderId);
    if (grant.fromAt > reach || upgrade) {
      if (chain.includes(member)) break;
      chain.length = 0;
    }
    chain.push(grant);
    reach = Math.max(reach, ends(grant));
  }
  return chain;
}

function endOf(chain: GrantSpan[]): number | null {
  const end = Math.max(...chain.map(ends));
  return end === Number.POSITIVE_INFINITY ? null : end;
}
