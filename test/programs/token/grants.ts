import fc from 'fast-check';
import { expect } from 'vitest';
import { SECOND } from '#kernel/clock';
import { type CalendarPeriod, isStanding, membershipAt, PERIOD_MONTHS } from '#modules/commerce/rules';
import type { GrantChange, GrantState } from '#modules/commerce/types';
import { applied, type PaidOrder, paused, refunded, refundedWaiting, unpaused } from '#programs/changes';
import type { QuoteKind } from '#programs/quote';
import { settled } from '#programs/token/quote';

export const at = (iso: string) => Date.parse(iso);
export const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());

/** Calendar months by hand: the day clamps to the month's end. */
export function monthsAfter(anchorAt: number, months: number): number {
  const anchor = new Date(anchorAt);
  const count = anchor.getUTCFullYear() * 12 + anchor.getUTCMonth() + months;
  const last = new Date(Date.UTC(Math.floor(count / 12), (count % 12) + 1, 0)).getUTCDate();
  const day = Math.min(anchor.getUTCDate(), last);
  return Date.UTC(Math.floor(count / 12), count % 12, day) + (anchorAt % 86_400_000);
}

export const monthsOf = (period: CalendarPeriod) => PERIOD_MONTHS[period];

/** A grant by hand, off any calendar unless told. */
export function grant(from: string, until: string | null, more: Partial<GrantState> = {}): GrantState {
  return {
    id: `gr_${from}`,
    orderId: null,
    part: 0,
    productId: 'plan_basic',
    period: null,
    fromAt: at(from),
    untilAt: until === null ? null : at(until),
    anchorAt: at(from),
    anchorMonths: 0,
    paid: 0,
    voidedAt: null,
    replacedBy: null,
    restoreUntilAt: null,
    pausedAt: null,
    ...more,
  };
}

/**
 * Writes a change as the table takes it: row by row, only what is named, and nothing that its constraints refuse
 * (a span that ends before it begins, a negative amount, two grants of the same part of an order).
 */
export function written(grants: readonly GrantState[], { insert, update }: GrantChange): GrantState[] {
  const rows = new Map(grants.map((one) => [one.id, { ...one }]));
  for (const { id, ...set } of update) {
    const row = rows.get(id);
    if (!row) throw new Error(`no row ${id}`);
    Object.assign(row, set);
  }
  for (const one of insert) {
    const id = `gr_${rows.size}`;
    if (rows.has(id)) throw new Error(`two rows ${id}`);
    rows.set(id, { voidedAt: null, replacedBy: null, restoreUntilAt: null, pausedAt: null, ...one, id });
  }
  const parts = new Set<string>();
  for (const { id, orderId, part, fromAt, untilAt, paid } of rows.values()) {
    if (untilAt !== null && untilAt < fromAt) throw new Error(`${id} ends before it begins`);
    if (paid < 0) throw new Error(`${id} was paid less than nothing`);
    if (orderId !== null && parts.has(`${orderId}/${part}`)) throw new Error(`two of ${orderId}/${part}`);
    parts.add(`${orderId}/${part}`);
  }
  return [...rows.values()];
}

/** {@link written}; what `applied` foretold is just that, but for the ids of new rows, and no row changes twice. */
export function through(grants: readonly GrantState[], change: GrantChange): GrantState[] {
  const after = written(grants, change);
  const foretold = applied(grants, change);
  expect(foretold.slice(0, grants.length)).toEqual(after.slice(0, grants.length));
  expect(foretold.map(({ id, ...rest }) => rest)).toEqual(after.map(({ id, ...rest }) => rest));
  expect(new Set(foretold.map(({ id }) => id)).size).toBe(foretold.length);
  expect(new Set(change.update.map(({ id }) => id)).size).toBe(change.update.length);
  return after;
}

/** What is ever read again of grants: the void ones are not. */
export const stored = (grants: readonly GrantState[]) => grants.filter(({ voidedAt }) => voidedAt === null);

/** An order of a plan, paid at `now`; of somebody who held something endless nothing can come. */
export function bought(
  grants: readonly GrantState[],
  order: Partial<PaidOrder> & { id: string; kind?: QuoteKind; period?: CalendarPeriod },
  now: number,
): GrantState[] {
  const rest = { kind: 'renew' as const, productId: 'plan_basic', period: 'monthly' as const, paid: 0 };
  const change = settled({ ...rest, ...order }, grants, now);
  if (!change) throw new Error('nothing to buy');
  return written(grants, change);
}

export const upgrade = (grants: GrantState[], id: string, now: number, period: CalendarPeriod = 'yearly') =>
  bought(grants, { id, kind: 'upgrade', productId: `plan_${id}`, period }, now);

/** A full refund of an order; of somebody whose time waits it is another sum. */
export function refund(grants: readonly GrantState[], order: string, now: number): GrantState[] {
  const held = stored(grants);
  const waits = held.some(({ pausedAt }) => pausedAt !== null);
  return through(grants, waits ? refundedWaiting(order, held) : refunded(order, held, now));
}

/** Joining an enterprise at one instant and leaving it at another. */
export function waited(grants: readonly GrantState[], from: number, until: number): GrantState[] {
  const waiting = written(grants, paused(grants, from));
  return written(waiting, unpaused(waiting, until));
}

/** Which order counts at an instant; null where none does. */
export function orderAt(grants: readonly GrantState[], time: number): string | null {
  const { status, current } = membershipAt(grants, false, time);
  return status === 'active' && current ? current.orderId : null;
}

/** What stands and is not replaced, in order, to be read. */
export const spans = (grants: GrantState[]) =>
  grants
    .filter((one) => isStanding(one) && one.replacedBy === null)
    .sort((a, b) => a.fromAt - b.fromAt)
    .map(({ orderId, fromAt, untilAt }) => `${orderId} ${iso(fromAt)} ${iso(untilAt)}`);

/** How much of an order is left from `now` on, whether it waits or not. */
export const left = (grants: GrantState[], now: number, order: string | null) =>
  grants
    .filter(
      ({ orderId, voidedAt, replacedBy }) => orderId === order && voidedAt === null && replacedBy === null,
    )
    .reduce((sum, { fromAt, untilAt }) => sum + Math.max(0, (untilAt ?? 0) - Math.max(fromAt, now)), 0);

/** Every instant from `now` on at which what counts may change, and the second before it. */
export function instants(spans: Iterable<number | null>, now: number): number[] {
  const edges = [...spans].flatMap((time) => (time === null ? [] : [time - SECOND, time]));
  return [...new Set([now, ...edges])].filter((time) => time >= now).sort((a, b) => a - b);
}

export const edgesOf = (grants: readonly GrantState[]) =>
  grants.flatMap(({ fromAt, untilAt }) => [fromAt, untilAt]);

/** Seconds of some years; often such of a month's last days, where calendars clamp. */
export const starts = fc.oneof(
  fc
    .integer({ min: at('2024-01-01T00:00:00Z') / SECOND, max: at('2028-12-31T23:59:59Z') / SECOND })
    .map((second) => second * SECOND),
  fc
    .constantFrom('2025-01-31', '2024-02-29', '2025-10-30', '2026-03-31')
    .map((day) => at(`${day}T08:30:00Z`)),
);
export const periods = fc.constantFrom<CalendarPeriod>('monthly', 'monthly', 'yearly');
/** A share of some time; the very end excluded. */
export const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** The whole second at a share of a span. */
export const within = (from: number, until: number, part: number) =>
  from + Math.floor(((until - from) / SECOND) * part) * SECOND;

/** Periods bought one after the other in one second, as orders o0, o1, …; and a moment before their end. */
export const chains = fc
  .record({
    from: starts,
    list: fc.array(periods, { minLength: 1, maxLength: 4 }),
    when: share,
    paid: fc.nat(99_999),
  })
  .map(({ from, list, when, paid }) => {
    const grants = list.reduce<GrantState[]>(
      (held, period, index) => bought(held, { id: `o${index}`, period, paid: paid * (index + 1) }, from),
      [],
    );
    const until = grants.at(-1)?.untilAt ?? 0;
    return { from, until, periods: list, grants, now: within(from, until, when) };
  });
