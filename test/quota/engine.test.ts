import { env, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '#kernel/clock';
import type {
  Admission,
  Denial,
  Denied,
  LimitReading,
  OwnerMetric,
  OwnerSnapshot,
  PlanLimits,
  Refusal,
  Settlement,
  Spender,
} from '#kernel/quota';
import { QuotaEngine } from '#quota/engine';
import type { QuotaObjectBase } from '#quota/object';
import { type QuotaStorage, sqlStorage } from '#quota/storage';
import { MemoryStorage } from '../support/memory-storage.ts';

const at = (iso: string) => Date.parse(iso);

/** New York around the end of summer time, which falls into a new month: midnights by hand. */
const ZONE = 'America/New_York';
const MIDNIGHTS = [
  ...['2026-10-30T04:00Z', '2026-10-31T04:00Z', '2026-11-01T04:00Z'].map(at),
  ...Array.from({ length: 30 }, (_, day) => at('2026-11-02T05:00Z') + day * DAY),
];
const NOVEMBER = at('2026-11-01T04:00Z');
const DECEMBER = at('2026-12-01T05:00Z');
const START = at('2026-10-30T20:00Z');
const END = at('2026-11-27T00:00Z');

const dayOf = (time: number) => MIDNIGHTS.filter((midnight) => midnight <= time).length;
const nextMidnight = (time: number) => MIDNIGHTS.find((midnight) => midnight > time) ?? Number.NaN;
const monthOf = (time: number) => (time < NOVEMBER ? 10 : 11);
const secondOf = (time: number) => Math.floor(time / SECOND);

type Limits = Partial<Record<OwnerMetric, number>>;
type Outcome = 'admitted' | 'refused' | 'settled' | 'released' | Denial;

/** A limit in the way, and when it would let the request pass. */
interface Block {
  metric: OwnerMetric;
  clearsAt: number;
}

/** An admission and what became of it. */
interface Entry {
  id: string;
  keyId: string;
  tokens: number;
  madeAt: number;
  expiresAt: number;
  state: 'held' | 'settled' | 'late' | 'released' | 'expired';
  settled: number;
  endedAt: number;
}

/** The spec of quotas, said without counters: every figure is a sum over what was admitted. */
class Model {
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

  limits(): [OwnerMetric, number][] {
    const { spans, fallback } = this.snapshot;
    const here = spans.filter(({ from, until }) => from <= this.now && (until ?? Infinity) > this.now);
    const limits = here.at(-1)?.limits ?? fallback;
    return (['tpm', 'tpd', 'requests_per_day', 'tokens_per_month'] as const).flatMap((metric) => {
      const limit = limits[metric];
      return limit === undefined ? [] : [[metric, limit] as [OwnerMetric, number]];
    });
  }

  counted(metric: OwnerMetric, now = this.now): { used: number; reserved: number } {
    const same = {
      tpm: (time: number) => secondOf(time) > secondOf(now) - 61,
      tpd: (time: number) => dayOf(time) === dayOf(now),
      requests_per_day: (time: number) => dayOf(time) === dayOf(now),
      tokens_per_month: (time: number) => monthOf(time) === monthOf(now),
    }[metric];
    const sum = { used: 0, reserved: 0 };
    for (const one of this.entries) {
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

  /** Limits in the way of an admission, and when each would let it pass, held reservations staying. */
  blocked(tokens: number): Block[] {
    if (this.neverFits(tokens)) return [];
    return this.limits().flatMap(([metric, limit]): Block[] => {
      const cost = metric === 'requests_per_day' ? 1 : tokens;
      const fits = (now: number) => {
        const { used, reserved } = this.counted(metric, now);
        return used + reserved + cost <= limit;
      };
      if (fits(this.now)) return [];
      if (metric === 'tokens_per_month') {
        return [{ metric, clearsAt: this.now < NOVEMBER ? NOVEMBER : DECEMBER }];
      }
      if (metric !== 'tpm') return [{ metric, clearsAt: nextMidnight(this.now) }];
      let clearsAt = (secondOf(this.now) + 1) * SECOND;
      while (!fits(clearsAt)) clearsAt += SECOND;
      return [{ metric, clearsAt }];
    });
  }

  neverFits(tokens: number): boolean {
    return this.limits().some(([metric, limit]) => metric !== 'requests_per_day' && tokens > limit);
  }

  /** An admission is remembered for 24 h. */
  known(id: string): Entry | undefined {
    return this.entries.findLast((one) => one.id === id && one.madeAt + DAY >= this.now);
  }

  reserve(id: string, keyId: string, tokens: number, ttlSeconds: number, consume: boolean): Outcome {
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
    if (this.blocked(tokens).length > 0) return 'refused';
    const { now } = this;
    const expiresAt = now + ttlSeconds * SECOND;
    const entry: Entry = { id, keyId, tokens, madeAt: now, expiresAt, state: 'held', settled: 0, endedAt: 0 };
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
    if (!entry || spender.userId !== USER) return 'reservation_not_found';
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

const USER = 'u_1';
const spenderOf = (keyId: string, more: Partial<Spender> = {}): Spender => ({
  keyId,
  keyVersion: 1,
  userId: USER,
  test: false,
  ownerVersion: 0,
  dead: false,
  ...more,
});

const plan = (limits: Limits & Pick<PlanLimits, 'models'>): PlanLimits => ({
  ...limits,
  priority: 'P2',
  tokenDiscount: null,
});

const snapshotOf = (
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
  ...more,
});

type Operation =
  | { kind: 'wait'; span: number | 'midnight' | 'before midnight' }
  | { kind: 'reserve'; slot: Slot; tokens: number; ttl: number; consume: boolean }
  /** `share` of what was reserved is settled; null releases. */
  | { kind: 'end'; slot: Slot; share: number | null; by: By }
  | { kind: 'crash' }
  | {
      kind: 'push';
      limits: Limits;
      step: number;
      planFor: [Limits, number] | null;
      frozen: boolean;
      dead: string;
    };
type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;

/** Reservations s0 … s3 belong to keys k0 and k1 of one user. */
interface Slot {
  id: string;
  keyId: string;
}
type By = 'own' | 'sibling' | 'dead own' | 'dead sibling' | 'stranger';

const slots = fc.nat(3).map((slot): Slot => ({ id: `s${slot}`, keyId: `k${slot % 2}` }));
const limitSets: fc.Arbitrary<Limits> = fc.record(
  {
    tpm: fc.integer({ min: 20, max: 100 }),
    tpd: fc.integer({ min: 20, max: 300 }),
    requests_per_day: fc.integer({ min: 1, max: 8 }),
    tokens_per_month: fc.integer({ min: 20, max: 600 }),
  },
  { requiredKeys: [] },
);
const spans: fc.Arbitrary<Of<'wait'>['span']> = fc.oneof(
  { weight: 5, arbitrary: fc.nat(3 * SECOND) },
  { weight: 4, arbitrary: fc.nat(90 * SECOND) },
  { weight: 2, arbitrary: fc.nat(1200 * SECOND) },
  { weight: 1, arbitrary: fc.constantFrom(60 * SECOND, 61 * SECOND, 25 * HOUR) },
  { weight: 2, arbitrary: fc.constantFrom<'midnight' | 'before midnight'>('midnight', 'before midnight') },
);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), span: spans }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      slot: slots,
      tokens: fc.oneof(fc.integer({ min: 1, max: 110 }), fc.constantFrom(5, 10, 20), fc.constant(10)),
      ttl: fc.constantFrom(10, 60, 600, 3600),
      consume: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      slot: slots,
      share: fc.constantFrom(0, 0.5, 1, 1.5, null, null),
      by: fc.constantFrom<By>('own', 'own', 'own', 'own', 'sibling', 'dead own', 'dead sibling', 'stranger'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      limits: limitSets,
      step: fc.constantFrom(-1, 0, 1, 1),
      planFor: fc.option(fc.tuple(limitSets, fc.integer({ min: 1, max: 2000 }))),
      frozen: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
      dead: fc.integer({ min: 0, max: 12 }).map((number) => `k${number}`),
    }),
  },
);

/** The engine and the model side by side; every answer and every counter is compared. */
class Race {
  readonly storage: QuotaStorage;
  readonly dump: () => string;
  readonly model: Model;
  engine: QuotaEngine;
  clock: number;

  constructor(storage: QuotaStorage, dump: () => string, limits: Limits, phase: number) {
    const snapshot = snapshotOf(limits);
    this.storage = storage;
    this.dump = dump;
    this.model = new Model(snapshot);
    this.engine = new QuotaEngine(storage);
    this.engine.apply(snapshot);
    this.clock = START + phase;
  }

  run(operation: Operation): void {
    this.compare();
    switch (operation.kind) {
      case 'wait':
        this.wait(operation);
        break;
      case 'reserve':
        this.reserve(operation);
        break;
      case 'end':
        this.end(operation);
        break;
      case 'push':
        this.push(operation);
        break;
      case 'crash':
        this.engine = new QuotaEngine(this.storage);
    }
  }

  /** What the object says of itself now is what the spec says. */
  compare(): void {
    this.model.tick(this.clock);
    const reading = this.engine.read(null, this.clock);
    if ('outcome' in reading) throw new Error(reading.code);
    this.compareLimits(reading.limits);
    expect({ expired: reading.expiredToday, month: reading.settledThisMonth }).toEqual({
      expired: this.model.expiredToday(),
      month: this.model.counted('tokens_per_month').used,
    });
  }

  private compareLimits(limits: LimitReading[]): void {
    const shown = limits.map(({ metric, limit, used, reserved, remaining }) => ({
      metric,
      limit,
      used,
      reserved,
      remaining,
    }));
    const meant = this.model.limits().map(([metric, limit]) => {
      const { used, reserved } = this.model.counted(metric);
      return { metric, limit, used, reserved, remaining: Math.max(0, limit - used - reserved) };
    });
    expect(shown).toEqual(meant);
    for (const { metric, resetAt } of limits) {
      if (metric === 'tpd' || metric === 'requests_per_day') {
        expect(resetAt).toBe(nextMidnight(this.model.now));
      }
    }
  }

  private wait({ span }: Of<'wait'>): void {
    const midnight = nextMidnight(this.clock);
    const wanted =
      span === 'midnight' ? midnight : span === 'before midnight' ? midnight - 1 : this.clock + span;
    if (wanted > END) return;
    this.clock = wanted;
  }

  private reserve({ slot, tokens, ttl, consume }: Of<'reserve'>): void {
    const { model } = this;
    const room = model.blocked(tokens);
    const isNew = !model.known(slot.id);
    const before = this.dump();
    const answer = this.engine.reserve(
      {
        reservationId: slot.id,
        tokens,
        model: null,
        ttlSeconds: ttl,
        settle: consume,
        spender: spenderOf(slot.keyId),
      },
      this.clock,
    );
    const meant = model.reserve(slot.id, slot.keyId, tokens, ttl, consume);
    this.compareAnswer(answer, meant, before);
    if (answer.outcome === 'refused') this.compareRefusal(answer, room, tokens);
    if (answer.outcome === 'admitted' && isNew) {
      for (const { limit, used, reserved } of answer.limits) {
        expect(used + reserved).toBeLessThanOrEqual(limit);
      }
      expect(answer).toMatchObject({ tokens, expiresAt: this.clock + ttl * SECOND });
    }
  }

  /** More than a day old and not dropped yet: what it is answered then is left open here. */
  private lingers(id: string): boolean {
    return this.storage.hold(id) !== undefined && this.model.known(id) === undefined;
  }

  private compareRefusal({ blocking, retryAfter }: Refusal, blocked: Block[], tokens: number): void {
    const last = Math.max(...blocked.map(({ clearsAt }) => clearsAt));
    const worst = blocked.filter(({ clearsAt }) => clearsAt === last).map(({ metric }) => metric);
    expect(worst).toContain(blocking.metric);
    expect(blocking.requested).toBe(blocking.metric === 'requests_per_day' ? 1 : tokens);
    expect(retryAfter).toBe(Math.max(1, Math.ceil((last - this.model.now) / SECOND)));
  }

  private end({ slot, share, by }: Of<'end'>): void {
    const { model } = this;
    const sibling = by.endsWith('sibling');
    // Whether another key of a frozen user may end a reservation is left open.
    if (this.lingers(slot.id) || (sibling && model.snapshot.frozen)) return;
    const keyId = sibling ? (slot.keyId === 'k0' ? 'k1' : 'k0') : by === 'stranger' ? 'k9' : slot.keyId;
    const spender = spenderOf(keyId, {
      dead: by.startsWith('dead'),
      userId: by === 'stranger' ? 'u_2' : USER,
    });
    const tokens = share === null ? null : Math.floor((model.known(slot.id)?.tokens ?? 10) * share);
    const request = { reservationId: slot.id, spender };
    const call = () =>
      tokens === null
        ? this.engine.release(request, this.clock)
        : this.engine.settle({ ...request, tokens }, this.clock);
    const before = this.dump();
    const answer = call();
    this.compareAnswer(answer, model.endById(slot.id, spender, tokens), before);
    const after = this.dump();
    expect(call()).toEqual(answer);
    expect(this.dump()).toBe(after);
    if (answer.outcome !== 'denied') {
      expect(answer).toMatchObject({ reserved: model.known(slot.id)?.tokens, settled: tokens ?? 0 });
    }
  }

  private push({ limits, step, planFor, frozen, dead }: Of<'push'>): void {
    const { clock, model } = this;
    const snapshot = snapshotOf(limits, {
      version: model.snapshot.version + step,
      spans: planFor
        ? [{ from: clock - 1, until: clock + planFor[1] * SECOND, limits: plan(planFor[0]) }]
        : [],
      frozen,
      keyVersions: { [dead]: 2 },
    });
    this.engine.apply(snapshot);
    model.push(snapshot);
    expect(this.engine.version).toBe(model.snapshot.version);
  }

  private compareAnswer(
    answer: Admission | Refusal | Settlement | Denied,
    meant: Outcome,
    before: string,
  ): void {
    expect(answer.outcome === 'denied' ? answer.code : answer.outcome).toBe(meant);
    this.compareLimits(answer.limits);
    if (answer.outcome === 'denied' || answer.outcome === 'refused') expect(this.dump()).toBe(before);
  }
}

function raceOf(storage: () => { storage: QuotaStorage; dump: () => string }, numRuns: number): void {
  const scripts = fc.array(operations, { maxLength: 100, size: 'max' });
  fc.assert(
    fc.property(limitSets, fc.nat(999), scripts, (limits, phase, script) => {
      const { storage: made, dump } = storage();
      const race = new Race(made, dump, limits, phase);
      for (const operation of script) race.run(operation);
      // When all reservations have ended, counters are what was settled.
      race.engine = new QuotaEngine(made);
      race.clock += HOUR;
      race.compare();
      const reading = race.engine.read(null, race.clock);
      expect('outcome' in reading ? reading : reading.limits.filter(({ reserved }) => reserved > 0)).toEqual(
        [],
      );
    }),
    { numRuns },
  );
}

describe('the engine does what the model says, whatever happens', () => {
  it('in memory', () => {
    raceOf(() => {
      const storage = new MemoryStorage();
      return { storage, dump: () => storage.dump() };
    }, 300);
  });

  it('in an object’s SQLite', async () => {
    const { QUOTA } = env as unknown as { QUOTA: DurableObjectNamespace<QuotaObjectBase> };
    await runInDurableObject(QUOTA.get(QUOTA.idFromName('default:race')), (_, { storage: { sql } }) => {
      const tables = ['clock', 'snapshot', 'counters', 'holds'];
      raceOf(() => {
        for (const table of tables) sql.exec(`drop table if exists ${table}`);
        const dump = () =>
          JSON.stringify(tables.map((table) => sql.exec(`select * from ${table} order by 1`).toArray()));
        return { storage: sqlStorage(sql), dump };
      }, 25);
    });
  });
});

/** An engine with these limits, and short words for what is asked of it. */
function engineWith(limits: Limits & Pick<PlanLimits, 'models'>, more: Partial<OwnerSnapshot> = {}) {
  const storage = new MemoryStorage();
  let engine = new QuotaEngine(storage);
  engine.apply(snapshotOf(limits, more));
  return {
    apply: (snapshot: OwnerSnapshot) => engine.apply(snapshot),
    restart: () => {
      engine = new QuotaEngine(storage);
    },
    reserve: (id: string, tokens: number, now: number, more: Partial<Request> = {}) =>
      engine.reserve(
        {
          reservationId: id,
          tokens,
          model: null,
          ttlSeconds: 600,
          settle: false,
          spender: spenderOf('k0'),
          ...more,
        },
        now,
      ),
    settle: (id: string, tokens: number, now: number, spender = spenderOf('k0')) =>
      engine.settle({ reservationId: id, tokens, spender }, now),
    release: (id: string, now: number, spender = spenderOf('k0')) =>
      engine.release({ reservationId: id, spender }, now),
    read: (now: number, spender: Spender | null = null) => engine.read(spender, now),
    /** used + reserved */
    counted: (metric: OwnerMetric, now: number) => {
      const reading = engine.read(null, now);
      const limit = 'outcome' in reading ? undefined : reading.limits.find((one) => one.metric === metric);
      return limit && [limit.used, limit.reserved];
    },
  };
}
type Request = Parameters<QuotaEngine['reserve']>[0];

describe('an admission', () => {
  it('is refused by the limit that clears last, all or nothing', () => {
    const { reserve, counted } = engineWith({ tpm: 100, tpd: 100, tokens_per_month: 1000 });
    reserve('a', 90, START);
    expect(reserve('b', 20, START + 500)).toMatchObject({
      outcome: 'refused',
      blocking: { metric: 'tpd', limit: 100, used: 0, reserved: 90, requested: 20, resetAt: MIDNIGHTS[1] },
      retryAfter: 8 * 3600,
    });
    expect(counted('tpm', START)).toEqual([0, 90]);
  });

  it('fits when Retry-After is over and not a second before', () => {
    const { reserve } = engineWith({ tpm: 100 });
    reserve('a', 60, START + 900);
    reserve('b', 40, START + 30_000);
    const refused = reserve('c', 10, START + 45_300);
    expect(refused).toMatchObject({ outcome: 'refused', retryAfter: 16 });
    expect(reserve('c', 10, START + 45_300 + 15_000).outcome).toBe('refused');
    expect(reserve('c', 10, START + 45_300 + 16_000).outcome).toBe('admitted');
  });

  it('that is larger than the plan’s own limit can never fit, whichever limit it is', () => {
    for (const metric of ['tpm', 'tpd', 'tokens_per_month'] as const) {
      const { reserve } = engineWith({ [metric]: 10 });
      expect(reserve('a', 11, START)).toMatchObject({ outcome: 'denied', code: 'quota_never_fits' });
      expect(reserve('a', 10, START)).toMatchObject({ outcome: 'admitted' });
    }
  });

  it('without limits is admitted, and what is not limited is not shown', () => {
    expect(engineWith({}).reserve('a', 100_000_000, START)).toMatchObject({
      outcome: 'admitted',
      limits: [],
    });
  });

  it('counts as one request until it is given back; a settle of 0 gives nothing back', () => {
    const { reserve, release, settle, counted } = engineWith({ requests_per_day: 2 });
    reserve('a', 5, START);
    reserve('b', 5, START);
    settle('a', 0, START);
    expect(reserve('c', 5, START)).toMatchObject({
      outcome: 'refused',
      blocking: { metric: 'requests_per_day', requested: 1 },
    });
    release('b', START);
    expect(reserve('c', 5, START).outcome).toBe('admitted');
    expect(counted('requests_per_day', START)).toEqual([2, 0]);
  });

  it('names its priority and discount', () => {
    const { reserve } = engineWith({}, { fallback: { priority: 'P0', tokenDiscount: '20%' } });
    expect(reserve('a', 1, START)).toMatchObject({ priority: 'P0', tokenDiscount: '20%' });
  });

  it('asks for a model where the plan lists them', () => {
    const { reserve } = engineWith({ models: ['gpt-4o', 'qwen-*'] });
    const answer = (model: string | null) => reserve('a', 1, START, { model });
    expect(answer(null)).toMatchObject({ code: 'model_required' });
    expect(answer('gpt-4o-mini')).toMatchObject({ code: 'model_not_allowed' });
    expect(answer('qwen-turbo')).toMatchObject({ outcome: 'admitted' });
  });
});

describe('one request_id', () => {
  it('is one hold for reserve and consume alike', () => {
    const { reserve, counted } = engineWith({ tpd: 100 });
    reserve('a', 30, START);
    expect(counted('tpd', START)).toEqual([0, 30]);
    reserve('a', 30, START, { settle: true });
    reserve('a', 30, START, { settle: true });
    reserve('a', 30, START);
    expect(counted('tpd', START)).toEqual([30, 0]);
  });

  it('is the same hold though the limits have become too small for it', () => {
    const { reserve, apply } = engineWith({ tpm: 100 });
    const first = reserve('a', 60, START);
    apply(snapshotOf({ tpm: 50, models: ['gpt-4o'] }, { version: 2 }));
    expect(reserve('a', 60, START)).toMatchObject({ ...first, limits: [{ limit: 50, reserved: 60 }] });
    expect(reserve('a', 61, START)).toMatchObject({ code: 'request_id_conflict' });
  });

  it('with another amount is a conflict', () => {
    const { reserve } = engineWith({});
    reserve('a', 30, START, { settle: true });
    expect(reserve('a', 31, START)).toMatchObject({ outcome: 'denied', code: 'request_id_conflict' });
  });

  it('is decided anew after a refusal', () => {
    const { reserve } = engineWith({ tpm: 10 });
    reserve('a', 10, START);
    expect(reserve('b', 10, START).outcome).toBe('refused');
    expect(reserve('b', 10, START + 61_000)).toMatchObject({
      outcome: 'admitted',
      expiresAt: START + 661_000,
    });
  });

  it('is free again once its admission is more than a day old', () => {
    const { reserve, settle } = engineWith({});
    reserve('a', 10, START);
    settle('a', 10, START);
    expect(reserve('a', 10, START + DAY)).toMatchObject({
      outcome: 'admitted',
      expiresAt: START + 600_000,
    });
    expect(reserve('a', 11, START + DAY + SECOND)).toMatchObject({
      outcome: 'admitted',
      expiresAt: START + DAY + 601_000,
    });
  });
});

describe('a settle', () => {
  it('is the same again with the same figure, a conflict with another', () => {
    const { reserve, settle, release } = engineWith({ tpd: 100 });
    reserve('a', 10, START);
    const first = settle('a', 0, START);
    expect(first).toMatchObject({ outcome: 'settled', reserved: 10, settled: 0 });
    expect(settle('a', 0, START)).toEqual(first);
    expect(settle('a', 1, START)).toMatchObject({ code: 'reservation_settled' });
    expect(release('a', START)).toMatchObject({ code: 'reservation_settled' });
  });

  it('after a release is a conflict; a release again is the same', () => {
    const { reserve, settle, release, counted } = engineWith({ tpd: 100 });
    reserve('a', 10, START);
    const first = release('a', START);
    expect(first).toMatchObject({ outcome: 'released' });
    expect(release('a', START)).toEqual(first);
    expect(settle('a', 10, START)).toMatchObject({ code: 'reservation_released' });
    expect(counted('tpd', START)).toEqual([0, 0]);
  });

  it('above the reservation is taken even past the limit, and then nothing remains', () => {
    const { reserve, settle } = engineWith({ tpd: 100 });
    reserve('a', 90, START);
    expect(settle('a', 150, START)).toMatchObject({ limits: [{ used: 150, reserved: 0, remaining: 0 }] });
    expect(reserve('b', 1, START).outcome).toBe('refused');
  });

  it('on the next day gives back to the day it came from, and only the excess weighs on the new one', () => {
    const midnight = nextMidnight(START);
    const { reserve, settle, counted } = engineWith({ tpd: 100, tpm: 100 });
    reserve('a', 40, midnight - SECOND);
    reserve('b', 40, midnight - SECOND);
    settle('a', 10, midnight + SECOND);
    expect(counted('tpd', midnight + SECOND)).toEqual([0, 0]);
    expect(counted('tpm', midnight + SECOND)).toEqual([10, 40]);
    settle('b', 55, midnight + SECOND);
    expect(counted('tpd', midnight + SECOND)).toEqual([15, 0]);
  });

  it('is booked up to 24 hours from the reservation, though its ttl gave it back', () => {
    const { reserve, settle, counted, read } = engineWith({ tpd: 100 });
    reserve('a', 40, START);
    expect(counted('tpd', START + 599_999)).toEqual([0, 40]);
    expect(counted('tpd', START + 600_000)).toEqual([0, 0]);
    expect(read(START + 600_000)).toMatchObject({ expiredToday: 40 });
    expect(settle('a', 30, START + HOUR)).toMatchObject({ outcome: 'settled', reserved: 40, settled: 30 });
    expect(counted('tpd', START + HOUR)).toEqual([30, 0]);
  });

  it('is not found after that', () => {
    const { reserve, settle } = engineWith({});
    reserve('a', 40, START);
    reserve('b', 40, START);
    expect(settle('a', 40, START + DAY)).toMatchObject({ outcome: 'settled' });
    expect(settle('b', 40, START + DAY + SECOND)).toMatchObject({ code: 'reservation_not_found' });
  });

  it('that never comes is shown on the day on which the ttl ran out', () => {
    const midnight = nextMidnight(START);
    const { reserve, read } = engineWith({});
    reserve('a', 40, midnight - SECOND);
    expect(read(midnight + HOUR)).toMatchObject({ expiredToday: 40 });
    expect(read(midnight + DAY)).toMatchObject({ expiredToday: 0 });
  });

  it('that never comes leaves nothing behind in an object that nobody asked for days', () => {
    const { reserve, counted } = engineWith({ tokens_per_month: 100 });
    reserve('a', 40, NOVEMBER);
    expect(counted('tokens_per_month', NOVEMBER + 3 * DAY)).toEqual([0, 0]);
  });
});

describe('a key', () => {
  it('that died is refused from the next request on, also after a restart and an older snapshot', () => {
    const { reserve, read, apply, restart } = engineWith({});
    apply(snapshotOf({}, { version: 2, keyVersions: { k0: 2 } }));
    apply(snapshotOf({}, { version: 1 }));
    restart();
    expect(reserve('a', 1, START)).toMatchObject({ code: 'key_stale' });
    expect(read(START, spenderOf('k0'))).toMatchObject({ code: 'key_stale' });
    expect(reserve('a', 1, START, { spender: spenderOf('k0', { keyVersion: 2 }) })).toMatchObject({
      outcome: 'admitted',
    });
  });

  it('ends what it began even when dead or frozen since', () => {
    const { reserve, settle, release, apply } = engineWith({});
    reserve('a', 1, START);
    reserve('b', 1, START);
    apply(snapshotOf({}, { version: 2, frozen: true, keyVersions: { k0: 2 } }));
    const dead = spenderOf('k0', { dead: true });
    expect(settle('a', 1, START, dead)).toMatchObject({ outcome: 'settled' });
    expect(release('b', START, dead)).toMatchObject({ outcome: 'released' });
  });

  it('that lives ends what another of its user began; dead it does not', () => {
    const { reserve, settle } = engineWith({});
    reserve('a', 1, START);
    expect(settle('a', 1, START, spenderOf('k1', { dead: true }))).toMatchObject({ code: 'unauthenticated' });
    expect(settle('a', 1, START, spenderOf('k1'))).toMatchObject({ outcome: 'settled' });
  });

  it('of another user finds nothing', () => {
    const { reserve, settle, release } = engineWith({});
    reserve('a', 1, START);
    const stranger = spenderOf('k9', { userId: 'u_9' });
    expect(settle('a', 1, START, stranger)).toMatchObject({ code: 'reservation_not_found' });
    expect(release('a', START, stranger)).toMatchObject({ code: 'reservation_not_found' });
    expect(settle('unheard of', 1, START)).toMatchObject({ code: 'reservation_not_found' });
  });

  it('of a frozen owner is refused; a person still reads', () => {
    const { reserve, read } = engineWith({}, { frozen: true });
    expect(reserve('a', 1, START)).toMatchObject({ code: 'owner_frozen' });
    expect(read(START, spenderOf('k0'))).toMatchObject({ code: 'owner_frozen' });
    expect(read(START)).toMatchObject({ limits: [] });
  });
});

describe('limits over time', () => {
  it('end with the plan by the clock alone; what was used stays', () => {
    const end = START + HOUR;
    const { reserve, counted } = engineWith(
      { tpd: 10 },
      { spans: [{ from: START, until: end, limits: plan({ tpd: 100 }) }] },
    );
    expect(reserve('a', 50, end - 1)).toMatchObject({ outcome: 'admitted' });
    expect(reserve('b', 1, end)).toMatchObject({ outcome: 'refused', blocking: { limit: 10, reserved: 50 } });
    expect(counted('tpd', end)).toEqual([0, 50]);
  });

  it('never give way to an older version', () => {
    const { reserve, apply } = engineWith({ tpd: 10 }, { version: 5 });
    apply(snapshotOf({ tpd: 1000 }, { version: 4 }));
    expect(reserve('a', 11, START)).toMatchObject({ code: 'quota_never_fits' });
  });
});

describe('the clock', () => {
  it('never steps back while the object lives', () => {
    const { reserve, counted } = engineWith({ tpm: 10, tpd: 10 });
    const midnight = nextMidnight(START);
    reserve('a', 10, midnight - SECOND);
    expect(counted('tpd', midnight)).toEqual([0, 0]);
    expect(counted('tpd', midnight - SECOND)).toEqual([0, 0]);
    expect(counted('tpm', START)).toEqual([0, 10]);
  });

  it('never steps back behind an admission, not even by a restart', () => {
    const { reserve, restart } = engineWith({ tpm: 10 });
    reserve('a', 10, START + 90_000);
    restart();
    expect(reserve('b', 10, START)).toMatchObject({ outcome: 'refused', retryAfter: 61 });
  });

  it('never steps back behind a day that was closed, not even by a restart', () => {
    const { reserve, read, restart } = engineWith({ tpd: 100 });
    const midnight = nextMidnight(START);
    reserve('a', 100, midnight - 120_000, { settle: true });
    read(midnight);
    restart();
    expect(reserve('b', 100, midnight - SECOND)).toMatchObject({ outcome: 'admitted' });
    restart();
    expect(reserve('c', 1, midnight - SECOND)).toMatchObject({ outcome: 'refused' });
  });
});

describe('a request_id of yesterday', () => {
  it('is a new one after 24 hours, of whatever amount, and within the limits', () => {
    const { reserve } = engineWith({ tpm: 100, tpd: 1000 });
    reserve('a', 60, START);
    const later = START + 25 * 3600 * SECOND;
    reserve('b', 60, later);
    expect(reserve('a', 60, later, { settle: true })).toMatchObject({ outcome: 'refused' });
    expect(reserve('a', 40, later)).toMatchObject({
      outcome: 'admitted',
      tokens: 40,
      expiresAt: later + 600_000,
    });
  });

  it('is told to have run out within them, also by a consume: that would pass the limits', () => {
    const { reserve } = engineWith({ tpm: 100 });
    reserve('a', 60, START);
    reserve('b', 60, START + 3_600_000);
    expect(reserve('a', 60, START + 3_600_000, { settle: true })).toMatchObject({
      code: 'reservation_expired',
    });
  });
});
