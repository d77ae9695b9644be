import { DAY, SECOND } from '#kernel/clock';
import { isStanding, membershipAt } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';

/** When money is first taken for what follows, and when the first mail tells of an end. */
export const PAYS_AHEAD = DAY;
export const FIRST_NOTICE = 7 * DAY;

/**
 * When the sweep must look at a holding next: before its end for notices and renewal, at the end, and where another
 * plan begins. Null where nothing is due any more.
 *
 * @param renews it will be paid for again: within the last day each sweep tries
 */
export function nextSweepAt(grants: readonly GrantState[], renews: boolean, now: number): number | null {
  const { status, endsAt } = membershipAt(grants, false, now);
  if (status !== 'active') return null;
  const begins = grants
    .filter((grant) => grant.fromAt > now && isStanding(grant) && grant.replacedBy === null)
    .map(({ fromAt }) => fromAt);
  const ends = endsAt === null ? [] : [endsAt - FIRST_NOTICE, endsAt - PAYS_AHEAD, endsAt];
  const retry = renews && endsAt !== null && endsAt - now <= PAYS_AHEAD ? [now + SECOND] : [];
  const due = [...begins, ...ends, ...retry].filter((time) => time > now);
  return due.length > 0 ? Math.min(...due) : null;
}
