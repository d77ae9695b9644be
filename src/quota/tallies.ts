import type { MemberUsage } from '#kernel/quota';
import {
  type Bucket,
  type Change,
  type CounterKey,
  type Counters,
  isStale,
  keyOf,
  type Moment,
  type Tally,
  TPM_SECONDS,
} from './rules.ts';

const NOTHING: Tally = { used: 0, reserved: 0 };

/** The counters of one owner, in memory: the seconds of the minute apart, since they come and go. */
export class Tallies implements Counters {
  private readonly seconds = new Map<number, Bucket>();
  private readonly others = new Map<CounterKey, Tally>();
  /** What may have been admitted before a crash; it counts as reserved. */
  private slack = new Map<CounterKey, number>();

  constructor(tallies: Iterable<[CounterKey, Tally]>) {
    for (const [key, tally] of tallies) this.set(key, tally);
  }

  get(key: CounterKey): Tally {
    const second = secondOf(key);
    if (second !== null) return this.seconds.get(second) ?? NOTHING;
    const tally = this.others.get(key) ?? NOTHING;
    const slack = this.slack.get(key);
    return slack ? { used: tally.used, reserved: tally.reserved + slack } : tally;
  }

  minute(): Bucket[] {
    return [...this.seconds.values()];
  }

  /** Every counter as it is, without slack. */
  entries(): [CounterKey, Tally][] {
    const minute = this.minute().map(({ second, used, reserved }): [CounterKey, Tally] => [
      `tpm:${second}`,
      { used, reserved },
    ]);
    return [...minute, ...this.others];
  }

  /** Applies what still counts. */
  apply(changes: Change[], moment: Moment): void {
    for (const { key, used, reserved } of changes) {
      if (isStale(key, moment)) continue;
      const second = secondOf(key);
      const before =
        second === null ? (this.others.get(key) ?? NOTHING) : (this.seconds.get(second) ?? NOTHING);
      this.set(key, { used: before.used + used, reserved: before.reserved + reserved });
    }
  }

  /** Drops counters whose window is over. */
  forget(moment: Moment): void {
    for (const second of this.seconds.keys()) {
      if (second <= moment.second - TPM_SECONDS) this.seconds.delete(second);
    }
  }

  /** {@link forget} of days and months: only where a day began. */
  forgetDays(moment: Moment): void {
    for (const key of this.others.keys()) if (isStale(key, moment)) this.others.delete(key);
    for (const key of this.slack.keys()) if (isStale(key, moment)) this.slack.delete(key);
  }

  /** What each member settled on this day. */
  memberUsage(moment: Moment): MemberUsage {
    const usage: MemberUsage = {};
    const prefix = `member_tokens:${moment.day}:`;
    for (const [key, { used: tokens }] of this.others) {
      if (!key.startsWith(prefix)) continue;
      const member = key.slice(prefix.length);
      const { used: requests } = this.others.get(keyOf('member_requests', { ...moment, member })) ?? NOTHING;
      if (tokens + requests > 0) usage[member] = { tokens, requests };
    }
    return usage;
  }

  slackEntries(): [CounterKey, number][] {
    return [...this.slack];
  }

  /** What is not known of counts from now on; nothing for none. */
  setSlack(slack: Iterable<[CounterKey, number]>): void {
    this.slack = new Map([...slack].filter(([, amount]) => amount > 0));
  }

  /** Something that was not known of has turned up. */
  takeSlack(key: CounterKey, amount: number): void {
    const left = (this.slack.get(key) ?? 0) - amount;
    if (left > 0) this.slack.set(key, left);
    else this.slack.delete(key);
  }

  private set(key: CounterKey, { used, reserved }: Tally): void {
    const second = secondOf(key);
    if (second === null) {
      this.others.set(key, { used, reserved });
      return;
    }
    const late = !this.seconds.has(second) && second < (this.lastSecond() ?? second);
    this.seconds.set(second, { second, used, reserved });
    if (late) this.sort();
  }

  private lastSecond(): number | undefined {
    let last: number | undefined;
    for (const second of this.seconds.keys()) last = second;
    return last;
  }

  /** Seconds come in order but for what turns up after a crash. */
  private sort(): void {
    const sorted = this.minute().sort((a, b) => a.second - b.second);
    this.seconds.clear();
    for (const bucket of sorted) this.seconds.set(bucket.second, bucket);
  }
}

function secondOf(key: CounterKey): number | null {
  return key.startsWith('tpm:') ? Number(key.slice(4)) : null;
}
