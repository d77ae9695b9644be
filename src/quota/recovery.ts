import type { Reservation } from '#kernel/quota';
import { changesOfLateSettle, changesOfLost, changesOfReturn, changesOfSettle } from './changes.ts';
import type { Ended, Loaded } from './journal.ts';
import { type Change, type CounterKey, type Hold, type Moment, requestKeys, tokenKeys } from './rules.ts';

/** What an object knows after a start, beside its exact state. */
export interface Recovered {
  held: Reservation[];
  /** What ended since the exact state, as it changes the counters, in its order. */
  changes: Change[];
  ended: Ended[];
  /** How much was written ahead that nothing of this accounts for: it may be out there. By {@link ceilingOf}. */
  unknown: Map<CounterKey, number>;
}

/**
 * Puts together what is on disk. Reservations that ended since the exact state are booked again; of what was written
 * ahead, what none of them accounts for may have been admitted and not be known of.
 *
 * @param holdOf a reservation as it counts, in the windows that it was made in
 * @param momentOf the windows of an instant
 */
export function recover(
  { base, ahead, held: written, entries }: Loaded,
  holdOf: (one: Reservation) => Hold,
  momentOf: (at: number) => Moment,
): Recovered {
  const held = new Map(written.map((one) => [nameOf(one), one]));
  const unknown = new Map(ahead.amounts);
  const changes: Change[] = [];
  const ended: Ended[] = [];
  const accounted = new Set<string>();
  for (const { seq, ended: together } of entries) {
    for (const one of together) {
      const known = held.delete(nameOf(one));
      if (seq <= (base?.folded ?? 0)) continue;
      ended.push(one);
      const hold = holdOf(one);
      // Only what was admitted since the exact state was written ahead of it, and each once.
      const lost = !known && !one.late && one.madeAt > (base?.clock ?? 0);
      if (lost && !accounted.has(nameOf(one))) account(unknown, hold);
      accounted.add(nameOf(one));
      changes.push(...changesOf(one, hold, known, momentOf(one.endedAt)));
    }
  }
  return { held: [...held.values()], changes, ended, unknown };
}

/** The same `request_id` may be held again on another day. */
function nameOf({ id, madeAt }: Reservation): string {
  return `${id}:${madeAt}`;
}

/** The sliding minute has one ceiling for all of its seconds. */
export function ceilingOf(key: CounterKey): CounterKey {
  return key.startsWith('tpm:') ? 'tpm' : key;
}

/** An admission that was written ahead has turned up. */
function account(unknown: Map<CounterKey, number>, hold: Hold): void {
  const take = (key: CounterKey, amount: number) => {
    const left = unknown.get(ceilingOf(key));
    if (left !== undefined) unknown.set(ceilingOf(key), Math.max(0, left - amount));
  };
  for (const key of tokenKeys(hold)) take(key, hold.tokens);
  for (const key of requestKeys(hold)) take(key, 1);
}

function changesOf(one: Ended, hold: Hold, known: boolean, moment: Moment): Change[] {
  switch (one.state) {
    case 'settled':
      if (one.late) return changesOfLateSettle(hold, one.settled, moment);
      return known ? changesOfSettle(hold, one.settled, moment) : changesOfLost(hold, one.settled, moment);
    case 'released':
      return known ? changesOfReturn(hold) : [];
    case 'expired': {
      const noted = { key: `expired:${moment.day}`, used: one.tokens, reserved: 0 };
      return known ? [...changesOfReturn(hold), noted] : [noted];
    }
  }
}
