import type { Ahead } from './journal.ts';
import { ceilingOf } from './recovery.ts';
import { type CounterKey, keyOf, type Limited, type Place, requestKeys, tokenKeys } from './rules.ts';

/** Limits below this are written each time: a block of them would be most of what there is. */
const SMALL = { tokens: 1000, requests: 100 };
/** The part of a limit that is written ahead at once. */
const BLOCK = 0.1;
/** How much later than asked the latest expiry is noted, so that it is not noted each time. */
const EXPIRY_BLOCK = 60_000;

/** An admission, as the ceiling counts it. */
export interface Admitted {
  tokens: number;
  expiresAt: number;
  place: Place;
  now: number;
}

/**
 * The ceiling: what may be admitted from memory, by counter, since the last exact state was written. What is given back
 * meanwhile does not count against it, so that what was admitted is never more than what the disk knows of. Counters
 * without a limit are counted too: one may come.
 */
export class Ceiling {
  private readonly spent: Map<CounterKey, number>;
  private readonly allowed: Map<CounterKey, number>;
  private latestExpiry: number;

  constructor({ amounts, latestExpiry }: Ahead) {
    this.allowed = new Map(amounts);
    // What was written ahead before a start counts as spent.
    this.spent = new Map(amounts);
    this.latestExpiry = latestExpiry;
  }

  /**
   * Counts an admission. Gives what must be written before it is answered, or null where the disk knows of as much
   * already.
   *
   * @param roomOf what is left under a limit once this is admitted: no more is written ahead
   */
  admit(one: Admitted, limited: Limited[], roomOf: (limit: Limited) => number): Ahead | null {
    const { tokens, expiresAt, place, now } = one;
    const costs: [CounterKey, number][] = [
      ...tokenKeys(place).map((key): [CounterKey, number] => [ceilingOf(key), tokens]),
      ...requestKeys(place).map((key): [CounterKey, number] => [key, 1]),
    ];
    let short = expiresAt > this.latestExpiry;
    for (const [key, cost] of costs) {
      const spent = (this.spent.get(key) ?? 0) + cost;
      this.spent.set(key, spent);
      if (spent > (this.allowed.get(key) ?? 0)) short = true;
    }
    if (!short) return null;
    const limits = new Map(limited.map((limit) => [ceilingOf(keyOf(limit.meter, place)), limit]));
    for (const [key, cost] of costs) {
      const spent = this.spent.get(key) ?? 0;
      const limit = limits.get(key);
      const block = limit ? Math.min(blockOf(limit, cost), roomOf(limit)) : spent;
      this.allowed.set(key, Math.max(this.allowed.get(key) ?? 0, spent + Math.max(0, block)));
    }
    if (expiresAt > this.latestExpiry) this.latestExpiry = expiresAt + EXPIRY_BLOCK;
    return { amounts: [...this.allowed], latestExpiry: this.latestExpiry, clock: now };
  }

  /** An exact state was written: nothing is ahead of it. */
  reset(): void {
    this.spent.clear();
    this.allowed.clear();
    this.latestExpiry = 0;
  }
}

function blockOf({ limit, meter }: Limited, cost: number): number {
  const counted = meter === 'requests_per_day' || meter === 'member_requests';
  if (limit < (counted ? SMALL.requests : SMALL.tokens)) return 0;
  return Math.max(Math.floor(limit * BLOCK), cost);
}
