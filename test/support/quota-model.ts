import { DAY, SECOND } from '#kernel/clock';
import type {
  Denial,
  LimitReading,
  MemberUsage,
  Metric,
  OwnerMetric,
  OwnerSnapshot,
  PlanLimits,
  Spender,
} from '#kernel/quota';

export const at = (iso: string) => Date.parse(iso);

/** New York around the end of summer time, which falls into a new month: midnights by hand. */
export const ZONE = 'America/New_York';
export const MIDNIGHTS = [
  ...['2026-10-30T04:00Z', '2026-10-31T04:00Z', '2026-11-01T04:00Z'].map(at),
  ...Array.from({ length: 30 }, (_, day) => at('2026-11-02T05:00Z') + day * DAY),
];
export const NOVEMBER = at('2026-11-01T04:00Z');
export const DECEMBER = at('2026-12-01T05:00Z');
export const START = at('2026-10-30T20:00Z');
export const END = at('2026-11-27T00:00Z');

export const dayOf = (time: number) => MIDNIGHTS.filter((midnight) => midnight <= time).length;
export const nextMidnight = (time: number) => MIDNIGHTS.find((midnight) => midnight > time) ?? Number.NaN;
export const monthOf = (time: number) => (time < NOVEMBER ? 10 : 11);
export const secondOf = (time: number) => Math.floor(time / SECOND);

const OWNER_METRICS = ['tpm', 'tpd', 'requests_per_day', 'tokens_per_month'] as const;
const MEMBER_METRICS = ['tokens_per_day', 'requests_per_day'] as const;

export type Limits = Partial<Record<OwnerMetric, number>>;
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

/** An admission and what became of it. */
export interface Entry {
  id: string;
  keyId: string;
  userId: string;
  tokens: number;
  madeAt: number;
  expiresAt: number;
  state: 'held' | 'settled' | 'late' | 'released' | 'expired';
  settled: number;
  endedAt: number;
}

/** The spec of quotas, said without counters: every figure is a sum over what was admitted. */
export class Model {
  now = 0;
  snapshot: OwnerSnapshot;
  private readonly entries: Entry[] = [];

  constructor(snapshot: OwnerSnapshot) {
    this.snapshot = snapshot;
  }

  /** The clock never steps back; what is not settled in its ttl is given back. */
  tick(clock: number): void {
    this.now = Math.max(this.now, clock);
    for (const one of this.entries) {
      if (one.state === 'held' && one.expiresAt <= this.now) one.state = 'expired';
    }
  }

  push(snapshot: OwnerSnapshot): void {
    if (snapshot.version < this.snapshot.version) return;
    this.snapshot = snapshot;
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
  counted(
    { metric, member }: Omit<Rule, 'scope' | 'limit'>,
    now = this.now,
  ): { used: number; reserved: number } {
    const sameDay = (time: number) => dayOf(time) === dayOf(now);
    const same = {
      tpm: (time: number) => secondOf(time) > secondOf(now) - 61,
      tpd: sameDay,
      tokens_per_day: sameDay,
      requests_per_day: sameDay,
      tokens_per_month: (time: number) => monthOf(time) === monthOf(now),
    }[metric];
    const sum = { used: 0, reserved: 0 };
    for (const one of this.entries) {
      if (member !== null && one.userId !== member) continue;
      const late = one.state === 'late';
      const stands = late || one.state === 'held' || one.state === 'settled';
      const [bookedAt, excessAt] = [late ? one.endedAt : one.madeAt, one.endedAt];
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

  /** Tokens that ran out of their ttl today. */
  expiredToday(): number {
    return this.entries
      .filter(({ state, expiresAt, endedAt }) => state === 'expired' || endedAt >= expiresAt)
      .filter(({ expiresAt }) => dayOf(expiresAt) === dayOf(this.now))
      .reduce((sum, { tokens }) => sum + tokens, 0);
  }

  /** What each member settled today, and its requests; only of those who used anything. */
  memberUsage(): MemberUsage {
    if (this.snapshot.scope === 'member') return {};
    const usage: MemberUsage = {};
    for (const member of new Set(this.entries.map(({ userId }) => userId))) {
      const tokens = this.counted({ metric: 'tokens_per_day', member }).used;
      const requests = this.counted({ metric: 'requests_per_day', member }).used;
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
  neverFits(tokens: number): boolean {
    const { tpm = Infinity, tpd = Infinity, tokens_per_month = Infinity } = this.plan();
    return tokens > Math.min(tpm, tpd, tokens_per_month);
  }

  /** An admission is remembered for 24 h. */
  known(id: string): Entry | undefined {
    return this.entries.findLast((one) => one.id === id && one.madeAt + DAY >= this.now);
  }

  reserve(
    id: string,
    { keyId, userId }: Spender,
    tokens: number,
    ttlSeconds: number,
    consume: boolean,
  ): Outcome {
    if (this.isDead(keyId)) return 'key_stale';
    if (this.snapshot.frozen) return 'owner_frozen';
    const known = this.known(id);
    if (known && known.tokens !== tokens) return 'request_id_conflict';
    if (known?.state === 'released') return 'reservation_released';
    if (known?.state === 'expired') return 'reservation_expired';
    if (known && consume) {
      const ended = this.end(known, tokens);
      return ended === 'settled' ? 'admitted' : ended;
    }
    if (known) return 'admitted';
    if (this.neverFits(tokens)) return 'quota_never_fits';
    if (this.blocked(userId, tokens).length > 0) return 'refused';
    const { now } = this;
    const expiresAt = now + ttlSeconds * SECOND;
    const entry: Entry = {
      id,
      keyId,
      userId,
      tokens,
      madeAt: now,
      expiresAt,
      state: 'held',
      settled: 0,
      endedAt: 0,
    };
    this.entries.push(entry);
    if (consume) this.end(entry, tokens);
    return 'admitted';
  }

  /** A settle, or a release where `settled` is null. */
  endById(id: string, spender: Spender, settled: number | null): Outcome {
    const entry = this.known(id);
    if (entry?.keyId !== spender.keyId) {
      if (this.isDead(spender.keyId)) return 'key_stale';
      if (spender.dead) return 'unauthenticated';
    }
    if (entry?.userId !== spender.userId) return 'reservation_not_found';
    return this.end(entry, settled);
  }

  private end(entry: Entry, settled: number | null): Outcome {
    const over = entry.state === 'settled' || entry.state === 'late';
    if (entry.state === 'released') return settled === null ? 'released' : 'reservation_released';
    if (over) return settled === entry.settled ? 'settled' : 'reservation_settled';
    if (entry.state === 'held') entry.endedAt = this.now;
    if (settled === null) {
      if (entry.state === 'expired') entry.endedAt = entry.expiresAt;
      entry.state = 'released';
      return 'released';
    }
    if (entry.state === 'expired') entry.endedAt = this.now;
    entry.state = entry.state === 'expired' ? 'late' : 'settled';
    entry.settled = settled;
    return 'settled';
  }
}

export const USER = 'u_1';
export const spenderOf = (keyId: string, more: Partial<Spender> = {}): Spender => ({
  keyId,
  keyVersion: 1,
  userId: USER,
  test: false,
  ownerVersion: 0,
  dead: false,
  ...more,
});

export const plan = (limits: Limits & Pick<PlanLimits, 'models'>): PlanLimits => ({
  ...limits,
  priority: 'P2',
  tokenDiscount: null,
});

export const snapshotOf = (
  limits: Limits & Pick<PlanLimits, 'models'>,
  more: Partial<OwnerSnapshot> = {},
): OwnerSnapshot => ({
  version: 1,
  scope: 'member',
  timeZone: ZONE,
  frozen: false,
  spans: [],
  fallback: plan(limits),
  keyVersions: {},
  caps: {},
  ...more,
});
