import { SECOND } from '#kernel/clock';
import type { MemberMetric, OwnerMetric } from '#kernel/quota';
import {
  type Bucket,
  type Change,
  type Counters,
  type Hold,
  type Limited,
  type Moment,
  momentOf,
  type Place,
  type Tally,
} from '#quota/rules';

export const START = Date.parse('2026-11-20T12:00:00Z');
export const S0 = START / SECOND;

/** Counters in a map: what the changes add up to. */
export class Ledger implements Counters {
  readonly tallies = new Map<string, Tally>();

  constructor(...changes: Change[][]) {
    for (const one of changes) this.add(one);
  }

  add(changes: Change[]): void {
    for (const { key, used, reserved } of changes) {
      const before = this.get(key);
      this.tallies.set(key, { used: before.used + used, reserved: before.reserved + reserved });
    }
  }

  get(key: string): Tally {
    return this.tallies.get(key) ?? { used: 0, reserved: 0 };
  }

  minute(): Bucket[] {
    return [...this.tallies]
      .filter(([key]) => key.startsWith('tpm:'))
      .map(([key, tally]) => ({ second: Number(key.slice(4)), ...tally }))
      .sort((a, b) => a.second - b.second);
  }

  /** What is not nothing. */
  rest(): Record<string, Tally> {
    return Object.fromEntries(
      [...this.tallies].filter(([, { used, reserved }]) => used !== 0 || reserved !== 0),
    );
  }
}

/** An instant, and who spends in it; null where the owner is no enterprise. */
export const utc = (now: number, member: string | null = null): Moment & Place => ({
  ...momentOf('UTC', now),
  member,
});

export const holdAt = (tokens: number, place: Place): Hold => ({ ...place, tokens, expiresAt: 0 });

/** A limit of an owner's plan. */
export const limitOf = (metric: OwnerMetric, limit = 0): Limited => ({
  scope: 'member',
  metric,
  limit,
  meter: metric,
  member: null,
});

/** What an enterprise lets one of its members spend. */
export const capOf = (metric: MemberMetric, limit: number, member: string): Limited => ({
  scope: 'enterprise_member',
  metric,
  limit,
  meter: metric === 'tokens_per_day' ? 'member_tokens' : 'member_requests',
  member,
});
