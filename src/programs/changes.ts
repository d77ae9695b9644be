import { addMonths } from '#kernel/calendar';
import { type CalendarPeriod, endOfStanding, isStanding, PERIOD_MONTHS } from '#modules/commerce/rules';
import type { GrantChange, GrantState, GrantUpdate, NewGrant } from '#modules/commerce/types';

/** What becomes of grants: pure. Each gives what is to be written, and touches nothing. */

/** An order that is paid, as far as it becomes a grant. */
export interface PaidOrder {
  id: string;
  productId: string;
  period: string;
  /** Cash and credit: what counts for a later upgrade. */
  paid: number;
}

/** The time that an order gives, and the calendar that it is counted by (months 0 = by none). */
export type Span = Pick<NewGrant, 'fromAt' | 'untilAt' | 'anchorAt' | 'anchorMonths'>;

/** A further period after what is held, or from now. */
export function appended(order: PaidOrder, span: Span): GrantChange {
  return { insert: [grantOf(order, span)], update: [] };
}

/** An upgrade takes the place of everything that is not over, from now on; a new count begins. */
export function upgraded(
  order: PaidOrder,
  span: Span,
  grants: readonly GrantState[],
  now: number,
): GrantChange {
  const update = grants
    .filter((grant) => isOpen(grant, now))
    .map(({ id, fromAt, untilAt }) => ({
      id,
      untilAt: Math.max(fromAt, now),
      replacedBy: order.id,
      restoreUntilAt: untilAt,
    }));
  return { insert: [grantOf(order, span)], update };
}

/** Whether an upgrade took the place of what an order granted: what was left of it is in that upgrade. */
export function isReplaced(orderId: string, grants: readonly GrantState[]): boolean {
  return grants.some((grant) => grant.orderId === orderId && grant.replacedBy !== null);
}

/**
 * A full refund: the order's grants are void, what an upgrade replaced is there again until its old end, and what
 * comes later moves up. Where another upgrade took the place of this one, what it replaced is that one's to give back.
 */
export function refunded(orderId: string, grants: readonly GrantState[], now: number): GrantChange {
  const update = new Map<string, GrantUpdate>();
  const successor = grants.find(
    (grant) => grant.orderId === orderId && grant.replacedBy !== null,
  )?.replacedBy;
  for (const grant of grants) {
    if (grant.orderId === orderId && grant.voidedAt === null) {
      update.set(grant.id, { id: grant.id, voidedAt: now });
    } else if (grant.replacedBy === orderId && successor) {
      update.set(grant.id, { id: grant.id, replacedBy: successor });
    } else if (grant.replacedBy === orderId) {
      const { id, restoreUntilAt } = grant;
      update.set(id, { id, untilAt: restoreUntilAt, replacedBy: null, restoreUntilAt: null });
    }
  }
  const after = grants.map((grant) => ({ ...grant, ...update.get(grant.id) }));
  for (const moved of movedUp(after, now)) update.set(moved.id, { ...update.get(moved.id), ...moved });
  return { insert: [], update: [...update.values()] };
}

/**
 * What has not begun follows what is held without a gap, in its order; calendar periods are counted anew. What would
 * follow something without an end begins now: later time counts where both are there.
 */
function movedUp(grants: readonly GrantState[], now: number): GrantUpdate[] {
  const live = grants.filter((grant) => isOpen(grant, now));
  const begun = live.filter(({ fromAt }) => fromAt <= now);
  const later = live.filter(({ fromAt }) => fromAt > now).sort((a, b) => a.fromAt - b.fromAt);
  const updates: GrantUpdate[] = [];
  let cursor: number | null = endOfStanding(begun, now) ?? now;
  let count = countOf(begun, cursor);
  for (const grant of later) {
    if (cursor === null) break;
    if (grant.fromAt === cursor && updates.length === 0) {
      cursor = grant.untilAt;
      count = countOf([grant], cursor);
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

/** The calendar that a chain which ends at `end` is counted by; a new one begins where its end is not on it. */
function countOf(grants: readonly GrantState[], end: number | null) {
  const last = grants.find(({ untilAt }) => untilAt === end);
  const counted = last && last.anchorMonths > 0 && addMonths(last.anchorAt, last.anchorMonths) === end;
  return counted
    ? { anchorAt: last.anchorAt, anchorMonths: last.anchorMonths }
    : { anchorAt: 0, anchorMonths: 0 };
}

/** {@link refunded} of somebody whose time waits: as it would have been when it began to wait. */
export function refundedWaiting(orderId: string, grants: readonly GrantState[]): GrantChange {
  const since = Math.min(...grants.flatMap(({ pausedAt }) => (pausedAt === null ? [] : [pausedAt])));
  const running = grants.map((grant) => ({ ...grant, pausedAt: null }));
  const refund = refunded(orderId, running, since);
  const waiting = paused(applied(running, refund), since);
  const update = new Map(refund.update.map((one) => [one.id, one]));
  for (const one of waiting.update) update.set(one.id, { ...update.get(one.id), ...one });
  return { insert: waiting.insert, update: [...update.values()] };
}

/** What is not over waits from now on: its holder draws on an enterprise. */
export function paused(grants: readonly GrantState[], now: number): GrantChange {
  const change: GrantChange = { insert: [], update: [] };
  for (const grant of grants.filter((one) => isOpen(one, now))) {
    if (grant.fromAt >= now) {
      change.update.push({ id: grant.id, pausedAt: now });
      continue;
    }
    const { id, voidedAt, replacedBy, restoreUntilAt, pausedAt, ...rest } = grant;
    change.update.push({ id, untilAt: now });
    const part =
      nextPart(grants, grant) + change.insert.filter(({ orderId }) => orderId === grant.orderId).length;
    change.insert.push({ ...rest, part, fromAt: now, paid: 0, pausedAt: now });
  }
  return change;
}

/**
 * What waits goes on, as much later as it waited; so would what an upgrade that waits took the place of, whose refund
 * must give back neither more nor less.
 */
export function unpaused(grants: readonly GrantState[], now: number): GrantChange {
  const since = Math.min(...grants.flatMap(({ pausedAt }) => (pausedAt === null ? [] : [pausedAt])));
  const shift = now - since;
  const change: GrantChange = { insert: [], update: [] };
  for (const grant of grants) {
    const { id, fromAt, untilAt, anchorAt, restoreUntilAt, replacedBy } = grant;
    if (grant.voidedAt !== null) continue;
    const moved = {
      fromAt: fromAt + shift,
      untilAt: untilAt === null ? null : untilAt + shift,
      anchorAt: anchorAt + shift,
    };
    if (grant.pausedAt !== null) {
      change.update.push({ id, ...moved, pausedAt: null });
      continue;
    }
    if (replacedBy === null || (restoreUntilAt !== null && restoreUntilAt <= since)) continue;
    const restored = restoreUntilAt === null ? null : restoreUntilAt + shift;
    if (fromAt >= since) {
      change.update.push({ id, ...moved, restoreUntilAt: restored });
      continue;
    }
    // What was left of it when its holder began to wait is a part of its own.
    const { voidedAt, pausedAt, ...rest } = grant;
    change.update.push({ id, restoreUntilAt: since });
    change.insert.push({
      ...rest,
      part: nextPart([...grants, ...change.insert.map((one) => ({ ...grant, ...one }))], grant),
      fromAt: now,
      untilAt: now,
      anchorAt: anchorAt + shift,
      paid: 0,
      replacedBy,
      restoreUntilAt: restored,
    });
  }
  return change;
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
      replacedBy: grant.replacedBy ?? null,
      restoreUntilAt: grant.restoreUntilAt ?? null,
      pausedAt: grant.pausedAt ?? null,
    })),
  ];
}

function grantOf({ id, productId, period, paid }: PaidOrder, span: Span): NewGrant {
  return { orderId: id, part: 0, productId, period, paid, ...span };
}

/** Time that counts, now or later. What an upgrade took the place of does not. */
function isOpen(grant: GrantState, now: number): boolean {
  return isStanding(grant) && grant.replacedBy === null && (grant.untilAt === null || grant.untilAt > now);
}

function nextPart(grants: readonly GrantState[], { orderId, part }: GrantState): number {
  if (orderId === null) return part + 1;
  return 1 + Math.max(...grants.filter((one) => one.orderId === orderId).map((one) => one.part));
}
