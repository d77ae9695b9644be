import fc from 'fast-check';
import { DAY, SECOND } from '#kernel/clock';
import type { CalendarPeriod } from '#modules/commerce/rules';
import { monthsAfter, monthsOf, periods } from './grants.ts';

/** What somebody does, each some time after the last; what makes no sense at that moment does not happen. */
export interface Act {
  /** `pause`: joins an enterprise, or leaves it again. */
  kind: 'buy' | 'upgrade' | 'refund' | 'pause';
  /** `edge`: to the very second in which what is held next changes. */
  after: number | 'edge';
  period: CalendarPeriod;
  /** Which of the orders that can be refunded. */
  pick: number;
}

export function acts(...kinds: Act['kind'][]): fc.Arbitrary<Act[]> {
  const seconds = (days: number) =>
    fc.integer({ min: 1, max: (days * DAY) / SECOND }).map((one) => one * SECOND);
  const after = fc.oneof(
    { weight: 4, arbitrary: seconds(5) },
    { weight: 4, arbitrary: seconds(70) },
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constant<'edge'>('edge') },
  );
  const act = fc.record({ kind: fc.constantFrom(...kinds), after, period: periods, pick: fc.nat(20) });
  return fc.array(act, { minLength: 3, maxLength: 16 });
}

interface Entry {
  order: string;
  months: number;
  upgrade: boolean;
  refunded: boolean;
  from: number;
  until: number;
  anchorAt: number;
  anchorMonths: number;
}

/**
 * What orders give, told without grants: on a clock that stands still while somebody waits, and with an upgrade as
 * what hides all that was bought before it for as long as it is not refunded. So nothing is ever cut, split or
 * restored, and no time can be lost on the way.
 */
export class Story {
  private entries: Entry[] = [];
  /** How long the clock has stood still. */
  private lag = 0;
  private pausedAt: number | null = null;

  buy(order: string, period: CalendarPeriod, now: number): void {
    const entry = this.entry(order, monthsOf(period), false);
    this.follow(entry, this.visible(), now);
    this.entries.push(entry);
  }

  upgrade(order: string, period: CalendarPeriod, now: number): void {
    const entry = this.entry(order, monthsOf(period), true);
    this.follow(entry, [], now);
    this.entries.push(entry);
  }

  /** What has not begun follows what has; as long as it does so already, it stays as it is. */
  refund(order: string, now: number): void {
    for (const entry of this.entries) if (entry.order === order) entry.refunded = true;
    const time = this.clock(now);
    const line = this.visible().filter(({ from, until }) => from <= time && time < until);
    const later = this.visible().filter(({ from }) => from > time);
    let moved = false;
    for (const entry of later.sort((a, b) => a.from - b.from)) {
      moved ||= entry.from !== this.endOf(line, now);
      if (moved) this.follow(entry, line, now);
      line.push(entry);
    }
  }

  pause(now: number): void {
    this.pausedAt = now;
  }

  unpause(now: number): void {
    this.lag += now - (this.pausedAt ?? now);
    this.pausedAt = null;
  }

  get waits(): boolean {
    return this.pausedAt !== null;
  }

  /**
   * Orders that can be refunded: of an upgrade that a later one replaced only amounts ever move, and one after which
   * something has begun would leave two things that run at once, which has a test of its own.
   */
  refundable(now: number): string[] {
    const begun = (entry: Entry) =>
      this.after(entry).some((one) => !one.refunded && one.from <= this.clock(now));
    return this.entries
      .filter((entry) => !entry.refunded && !(entry.upgrade && (this.isHidden(entry) || begun(entry))))
      .map(({ order }) => order);
  }

  /** Orders of which an upgrade took something away. */
  replaced(): string[] {
    return this.entries
      .filter((entry) => !entry.refunded && this.hidingOf(entry).some(({ from }) => from < entry.until))
      .map(({ order }) => order);
  }

  countsAt(time: number): string | null {
    if (this.waits) return null;
    const now = this.clock(time);
    return this.visible().find(({ from, until }) => from <= now && now < until)?.order ?? null;
  }

  edges(): number[] {
    return this.visible().flatMap(({ from, until }) => [from + this.lag, until + this.lag]);
  }

  private entry(order: string, months: number, upgrade: boolean): Entry {
    return { order, months, upgrade, refunded: false, from: 0, until: 0, anchorAt: 0, anchorMonths: 0 };
  }

  private clock(time: number): number {
    return (this.pausedAt ?? time) - this.lag;
  }

  private after(entry: Entry): Entry[] {
    return this.entries.slice(this.entries.indexOf(entry) + 1);
  }

  private hidingOf(entry: Entry): Entry[] {
    return this.after(entry).filter(({ upgrade, refunded }) => upgrade && !refunded);
  }

  private isHidden(entry: Entry): boolean {
    return this.hidingOf(entry).length > 0;
  }

  private visible(): Entry[] {
    return this.entries.filter((entry) => !entry.refunded && !this.isHidden(entry));
  }

  private endOf(line: Entry[], now: number): number {
    return Math.max(this.clock(now), ...line.map(({ until }) => until));
  }

  /** Spec membership, Periods: the anchor is the start of the unbroken chain, if its end is on that calendar. */
  private follow(entry: Entry, line: Entry[], now: number): void {
    const { lag } = this;
    const from = this.endOf(line, now);
    const last = line.find(({ until }) => until === from);
    const counted = last && monthsAfter(last.anchorAt + lag, last.anchorMonths) === from + lag;
    entry.from = from;
    entry.anchorAt = counted ? last.anchorAt : from;
    entry.anchorMonths = (counted ? last.anchorMonths : 0) + entry.months;
    entry.until = monthsAfter(entry.anchorAt + lag, entry.anchorMonths) - lag;
  }
}
