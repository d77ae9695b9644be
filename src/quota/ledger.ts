import { DAY, SECOND } from '#kernel/clock';
import type { OwnerSnapshot, Reservation } from '#kernel/quota';
import { Ceiling } from './ahead.ts';
import {
  changesOfHold,
  changesOfLateSettle,
  changesOfLost,
  changesOfReturn,
  changesOfSettle,
} from './changes.ts';
import type { Ended, Loaded, QuotaJournal } from './journal.ts';
import { ceilingOf, recover } from './recovery.ts';
import { type Held, Reservations } from './reservations.ts';
import {
  type Change,
  costOf,
  type Hold,
  type Limited,
  type Moment,
  momentOf,
  requestKeys,
  tallyOf,
  tokenKeys,
} from './rules.ts';
import { Tallies } from './tallies.ts';

/** How long an ended reservation is remembered, and how late a settle may come: from the reservation. */
const MEMORY = DAY;

/** An instant of the object. */
export interface Instant {
  snapshot: OwnerSnapshot;
  now: number;
  moment: Moment;
}

/**
 * What one owner has spent and holds. What is admitted is on disk, or below what the disk knows may have been admitted
 * (`Ceiling`); what has ended is on disk once {@link writeEnded} has run, and may be answered then.
 */
export class QuotaLedger {
  counters = new Tallies([]);
  private readonly journal: QuotaJournal;
  /** Null: the exact state is written each time. */
  private readonly ceiling: Ceiling | null;
  private readonly loaded: Loaded;
  private reservations: Reservations;
  private started = false;
  private dirty = false;
  private moment: Moment | null = null;
  /** The object's clock never steps back, not even across a restart. */
  private latest: number;
  private lastSeq: number;
  private slackUntil: number;
  /** What is feared to be held of the sliding minute: in the second of the restart. */
  private minuteSlack = { second: 0, amount: 0, madeAfter: 0 };

  constructor(journal: QuotaJournal, loaded: Loaded, options: { ahead: boolean }) {
    this.journal = journal;
    this.loaded = loaded;
    this.ceiling = options.ahead ? new Ceiling(loaded.ahead) : null;
    this.reservations = new Reservations(journal, [], []);
    const ends = loaded.entries.flatMap(({ ended }) => ended.map(({ endedAt }) => endedAt));
    this.latest = Math.max(loaded.base?.clock ?? 0, loaded.ahead.clock, ...ends.slice(-1000));
    this.slackUntil = loaded.base?.slackUntil ?? 0;
    this.lastSeq = loaded.lastSeq;
  }

  /** Moves to an instant: what is over by then is given back. */
  at(snapshot: OwnerSnapshot, clock: number): Instant {
    const now = Math.max(clock, this.latest);
    this.latest = now;
    const moment = this.momentAt(snapshot.timeZone, now);
    if (!this.started) this.start(snapshot, now, moment);
    this.expire(snapshot.timeZone, now, moment);
    return { snapshot, now, moment };
  }

  heldOf(id: string): Held | undefined {
    return this.reservations.heldOf(id);
  }

  /** An ended reservation that is remembered. */
  endedOf(id: string, now: number): Ended | null {
    return this.reservations.endedOf(id, now - MEMORY);
  }

  /** Whether a reservation was made too long ago to be ended. */
  isForgotten({ madeAt }: Reservation, now: number): boolean {
    return madeAt < now - MEMORY;
  }

  /** Takes a reservation in. What the disk must know of it is written first. */
  hold(one: Reservation, limited: Limited[], instant: Instant): Held {
    const { moment, snapshot } = instant;
    const { second, day, month } = moment;
    const member = snapshot.scope === 'enterprise' ? one.userId : null;
    const held: Held = { ...one, second, day, month, member };
    const { tokens, expiresAt } = held;
    const ahead = this.ceiling?.admit(
      { tokens, expiresAt, place: held, now: instant.now },
      limited,
      (one) => {
        const { used, reserved } = tallyOf(this.counters, one, moment);
        return one.limit - used - reserved - costOf(one, tokens);
      },
    );
    if (ahead) this.journal.saveAhead(ahead);
    this.book(changesOfHold(held.tokens, held), moment);
    this.reservations.hold(held);
    return held;
  }

  end(held: Held, state: 'settled' | 'released', settled: number, { moment, now }: Instant): Ended {
    this.book(state === 'settled' ? changesOfSettle(held, settled, moment) : changesOfReturn(held), moment);
    return this.keep({ ...carried(held), state, settled, endedAt: now, late: false });
  }

  /** Ends one that has run out, or that was lost with the memory: then it was among what is feared to be held. */
  endUnknown(
    one: Reservation,
    state: 'settled' | 'released',
    settled: number,
    over: boolean,
    at: Instant,
  ): Ended {
    const { snapshot, moment, now } = at;
    const hold = holdOf(snapshot, one);
    if (!over) this.found(hold, one.madeAt, moment);
    if (state === 'settled') {
      const lost = over ? changesOfLateSettle : changesOfLost;
      this.book(lost(hold, settled, moment), moment);
    }
    return this.keep({ ...one, state, settled, endedAt: now, late: over && state === 'settled' });
  }

  /** Writes what has ended since the last time, as one row. */
  writeEnded(): void {
    if (!this.reservations.hasUnwritten) return;
    this.lastSeq = this.journal.append(this.reservations.takeUnwritten());
  }

  /** Whether something is in memory that the disk does not know exactly. */
  get isDirty(): boolean {
    return this.dirty;
  }

  /** Writes the exact state; nothing is ahead of it any more. */
  flush(): void {
    if (!this.dirty) return;
    this.writeEnded();
    const slack = this.counters.slackEntries();
    this.journal.saveBase(
      {
        clock: this.latest,
        counters: this.counters.entries(),
        slack,
        slackUntil: slack.length > 0 ? this.slackUntil : 0,
        folded: this.lastSeq,
      },
      this.reservations.takeFresh(),
    );
    this.ceiling?.reset();
    this.dirty = false;
  }

  /** Where nothing is written ahead, everything is written at once. */
  written(): void {
    if (this.ceiling === null) this.flush();
  }

  /** The first instant after a start: what is on disk is put together. */
  private start(snapshot: OwnerSnapshot, now: number, moment: Moment): void {
    this.started = true;
    const { loaded } = this;
    const { held, changes, ended, unknown } = recover(
      loaded,
      (one) => holdOf(snapshot, one),
      (time) => momentOf(snapshot.timeZone, time),
    );
    this.counters = new Tallies(loaded.base?.counters ?? []);
    this.counters.apply(changes, moment);
    this.counters.forget(moment);
    this.counters.forgetDays(moment);
    this.reservations = new Reservations(
      this.journal,
      held.map((one) => ({ ...one, ...holdOf(snapshot, one) })),
      ended,
    );
    const slack = new Map(loaded.base?.slack ?? []);
    const { latestExpiry } = loaded.ahead;
    for (const [key, amount] of now < latestExpiry ? unknown : []) {
      if (amount === 0) continue;
      if (key !== 'tpm') {
        slack.set(key, (slack.get(key) ?? 0) + amount);
        continue;
      }
      // As if spent at the restart, so it slides out in 61 seconds.
      this.minuteSlack = { second: moment.second, amount, madeAfter: loaded.base?.clock ?? 0 };
      this.counters.apply([{ key: `tpm:${moment.second}`, used: 0, reserved: amount }], moment);
    }
    this.slackUntil = Math.max(this.slackUntil, latestExpiry);
    this.counters.setSlack(now < this.slackUntil ? slack : []);
    this.dirty = changes.length > 0 || unknown.size > 0;
  }

  /** Calendar arithmetic is slow beside the rest, so a day's windows are kept until it ends. */
  private momentAt(timeZone: string, now: number): Moment {
    const second = Math.floor(now / SECOND);
    const { moment } = this;
    if (moment?.second === second) return moment;
    const sameDay = moment !== null && now < moment.dayEnds;
    const next = sameDay ? { ...moment, second } : momentOf(timeZone, now);
    this.moment = next;
    this.counters.forget(next);
    if (!sameDay) this.counters.forgetDays(next);
    return next;
  }

  /** Gives back what ran out of its ttl, in the windows that it came from; and what was only feared to be held. */
  private expire(timeZone: string, now: number, moment: Moment): void {
    for (const held of this.reservations.takeExpired(now)) {
      const { day } = momentOf(timeZone, held.expiresAt);
      const noted = { key: `expired:${day}`, used: held.tokens, reserved: 0 };
      this.book([...changesOfReturn(held), noted], moment);
      this.keep({ ...carried(held), state: 'expired', settled: 0, endedAt: held.expiresAt, late: false });
    }
    if (this.slackUntil > 0 && now >= this.slackUntil) {
      if (this.counters.slackEntries().length > 0) this.dirty = true;
      this.counters.setSlack([]);
      this.slackUntil = 0;
    }
    this.written();
  }

  /** What was only feared to be held has turned up. */
  private found(hold: Hold, madeAt: number, moment: Moment): void {
    for (const key of tokenKeys(hold)) {
      if (ceilingOf(key) === key) this.counters.takeSlack(key, hold.tokens);
    }
    for (const key of requestKeys(hold)) this.counters.takeSlack(key, 1);
    const { second, amount, madeAfter } = this.minuteSlack;
    const taken = madeAt > madeAfter ? Math.min(amount, hold.tokens) : 0;
    this.minuteSlack.amount -= taken;
    if (taken > 0) this.book([{ key: `tpm:${second}`, used: 0, reserved: -taken }], moment);
    this.dirty = true;
  }

  private keep(ended: Ended): Ended {
    this.reservations.end(ended);
    this.dirty = true;
    return ended;
  }

  private book(changes: Change[], moment: Moment): void {
    this.counters.apply(changes, moment);
    this.dirty = true;
  }
}

/** A reservation as it counts, in the windows that it was made in. */
function holdOf({ timeZone, scope }: OwnerSnapshot, one: Reservation): Hold {
  const { second, day, month } = momentOf(timeZone, one.madeAt);
  const member = scope === 'enterprise' ? one.userId : null;
  return { second, day, month, member, tokens: one.tokens, expiresAt: one.expiresAt };
}

/** What goes into an id: without the windows that it counts in. */
export function carried(one: Reservation): Reservation {
  const { id, tokens, userId, keyId, model, test, madeAt, expiresAt } = one;
  return { id, tokens, userId, keyId, model, test, madeAt, expiresAt };
}
