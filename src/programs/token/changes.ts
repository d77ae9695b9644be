import { addMonths } from '#kernel/calendar';
import {
  type CalendarPeriod,
  endOfStanding,
  isStanding,
  type NextSpan,
  PERIOD_MONTHS,
} from '#modules/commerce/rules';
import type { GrantChange, GrantState, GrantUpdate, NewGrant } from '#modules/commerce/types';

/** What becomes of grants: pure. Each gives what is to be written, and touches nothing. */

/** An order that is paid, as far as it becomes a grant. */
export interface PaidOrder {
  id: string;
  productId: string;
  period: CalendarPeriod;
  /** Cash and credit: what counts for a later upgrade. */
  paid: number;
}

/** A further period after what is held, or from now. */
export function appended(order: PaidOrder, span: NextSpan): GrantChange {
  return { insert: [grantOf(order, span)], update: [] };
}

/** An upgrade takes the place of everything that is not over, from now on; a new count begins. */
export function upgraded(order: PaidOrder, grants: readonly GrantState[], now: number): GrantChange {
  const months = PERIOD_MONTHS[order.period];
  const span = { fromAt: now, untilAt: addMonths(now, months), anchorAt: now, anchorMonths: months };
  const update = grants
    .filter((grant) => isStanding(grant) && isLive(grant, now))
    .map(({ id, fromAt, untilAt }) => ({
      id,
      untilAt: Math.max(fromAt, now),
      replacedBy: order.id,
      restoreUntilAt: untilAt,
    }));
  return { insert: [grantOf(order, span)], update };
}

/**
 * A full refund: the order's grants are void, what an upgrade replaced is there again until its old end, and what
 * comes later moves up.
 */
export function refunded(orderId: string, grants: readonly GrantState[], now: number): GrantChange {
  const update = new Map<string, GrantUpdate>();
  for (const grant of grants) {
    if (grant.orderId === orderId && grant.voidedAt === null) {
      update.set(grant.id, { id: grant.id, voidedAt: now });
    } else if (grant.replacedBy === orderId) {
      const { id, restoreUntilAt } = grant;
      update.set(id, { id, untilAt: restoreUntilAt, replacedBy: null, restoreUntilAt: null });
    }
  }
  const after = grants.map((grant) => ({ ...grant, ...update.get(grant.id) }));
  for (const moved of movedUp(after, now)) update.set(moved.id, { ...update.get(moved.id), ...moved });
  return { insert: [], update: [...update.values()] };
}

/** What has not begun follows what is held without a gap, in its order; calendar periods are counted anew. */
function movedUp(grants: readonly GrantState[], now: number): GrantUpdate[] {
  const live = grants.filter((grant) => isStanding(grant) && isLive(grant, now));
  const begun = live.filter(({ fromAt }) => fromAt <= now);
  const later = live.filter(({ fromAt }) => fromAt > now).sort((a, b) => a.fromAt - b.fromAt);
  const updates: GrantUpdate[] = [];
  let cursor = endOfStanding(begun, now);
  let count = { anchorAt: 0, anchorMonths: 0 };
  for (const grant of later) {
    if (cursor === null) break;
    if (grant.fromAt === cursor && updates.length === 0) {
      cursor = grant.untilAt;
      continue;
    }
    const months = PERIOD_MONTHS[grant.period as CalendarPeriod] as number | undefined;
    const counted = months !== undefined && count.anchorMonths > 0;
    count = {
      anchorAt: counted ? count.anchorAt : cursor,
      anchorMonths: (counted ? count.anchorMonths : 0) + (months ?? 0),
    };
    const untilAt: number | null =
      months === undefined
        ? grant.untilAt && cursor + grant.untilAt - grant.fromAt
        : addMonths(count.anchorAt, count.anchorMonths);
    updates.push({ id: grant.id, fromAt: cursor, untilAt, ...count });
    cursor = untilAt;
  }
  return updates;
}

/** What is not over waits from now on: its holder draws on an enterprise. */
export function paused(grants: readonly GrantState[], now: number): GrantChange {
  const change: GrantChange = { insert: [], update: [] };
  for (const grant of grants.filter((one) => isStanding(one) && isLive(one, now))) {
    if (grant.fromAt >= now) {
      change.update.push({ id: grant.id, pausedAt: now });
      continue;
    }
    const { id, voidedAt, replacedBy, restoreUntilAt, pausedAt, ...rest } = grant;
    change.update.push({ id, untilAt: now });
    change.insert.push({ ...rest, part: nextPart(grants, grant), fromAt: now, paid: 0, pausedAt: now });
  }
  return change;
}

/** What waits goes on, as much later as it waited. */
export function unpaused(grants: readonly GrantState[], now: number): GrantChange {
  const update = grants.flatMap((grant): GrantUpdate[] => {
    if (grant.pausedAt === null || grant.voidedAt !== null) return [];
    const shift = now - grant.pausedAt;
    return [
      {
        id: grant.id,
        fromAt: grant.fromAt + shift,
        untilAt: grant.untilAt === null ? null : grant.untilAt + shift,
        anchorAt: grant.anchorAt + shift,
        pausedAt: null,
      },
    ];
  });
  return { insert: [], update };
}

/** Grants as they are after a change. New ones have no id yet. */
export function applied(grants: readonly GrantState[], { insert, update }: GrantChange): GrantState[] {
  const changes = new Map(update.map((one) => [one.id, one]));
  return [
    ...grants.map((grant) => ({ ...grant, ...changes.get(grant.id) })),
    ...insert.map((grant, index) => ({
      ...grant,
      id: `new_${index}`,
      voidedAt: null,
      replacedBy: null,
      restoreUntilAt: null,
      pausedAt: grant.pausedAt ?? null,
    })),
  ];
}

function grantOf({ id, productId, period, paid }: PaidOrder, span: NextSpan): NewGrant {
  return { orderId: id, part: 0, productId, period, paid, ...span };
}

function isLive({ untilAt }: GrantState, now: number): boolean {
  return untilAt === null || untilAt > now;
}

function nextPart(grants: readonly GrantState[], { orderId, part }: GrantState): number {
  if (orderId === null) return part + 1;
  return 1 + Math.max(...grants.filter((one) => one.orderId === orderId).map((one) => one.part));
}
