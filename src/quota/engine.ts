import { SECOND } from '#kernel/clock';
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
  Reservation,
  ReserveRequest,
  Settlement,
} from '#kernel/quota';
import { denialOf, isStaleKey, keyDenial, releaseConflict, settleConflict } from './denials.ts';
import type { Ended, QuotaJournal } from './journal.ts';
import { carried, type Instant, QuotaLedger } from './ledger.ts';
import {
  costOf,
  fitsAt,
  keyOf,
  type Limited,
  limitsAt,
  memberLimits,
  ownerLimits,
  readLimit,
  retryAfter,
  tallyOf,
} from './rules.ts';

/** One instant of the object, and all that applies to who asks. */
interface Frame extends Instant {
  limits: PlanLimits;
  limited: Limited[];
}

/**
 * Decides for one owner. Every method is synchronous: between reading the counters and writing them nothing else can
 * run, which is what makes admission atomic.
 */
export class QuotaEngine {
  private readonly journal: QuotaJournal;
  private readonly ledger: QuotaLedger;
  private snapshot: OwnerSnapshot | null;

  /** @param options `ahead`: admit from memory below what was written ahead; else write the exact state each time */
  constructor(journal: QuotaJournal, options: { ahead: boolean }) {
    this.journal = journal;
    const loaded = journal.load();
    this.snapshot = loaded.snapshot;
    this.ledger = new QuotaLedger(journal, loaded, options);
  }

  /** The version of limits that the object has, or null when it has none. */
  get version(): number | null {
    return this.snapshot?.version ?? null;
  }

  /** The time zone of the owner's site, or null before the object has limits. */
  get timeZone(): string | null {
    return this.snapshot?.timeZone ?? null;
  }

  /** Takes a snapshot unless a newer one is here already: a late push never wins. */
  apply(snapshot: OwnerSnapshot): void {
    if (this.snapshot && this.snapshot.version > snapshot.version) return;
    // A limit that is new was not written ahead for: what is held already must be exact on disk.
    this.ledger.flush();
    this.snapshot = snapshot;
    this.journal.saveSnapshot(snapshot);
  }

  /** Admits all or nothing over every limit of this moment. Needs a snapshot. */
  reserve(request: ReserveRequest, clock: number): Admission | Refusal | Denied {
    const { spender, tokens, model } = request;
    const frame = this.begin(clock, spender.userId);
    const dead = keyDenial(frame.snapshot, spender);
    if (dead) return this.denied(dead, frame);
    // What was admitted stays admitted, whatever the limits have become since.
    const again = request.named ? this.again(request, frame) : null;
    if (again) return again;
    const denial = denialOf(frame.limits, request);
    if (denial) return this.denied(denial, frame);
    const refusal = this.refusalOf(tokens, frame);
    if (refusal) return refusal;
    const { now } = frame;
    const one: Reservation = {
      id: request.reservationId,
      tokens,
      userId: spender.userId,
      keyId: spender.keyId,
      model,
      test: spender.test,
      madeAt: now,
      expiresAt: now + request.ttlSeconds * SECOND,
    };
    const held = this.ledger.hold(one, frame.limited, frame);
    if (request.settle) this.ledger.end(held, 'settled', tokens, frame);
    this.ledger.written();
    return this.admission(one, frame);
  }

  /** Books what was really used. The same figure again is the same answer; another is a conflict. */
  settle(request: EndRequest, clock: number): Settlement | Denied {
    return this.end(request, 'settled', request.tokens, clock);
  }

  /** Gives all back. Again the same; after a settle a conflict. */
  release(request: Omit<EndRequest, 'tokens'>, clock: number): Settlement | Denied {
    return this.end(request, 'released', 0, clock);
  }

  /** Every limit as it stands, for a person or a key. */
  read(reader: QuotaReader, clock: number): QuotaReading | Denied {
    const byKey = 'spender' in reader;
    const frame = this.begin(clock, byKey ? reader.spender.userId : reader.userId);
    const denial = byKey ? keyDenial(frame.snapshot, reader.spender) : null;
    if (denial) return this.denied(denial, frame);
    const { counters } = this.ledger;
    const place = { ...frame.moment, member: null };
    return {
      limits: this.readings(frame),
      expiredToday: counters.get(`expired:${place.day}`).used,
      settledThisMonth: counters.get(keyOf('tokens_per_month', place)).used,
    };
  }

  /** What each member settled today. */
  memberUsage(clock: number): MemberUsage {
    const { moment } = this.begin(clock, null);
    return this.ledger.counters.memberUsage(moment);
  }

  /** Writes what has ended since the last time, as one row: an end may be answered once this has run. */
  writeEnded(): void {
    this.ledger.writeEnded();
  }

  /** Whether something is in memory that the disk does not know exactly. */
  get isDirty(): boolean {
    return this.ledger.isDirty;
  }

  /** Writes the exact state. */
  flush(): void {
    this.ledger.flush();
  }

  private begin(clock: number, userId: string | null): Frame {
    const { snapshot } = this;
    if (!snapshot) throw new Error('a quota object was used before it knew its limits');
    const instant = this.ledger.at(snapshot, clock);
    const limits = limitsAt(snapshot, instant.now);
    const limited = ownerLimits(snapshot.scope, limits);
    if (snapshot.scope === 'enterprise' && userId !== null) {
      limited.push(...memberLimits(snapshot.caps[userId], userId));
    }
    return { ...instant, limits, limited };
  }

  private end(
    { reservation, spender }: Omit<EndRequest, 'tokens'>,
    state: 'settled' | 'released',
    settled: number,
    clock: number,
  ): Settlement | Denied {
    const frame = this.begin(clock, spender.userId);
    const denial = this.endDenial(reservation, spender, frame);
    if (denial) return this.denied(denial, frame);
    const { ledger } = this;
    const held = ledger.heldOf(reservation.id);
    const known = held ? null : ledger.endedOf(reservation.id, frame.now);
    if (known && known.state !== 'expired') {
      const conflict = state === 'settled' ? settleConflict(known, settled) : releaseConflict(known);
      return conflict ? this.denied(conflict, frame) : this.settlement(known, frame);
    }
    const over = known?.state === 'expired' || reservation.expiresAt <= frame.now;
    const ended = held
      ? ledger.end(held, state, settled, frame)
      : // Held again under its request_id, it is that admission which has run out.
        ledger.endUnknown(known ? carried(known) : reservation, state, settled, over, frame);
    ledger.written();
    return this.settlement(ended, frame);
  }

  /** Whether this key may end a reservation: its own, dead or not, or a live key of the same user. */
  private endDenial(
    reservation: Reservation,
    spender: EndRequest['spender'],
    { snapshot, now }: Frame,
  ): Denial | null {
    if (reservation.keyId !== spender.keyId) {
      if (isStaleKey(snapshot, spender)) return 'key_stale';
      if (spender.dead) return 'unauthenticated';
    }
    const foreign = reservation.userId !== spender.userId;
    return foreign || this.ledger.isForgotten(reservation, now) ? 'reservation_not_found' : null;
  }

  /** A `request_id` that was admitted before is the same hold, or a conflict; null where it was not. */
  private again(request: ReserveRequest, frame: Frame): Admission | Denied | null {
    const { reservationId: id, tokens } = request;
    const held = this.ledger.heldOf(id);
    const ended = held ? null : this.ledger.endedOf(id, frame.now);
    const known = held ?? ended;
    if (!known || this.ledger.isForgotten(known, frame.now)) return null;
    if (known.tokens !== tokens) return this.denied('request_id_conflict', frame);
    const denial = ended && denialOfAgain(ended, request);
    if (denial) return this.denied(denial, frame);
    if (held && request.settle) this.ledger.end(held, 'settled', tokens, frame);
    this.ledger.written();
    return this.admission(known, frame);
  }

  /** Why a request of this size does not fit now, told of the limit that clears last; null when it fits. */
  private refusalOf(tokens: number, frame: Frame): Refusal | null {
    const { limited, moment, now } = frame;
    const { counters } = this.ledger;
    const short = limited.filter((one) => {
      const { used, reserved } = tallyOf(counters, one, moment);
      return used + reserved + costOf(one, tokens) > one.limit;
    });
    const [last] = short
      .map((one) => ({ one, at: fitsAt(counters, one, costOf(one, tokens), moment) }))
      .sort((a, b) => b.at - a.at);
    if (!last) return null;
    const blocking = readLimit(counters, last.one, moment, now);
    return {
      outcome: 'refused',
      limits: this.readings(frame),
      blocking: { ...blocking, requested: costOf(last.one, tokens) },
      retryAfter: retryAfter(last.at, now),
    };
  }

  private admission(one: Reservation, frame: Frame): Admission {
    return {
      outcome: 'admitted',
      reservation: carried(one),
      limits: this.readings(frame),
      priority: frame.limits.priority,
      tokenDiscount: frame.limits.tokenDiscount,
    };
  }

  private settlement({ state, tokens, settled }: Ended, frame: Frame): Settlement {
    return {
      outcome: state === 'released' ? 'released' : 'settled',
      reserved: tokens,
      settled,
      limits: this.readings(frame),
    };
  }

  private denied(code: Denial, frame: Frame): Denied {
    return { outcome: 'denied', code, limits: this.readings(frame) };
  }

  private readings({ limited, moment, now }: Frame): LimitReading[] {
    return limited.map((one) => readLimit(this.ledger.counters, one, moment, now));
  }
}

/** What was given back is no hold any more: to call it admitted would let tokens pass uncounted. */
function denialOfAgain(ended: Ended, request: ReserveRequest): Denial | null {
  if (ended.state === 'released') return 'reservation_released';
  if (ended.state === 'expired') return 'reservation_expired';
  return request.settle ? settleConflict(ended, request.tokens) : null;
}
