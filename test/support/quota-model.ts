import { DAY, SECOND } from '#kernel/clock';
import type {
  Denial,
  LimitReading,
  MemberUsage,
  Metric,
  OwnerSnapshot,
  PlanLimits,
  Reservation,
  Spender,
} from '#kernel/quota';
import { DECEMBER, dayOf, monthOf, NOVEMBER, nextMidnight, secondOf } from './quota-fixtures.ts';

const OWNER_METRICS = ['tpm', 'tpd', 'requests_per_day', 'tokens_per_month'] as const;
const MEMBER_METRICS = ['tokens_per_day', 'requests_per_day'] as const;

export type Outcome = 'admitted' | 'refused' | 'settled' | 'released' | Denial;

/** A limit that applies to a user: of the owner, or (`member`) of that user alone. */
export interface Rule extends Pick<LimitReading, 'scope' | 'metric' | 'limit'> {
  member: string | null;
}

/** A limit in the way, and when it would let the request pass. */
export interface Block {
  rule: Rule;
  clearsAt: number;
}

/** What is asked for. Only a named one (`request_id`) may have been admitted before. */
export interface Asked extends Omit<Reservation, 'madeAt' | 'expiresAt'> {
  named: boolean;
  ttl: number;
  consume: boolean;
}

/** An admission and what became of it. */
export interface Admitted extends Reservation {
  /** `replaced`: lost, and its `request_id` decided anew; it is one hold all the same. */
  state: 'held' | 'settled' | 'late' | 'released' | 'expired' | 'replaced';
  settled: number;
  endedAt: number;
  /** Only its id knows of it: the object lost it with its memory. */
  lost: boolean;
  /** Lost at some time: that it ran out is noted nowhere. */
  wasLost: boolean;
  /** What was lost counts in the minute at the restart at the latest. */
  inMinuteOf: number;
}

/** The spec of quotas, said without counters: every figure is a sum over what was admitted. */
export class Model {
  now = 0;
  snapshot: OwnerSnapshot;
  readonly entries: Admitted[] = [];

  constructor(snapshot: OwnerSnapshot) {
    this.snapshot = snapshot;
  }

  /** The clock never steps back; what is not settled in its ttl is given back. */
  tick(clock: number): void {
    this.now = Math.max(this.now, clock);
    for (const one of this.entries) {
      if (one.state === 'held' && one.expiresAt <= this.now) one.state = 'expired';
      if (one.lost) one.inMinuteOf = Math.min(one.inMinuteOf, this.now);
    }
  }

  push(snapshot: OwnerSnapshot): void {
    if (snapshot.version < this.snapshot.version) return;
    this.snapshot = snapshot;
  }

  /**
   * The memory is gone; gives what was lost with it, none of which is any less real.
   *
   * @param clock the last time that is on disk
   * @param disk what is on disk of a reservation; null where nothing is
   */
  crash(clock: number, disk: (one: Admitted) => 'held' | 'ended' | null): Admitted[] {
    this.now = clock;
    const lost: Admitted[] = [];
    for (const one of this.entries) {
      if (one.state !== 'held' && one.state !== 'expired') continue;
      const kept = disk(one);
      if (kept === null && !one.lost) lost.push(one);
      if (kept === null) one.lost = one.wasLost = true;
      if (kept !== 'ended' && one.expiresAt > clock) one.state = 'held';
    }
    return lost;
  }

  /** Keys are asked with version 1. */
  private isDead(keyId: string): boolean {
    return (this.snapshot.keyVersions[keyId] ?? 0) > 1;
  }

  /** All that a user is held to: the owner's limits, and the user's own cap where the owner is an enterprise. */
  rules(userId: string): Rule[] {
    const { scope, caps } = this.snapshot;
    const own = this.limitsOf(this.plan(), scope, null, OWNER_METRICS);
    if (scope === 'member') return own;
    return [...own, ...this.limitsOf(caps[userId] ?? {}, 'enterprise_member', userId, MEMBER_METRICS)];
  }

  private plan(): PlanLimits {
    const { spans, fallback } = this.snapshot;
    const here = spans.filter(({ from, until }) => from <= this.now && (until ?? Infinity) > this.now);
    return here.at(-1)?.limits ?? fallback;
  }

  private limitsOf<M extends Metric>(
    limits: Partial<Record<M, number | null>>,
    scope: Rule['scope'],
    member: string | null,
    metrics: readonly M[],
  ): Rule[] {
    return metrics.flatMap((metric) => {
      const limit = limits[metric] ?? null;
      return limit === null ? [] : [{ scope, metric, limit, member }];
    });
  }

  /** What counts against a limit: of the owner all that was admitted, of a member what was its own. */
  counted({ metric, member }: Omit<Rule, 'scope' | 'limit'>, now = this.now, of = this.entries) {
    const sameDay = (time: number) => dayOf(time) === dayOf(now);
    const same = {
      tpm: (time: number) => secondOf(time) > secondOf(now) - 61,
      tpd: sameDay,
      tokens_per_day: sameDay,
      requests_per_day: sameDay,
      tokens_per_month: (time: number) => monthOf(time) === monthOf(now),
    }[metric];
    const sum = { used: 0, reserved: 0 };
    for (const one of of) {
      if (member !== null && one.userId !== member) continue;
      const late = one.state === 'late';
      const stands = late || one.state === 'held' || one.state === 'settled';
      const madeAt = metric === 'tpm' && one.lost ? one.inMinuteOf : one.madeAt;
      const [bookedAt, excessAt] = [late ? one.endedAt : madeAt, one.endedAt];
      if (metric === 'requests_per_day') {
        if (stands && same(bookedAt)) sum.used += 1;
      } else if (one.state === 'held') {
        if (same(bookedAt)) sum.reserved += one.tokens;
      } else if (stands) {
        const booked = late ? one.settled : Math.min(one.settled, one.tokens);
        if (same(bookedAt)) sum.used += booked;
        if (same(excessAt)) sum.used += one.settled - booked;
      }
    }
    return sum;
  }

  /** {@link counted}, of what the object can know by itself. */
  known(rule: Omit<Rule, 'scope' | 'limit'>): { used: number; reserved: number } {
    return this.counted(
      rule,
      this.now,
      this.entries.filter(({ lost }) => !lost),
    );
  }

  /** What ran out of its ttl, as far as the object saw it. */
  expired(): Admitted[] {
    return this.entries.filter(
      ({ state, expiresAt, endedAt, wasLost }) => (state === 'expired' || endedAt >= expiresAt) && !wasLost,
    );
  }

  expiredToday(): number {
    const today = this.expired().filter(({ expiresAt }) => dayOf(expiresAt) === dayOf(this.now));
    return today.reduce((sum, { tokens }) => sum + tokens, 0);
  }

  /** What each member settled today, and its requests; only of those who used anything. */
  memberUsage(): MemberUsage {
    if (this.snapshot.scope === 'member') return {};
    const usage: MemberUsage = {};
    for (const member of new Set(this.entries.map(({ userId }) => userId))) {
      const tokens = this.known({ metric: 'tokens_per_day', member }).used;
      const requests = this.known({ metric: 'requests_per_day', member }).used;
      if (tokens + requests > 0) usage[member] = { tokens, requests };
    }
    return usage;
  }

  /** Limits in the way of an admission, and when each would let it pass, held reservations staying. */
  blocked(userId: string, tokens: number): Block[] {
    if (this.neverFits(tokens)) return [];
    return this.rules(userId).flatMap((rule): Block[] => {
      const { metric, limit } = rule;
      const cost = metric === 'requests_per_day' ? 1 : tokens;
      const fits = (now: number) => {
        const { used, reserved } = this.counted(rule, now);
        return used + reserved + cost <= limit;
      };
      if (fits(this.now)) return [];
      if (metric === 'tokens_per_month') {
        return [{ rule, clearsAt: this.now < NOVEMBER ? NOVEMBER : DECEMBER }];
      }
      if (metric !== 'tpm') return [{ rule, clearsAt: nextMidnight(this.now) }];
      let clearsAt = (secondOf(this.now) + 1) * SECOND;
      while (!fits(clearsAt)) clearsAt += SECOND;
      return [{ rule, clearsAt }];
    });
  }

  /** Larger than the plan's own limit; a member's cap is never a reason, as it may be raised at any time. */
  private neverFits(tokens: number): boolean {
    const { tpm = Infinity, tpd = Infinity, tokens_per_month = Infinity } = this.plan();
    return tokens > Math.min(tpm, tpd, tokens_per_month);
  }

  /** An admission is remembered for 24 h, unless it was lost. */
  remembered(id: string): Admitted | undefined {
    return this.entries.findLast(
      (one) => one.id === id && !one.lost && one.state !== 'replaced' && one.madeAt + DAY >= this.now,
    );
  }

  /** What a reservation is answered; nothing is changed by asking. */
  verdict({ id, named, keyId, userId, tokens, consume }: Asked): Outcome {
    if (this.isDead(keyId)) return 'key_stale';
    if (this.snapshot.frozen) return 'owner_frozen';
    const known = named ? this.remembered(id) : undefined;
    if (known) {
      if (known.tokens !== tokens) return 'request_id_conflict';
      if (known.state === 'released') return 'reservation_released';
      if (known.state === 'expired') return 'reservation_expired';
      const ended = consume ? endOf(known, tokens) : 'settled';
      return ended === 'settled' ? 'admitted' : ended;
    }
    if (this.neverFits(tokens)) return 'quota_never_fits';
    return this.blocked(userId, tokens).length > 0 ? 'refused' : 'admitted';
  }

  /** What follows from an admission. */
  admit({ named, ttl, consume, ...asked }: Asked): void {
    const known = named ? this.remembered(asked.id) : undefined;
    const entry = known ?? this.admitNew(asked, ttl);
    if (consume) this.end(entry, asked.tokens);
  }

  private admitNew(asked: Omit<Asked, 'named' | 'ttl' | 'consume'>, ttl: number): Admitted {
    const { now } = this;
    this.replace(asked.id);
    const entry: Admitted = {
      ...asked,
      madeAt: now,
      expiresAt: now + ttl * SECOND,
      state: 'held',
      settled: 0,
      endedAt: 0,
      lost: false,
      wasLost: false,
      inMinuteOf: now,
    };
    this.entries.push(entry);
    return entry;
  }

  private replace(id: string): void {
    for (const one of this.entries.filter((one) => one.id === id && one.lost)) one.state = 'replaced';
  }

  /** Whom a key that ends a reservation finds: what is remembered by that id, else what the id itself tells. */
  endById(reservation: Reservation, spender: Spender, settled: number | null): [Outcome, Admitted?] {
    if (reservation.keyId !== spender.keyId) {
      if (this.isDead(spender.keyId)) return ['key_stale'];
      if (spender.dead) return ['unauthenticated'];
    }
    const isForgotten = reservation.madeAt + DAY < this.now;
    if (isForgotten || reservation.userId !== spender.userId) return ['reservation_not_found'];
    const entry = this.remembered(reservation.id) ?? this.find(reservation);
    const outcome = endOf(entry, settled);
    if (outcome === 'settled' || outcome === 'released') this.end(entry, settled);
    return [outcome, entry];
  }

  /** What was lost and turns up again; another one of its `request_id` is then no hold. */
  private find(reservation: Reservation): Admitted {
    const found = this.entries.findLast((one) =>
      (['id', 'madeAt', 'expiresAt', 'tokens'] as const).every((name) => one[name] === reservation[name]),
    );
    if (!found) throw new Error(`${reservation.id} was never admitted`);
    this.replace(reservation.id);
    if (found.state === 'replaced') found.state = found.expiresAt <= this.now ? 'expired' : 'held';
    found.lost = false;
    return found;
  }

  private end(entry: Admitted, settled: number | null): void {
    if (entry.state !== 'held' && entry.state !== 'expired') return;
    const expired = entry.state === 'expired';
    entry.endedAt = expired && settled === null ? entry.expiresAt : this.now;
    entry.state = settled === null ? 'released' : expired ? 'late' : 'settled';
    entry.settled = settled ?? 0;
  }
}

/** What the end of a reservation is answered: a settle, or a release where `settled` is null. */
function endOf({ state, settled: before }: Admitted, settled: number | null): Outcome {
  if (state === 'released') return settled === null ? 'released' : 'reservation_released';
  if (state === 'settled' || state === 'late') return settled === before ? 'settled' : 'reservation_settled';
  return settled === null ? 'released' : 'settled';
}
