import type { UsageDelivery, UsageRow } from '#kernel/quota';
import type { Delivered, Ended, Entry } from './journal.ts';

/** Different models of a day and owner that are told apart; the rest count as one. */
const MOST_MODELS = 100;
const OTHER = 'other';
/** What is counted without a model. */
const NO_MODEL = '';

/**
 * What of a journal's entries must be added to D1, summed: usage on the day of the reservation, however late it was
 * settled.
 *
 * @param dayOf the site's day of an instant
 * @param backlog entries that come after these
 */
export function deliveryOf(
  entries: Entry[],
  { seq, models }: Delivered,
  dayOf: (at: number) => string,
  backlog: number,
): { delivery: Omit<UsageDelivery, 'keyUses'>; next: Delivered } {
  const rows = new Map<string, UsageRow>();
  const seen: Record<string, string[]> = { ...models };
  for (const one of entries.flatMap(({ ended }) => ended)) {
    if (one.state === 'released') continue;
    const day = dayOf(one.madeAt);
    const model = modelOf(one, day, seen);
    const { userId, keyId, test } = one;
    const key = JSON.stringify([userId, keyId, model, day, test]);
    const row = rows.get(key) ?? { userId, keyId, model, day, test, tokens: 0, requests: 0, expired: 0 };
    if (one.state === 'expired') row.expired += one.tokens;
    else {
      row.tokens += one.settled;
      row.requests += 1;
    }
    rows.set(key, row);
  }
  const upTo = entries.at(-1)?.seq ?? seq;
  return {
    delivery: { after: seq, upTo, rows: [...rows.values()], backlog },
    next: { seq: upTo, models: lately(seen) },
  };
}

function modelOf({ model }: Ended, day: string, seen: Record<string, string[]>): string {
  if (model === null) return NO_MODEL;
  const known = seen[day] ?? [];
  if (known.includes(model)) return model;
  if (known.length >= MOST_MODELS) return OTHER;
  seen[day] = [...known, model];
  return model;
}

/** A settle is at most a day late, so older days come no more. */
function lately(models: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(models)
      .sort(([a], [b]) => (a < b ? 1 : -1))
      .slice(0, 3),
  );
}
