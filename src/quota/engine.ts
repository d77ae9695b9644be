import { DAY, SECOND } from '#kernel/clock';
import type {
  Admission,
  Denial,
  Denied,
  EndRequest,
  LimitReading,
  MemberUsage,
  OwnerSnapshot,
  PlanLimits,
  QuotaReader,
  QuotaReading,
  Refusal,
  ReserveRequest,
  Settlement,
  Spender,
} from '#kernel/quota';
import { changesOfEnd, denialOf, isStaleKey, keyDenial, settleConflict } from './denials.ts';
import {
  type Change,
  changesOfHold,
  changesOfReturn,
  costOf,
  fitsAt,
  keyOf,
  type Limited,
  limitsAt,
  type Moment,
  memberLimits,
  momentOf,
  ownerLimits,
  readLimit,
  retryAfter,
} from './rules.ts';
import type { HoldRow, QuotaStorage } from './storage.ts';
import { Tallies } from './tallies.ts';

/** How long an ended reservation is remembered, and how late a settle may come: from the reservation. */
const MEMORY = DAY;

/** One instant of the object: what all of an operation is decided by. */
interface Frame {
  snapshot: OwnerSnapshot;
  now: number;
  moment: Moment;
  limits: PlanLimits;
  /** Who asks, where the owner is an enterprise: members are counted one by one too. */
  member: string | null;
  /** All that applies to who asks. */
  limited: Limited[];
}

/**
 * One owner's counters and holds. Every method is synchronous: between reading the counters and writing
 * them nothing else can run, which is what makes admission atomic.
 */
export class QuotaEngine {
  private readonly storage: QuotaStorage;
  private readonly counters: Tallies;
  private snapshot: OwnerSnapshot | null;
  private moment: Moment | null = null;
  /** The object's clock never steps back, not even across a restart. */
  private latest: number;
  private nextExpiry: number;

  constructor(storage: QuotaStorage) {
    this.storage = storage;
    this.snapshot = storage.snapshot();
    this.nextExpiry = storage.nextExpiry();
    this.latest = storage.clock();
    this.counters = new Tallies(storage.counters());
  }

  /** The version of limits that the object has, or null when it has none. */
  get version(): number | null {
    return this.snapshot?.version ?? null;
  }

  /** Takes a snapshot unless a newer one is here already: a late push never wins. */
  apply(snapshot: OwnerSnapshot): void {
    if (this.snapshot && this.snapshot.version > snapshot.version) return;
    this.snapshot = snapshot;
    this.storage.saveSnapshot(snapshot);
  }

  /** Admits all or nothing over every limit of this moment. Needs a snapshot. */
  reserve(request: ReserveRequest, clock: number): Admission | Refusal | Denied {
    const frame = this.begin(clock, request.spender.userId);
    const dead = keyDenial(frame.snapshot, request.spender);
    if (dead) return this.denied(dead, frame);
    // What was admitted stays admitted, whatever the limits have become since.
    const known = this.storage.hold(request.reservationId);
    if (known && known.madeAt + MEMORY >= frame.now) return this.again(known, request, frame);
    const denial = denialOf(frame.limits, request);
    if (denial) return this.denied(denial, frame);
    const refusal = this.refusalOf(request.tokens, frame);
    if (refusal) return refusal;

    const { now, moment, member } = frame;
    const { second, day, month } = moment;
    const hold: HoldRow = {
      id: request.reservationId,
      state: 'held',
      tokens: request.tokens,
      settled: 0,
      userId: request.spender.userId,
      keyId: request.spender.keyId,
      model: request.model,
      test: request.spender.test,
      second,
      day,
      month,
      member,
      madeAt: now,
      expiresAt: now + request.ttlSeconds * SECOND,
    };
    this.book(changesOfHold(hold.tokens, hold), moment);
    this.storage.saveHold(hold);
    this.nextExpiry = Math.min(this.nextExpiry, hold.expiresAt);
    if (request.settle) this.end(hold, 'settled', hold.tokens, moment);
    return this.admission(hold, frame);
  }

  /** Books what was really used. The same figure again is the same answer; another is a conflict. */
  settle(request: EndRequest, clock: number): Settlement | Denied {
    const frame = this.begin(clock, request.spender.userId);
    const hold = this.ownHold(request.reservationId, request.spender, frame);
    if (typeof hold === 'string') return this.denied(hold, frame);
    const conflict = settleConflict(hold, request.tokens);
    if (conflict) return this.denied(conflict, frame);
    return this.settlement(this.end(hold, 'settled', request.tokens, frame.moment), frame);
  }

  /** Gives all back. Again the same; after a settle a conflict. */
  release(request: Omit<EndRequest, 'tokens'>, clock: number): Settlement | Denied {
    const frame = this.begin(clock, request.spender.userId);
    const hold = this.ownHold(request.reservationId, request.spender, frame);
    if (typeof hold === 'string') return this.denied(hold, frame);
    if (hold.state === 'settled') return this.denied('reservation_settled', frame);
    return this.settlement(this.end(hold, 'released', 0, frame.moment), frame);
  }

  /** Every limit as it stands, for a person or a key. */
  read(reader: QuotaReader, clock: number): QuotaReading | Denied {
    const byKey = 'spender' in reader;
    const frame = this.begin(clock, byKey ? reader.spender.userId : reader.userId);
    const denial = byKey ? keyDenial(frame.snapshot, reader.spender) : null;
    if (denial) return this.denied(denial, frame);
    const { moment } = frame;
    return {
      limits: this.readings(frame),
      expiredToday: this.counters.get(`expired:${moment.day}`).used,
      settledThisMonth: this.counters.get(keyOf('tokens_per_month', { ...moment, member: null })).used,
    };
  }

  /** What each member settled today. */
  memberUsage(clock: number): MemberUsage {
    const { moment } = this.begin(clock, null);
    return this.counters.memberUsage(moment);
  }

  private begin(clock: number, userId: string | null): Frame {
    const { snapshot } = this;
    if (!snapshot) throw new Error('a quota object was used before it knew its limits');
    const now = Math.max(clock, this.latest);
    this.latest = now;
    const moment = this.momentAt(snapshot.timeZone, now);
    this.expire(snapshot.timeZone, now, moment);
    const limits = limitsAt(snapshot, now);
    const member = snapshot.scope === 'enterprise' ? userId : null;
    const limited = ownerLimits(snapshot.scope, limits);
    if (member !== null) limited.push(...memberLimits(snapshot.caps[member], member));
    return { snapshot, now, moment, limits, member, limited };
  }

  /** Calendar arithmetic is slow beside the rest, so a day's windows are kept until it ends. */
  private momentAt(timeZone: string, now: number): Moment {
    const second = Math.floor(now / SECOND);
    if (this.moment?.second === second) return this.moment;
    this.moment =
      this.moment && now < this.moment.dayEnds ? { ...this.moment, second } : momentOf(timeZone, now);
    this.forget(this.moment, now);
    return this.moment;
  }

  /** Drops counters whose window is over, and ended holds that nobody may ask about any more. */
  private forget(moment: Moment, now: number): void {
    const stale = this.counters.forget(moment);
    if (stale.length > 0) this.storage.dropCounters(stale);
    this.storage.dropHolds(now - MEMORY);
    this.storage.saveClock(now);
  }

  /** Gives back what ran out of its ttl, in the windows that it came from. */
  private expire(timeZone: string, now: number, moment: Moment): void {
    if (now < this.nextExpiry) return;
    for (const hold of this.storage.expired(now)) {
      const { day } = momentOf(timeZone, hold.expiresAt);
      const noted = { key: `expired:${day}`, used: hold.tokens, reserved: 0 };
      this.book([...changesOfReturn(hold), noted], moment);
      this.storage.saveHold({ ...hold, state: 'expired' });
    }
    this.nextExpiry = this.storage.nextExpiry();
  }

  /** Ends a hold; one that has ended this way stays as it is. */
  private end(hold: HoldRow, state: 'settled' | 'released', settled: number, moment: Moment): HoldRow {
    if (hold.state === state) return hold;
    this.book(changesOfEnd(hold, state, settled, moment), moment);
    const ended = { ...hold, state, settled };
    this.storage.saveHold(ended);
    return ended;
  }

  private book(changes: Change[], moment: Moment): void {
    this.storage.saveCounters(this.counters.apply(changes, moment));
  }

  /** Why a request of this size does not fit now, told of the limit that clears last; null when it fits. */
  private refusalOf(tokens: number, frame: Frame): Refusal | null {
    const { limited, moment, now } = frame;
    const [last] = limited
      .flatMap((one) => {
        const requested = costOf(one, tokens);
        const reading = readLimit(this.counters, one, moment, now);
        if (reading.used + reading.reserved + requested <= one.limit) return [];
        return [{ reading, requested, at: fitsAt(this.counters, one, requested, moment) }];
      })
      .sort((a, b) => b.at - a.at);
    if (!last) return null;
    return {
      outcome: 'refused',
      limits: this.readings(frame),
      blocking: { ...last.reading, requested: last.requested },
      retryAfter: retryAfter(last.at, now),
    };
  }

  /** The hold if this key may end it: its own, dead or not, or a live key of the same user. */
  private ownHold(id: string, spender: Spender, { snapshot, now }: Frame): HoldRow | Denial {
    const hold = this.storage.hold(id);
    if (hold?.keyId !== spender.keyId) {
      if (isStaleKey(snapshot, spender)) return 'key_stale';
      if (spender.dead) return 'unauthenticated';
    }
    if (hold?.userId !== spender.userId || hold.madeAt + MEMORY < now) return 'reservation_not_found';
    return hold;
  }

  /** A `request_id` that was admitted before is the same hold, or a conflict. */
  private again(hold: HoldRow, request: ReserveRequest, frame: Frame): Admission | Denied {
    if (hold.tokens !== request.tokens) return this.denied('request_id_conflict', frame);
    // What was given back is no hold any more: to call it admitted would let tokens pass uncounted.
    if (hold.state === 'released') return this.denied('reservation_released', frame);
    if (hold.state === 'expired') return this.denied('reservation_expired', frame);
    if (!request.settle) return this.admission(hold, frame);
    const conflict = settleConflict(hold, request.tokens);
    if (conflict) return this.denied(conflict, frame);
    return this.admission(this.end(hold, 'settled', request.tokens, frame.moment), frame);
  }

  private admission(hold: HoldRow, frame: Frame): Admission {
    return {
      outcome: 'admitted',
      reservationId: hold.id,
      tokens: hold.tokens,
      expiresAt: hold.expiresAt,
      limits: this.readings(frame),
      priority: frame.limits.priority,
      tokenDiscount: frame.limits.tokenDiscount,
    };
  }

  private settlement(hold: HoldRow, frame: Frame): Settlement {
    return {
      outcome: hold.state === 'released' ? 'released' : 'settled',
      reservationId: hold.id,
      reserved: hold.tokens,
      settled: hold.settled,
      limits: this.readings(frame),
    };
  }

  private denied(code: Denial, frame: Frame): Denied {
    return { outcome: 'denied', code, limits: this.readings(frame) };
  }

  private readings({ limited, moment, now }: Frame): LimitReading[] {
    return limited.map((one) => readLimit(this.counters, one, moment, now));
  }
}
