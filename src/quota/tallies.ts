import type { MemberUsage } from '#kernel/quota';
import {
  type Change,
  type CounterKey,
  type Counters,
  isStale,
  keyOf,
  type Moment,
  type Tally,
} from './rules.ts';

/** The counters of one owner, in memory. */
export class Tallies implements Counters {
  private readonly tallies: Map<CounterKey, Tally>;

  constructor(tallies: Iterable<[CounterKey, Tally]>) {
    this.tallies = new Map(tallies);
  }

  get(key: CounterKey): Tally {
    return this.tallies.get(key) ?? { used: 0, reserved: 0 };
  }

  seconds(): number[] {
    return [...this.tallies.keys()]
      .filter((key) => key.startsWith('tpm:'))
      .map((key) => Number(key.slice(4)))
      .sort((a, b) => a - b);
  }

  /** Applies what still counts, and gives the counters as they are afterwards. */
  apply(changes: Change[], moment: Moment): [CounterKey, Tally][] {
    const touched = new Map<CounterKey, Tally>();
    for (const { key, used, reserved } of changes) {
      if (isStale(key, moment)) continue;
      const before = this.get(key);
      const after = { used: before.used + used, reserved: before.reserved + reserved };
      this.tallies.set(key, after);
      touched.set(key, after);
    }
    return [...touched];
  }

  /** Drops counters whose window is over, and names them. */
  forget(moment: Moment): CounterKey[] {
    const stale = [...this.tallies.keys()].filter((key) => isStale(key, moment));
    for (const key of stale) this.tallies.delete(key);
    return stale;
  }

  /** What each member settled on this day. */
  memberUsage(moment: Moment): MemberUsage {
    const usage: MemberUsage = {};
    const prefix = `member_tokens:${moment.day}:`;
    for (const [key, { used: tokens }] of this.tallies) {
      if (!key.startsWith(prefix)) continue;
      const member = key.slice(prefix.length);
      const { used: requests } = this.get(keyOf('member_requests', { ...moment, member }));
      if (tokens + requests > 0) usage[member] = { tokens, requests };
    }
    return usage;
  }
}
