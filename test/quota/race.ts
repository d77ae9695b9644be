import { expect } from 'vitest';
import { DAY, HOUR, SECOND } from '#kernel/clock';
import type {
  Admission,
  Denied,
  LimitReading,
  Metric,
  Refusal,
  Reservation,
  Settlement,
  Spender,
  UsageRow,
} from '#kernel/quota';
import { QuotaEngine } from '#quota/engine';
import type { QuotaJournal } from '#quota/journal';
import { deliveryOf } from '#quota/usage';
import { dayOf, END, nextMidnight, plan, START, spenderOf } from '../support/quota-fixtures.ts';
import { type Admitted, type Asked, type Block, Model, type Outcome } from '../support/quota-model.ts';
import {
  type By,
  colleagueOf,
  type Of,
  type Operation,
  type Rules,
  siblingOf,
  snapshotFor,
  type Team,
  userOf,
} from './operations.ts';

const DAILY: Metric[] = ['tpd', 'requests_per_day', 'tokens_per_day'];
/** So much later than it is, the latest expiry may be noted; what is feared of the minute slides out after that. */
const NOTED_LATE = 60 * SECOND;
const nameOf = ({ id, madeAt }: Reservation) => `${id}@${madeAt}`;

export interface Course {
  journal: QuotaJournal;
  dump: () => string;
  ahead: boolean;
  team: Team;
  rules: Rules;
  phase: number;
}

/** The engine and the model side by side; every answer and every counter is compared. */
export class Race {
  readonly course: Course;
  readonly model: Model;
  engine: QuotaEngine;
  clock: number;
  /** What ids on the wire carry, of all that was admitted, by slot. */
  private readonly carried: Reservation[][] = [];
  /** Until when what was lost may be feared to be held: the object may be more careful than the model, never less. */
  private fearedUntil = 0;
  private latestExpiry = 0;
  private unnamed = 0;
  private prunedBefore = 0;
  /** Nothing has been asked since the crash. */
  private isFresh = false;
  /** What was on disk before an operation; null where the object had not looked at it yet. */
  private before: string | null = null;
  private readonly delivered: UsageRow[] = [];

  constructor(course: Course) {
    const { journal, ahead, team, rules, phase } = course;
    const snapshot = snapshotFor(team, rules);
    this.course = course;
    this.model = new Model(snapshot);
    this.engine = new QuotaEngine(journal, { ahead });
    this.engine.apply(snapshot);
    this.clock = START + phase;
  }

  run(operation: Operation): void {
    // What comes first after a crash finds an object that has not looked at its disk.
    if (!this.isFresh) this.compare();
    this.before = this.isFresh ? null : this.course.dump();
    this.isFresh = false;
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
        this.crash();
        break;
      case 'evict':
        this.evict();
        break;
      case 'alarm':
        this.alarm();
    }
  }

  /** Nobody comes until what was lost has run out; then all is as if nothing had been. */
  finish(): void {
    this.crash();
    this.clock = Math.max(this.clock, this.model.now, this.latestExpiry, this.fearedUntil) + SECOND;
    this.compare();
    for (const userId of this.course.team) {
      expect(this.readings(userId).filter(({ reserved }) => reserved > 0)).toEqual([]);
    }
    this.alarm();
    expect(summed(this.delivered)).toEqual(summed(this.usage()));
  }

  /** What the object says of itself now, to each member, is what the spec says. */
  compare(): void {
    const { clock, engine, model } = this;
    model.tick(clock);
    const metric = 'tokens_per_month';
    for (const userId of this.course.team) {
      const reading = engine.read({ userId }, clock);
      if ('outcome' in reading) throw new Error(reading.code);
      this.compareLimits(reading.limits, userId);
      expect([reading.expiredToday, reading.settledThisMonth]).toEqual([
        model.expiredToday(),
        model.known({ metric, member: null }).used,
      ]);
    }
    expect(engine.memberUsage(clock)).toEqual(model.memberUsage());
    // What has run out by now is nothing that an answer wrote.
    engine.writeEnded();
  }

  private get isFeared(): boolean {
    return this.model.now < this.fearedUntil;
  }

  /** What is settled is known to the token at any time; what is held may be overestimated while something is feared. */
  private compareLimits(shown: LimitReading[], userId: string): void {
    const { model } = this;
    const rules = model.rules(userId);
    const rows = shown.map(({ scope, metric, limit, used, remaining, resetAt }) => {
      return { scope, metric, limit, used, remaining, resetAt: DAILY.includes(metric) ? resetAt : null };
    });
    const sums = shown.map(({ used, reserved }) => used + reserved);
    const meant = rules.map(({ scope, metric, limit, member }, index) => {
      const { used } = model.known({ metric, member });
      const remaining = Math.max(0, limit - (sums[index] ?? 0));
      const resetAt = DAILY.includes(metric) ? nextMidnight(model.now) : null;
      return { scope, metric, limit, used, remaining, resetAt };
    });
    expect(rows).toEqual(meant);
    const real = rules.map((rule) => model.counted(rule)).map(({ used, reserved }) => used + reserved);
    if (!this.isFeared) expect(sums).toEqual(real);
    else for (const [index, sum] of sums.entries()) expect(sum).toBeGreaterThanOrEqual(real[index] ?? 0);
  }

  private readings(userId: string): LimitReading[] {
    const reading = this.engine.read({ userId }, this.clock);
    if ('outcome' in reading) throw new Error(reading.code);
    return reading.limits;
  }

  private wait({ span }: Of<'wait'>): void {
    const midnight = nextMidnight(this.clock);
    const wanted =
      span === 'midnight' ? midnight : span === 'before midnight' ? midnight - 1 : this.clock + span;
    if (wanted > END) return;
    this.clock = Math.max(START, wanted);
  }

  private reserve({ slot, tokens, ttl, consume, named }: Of<'reserve'>): void {
    const { model } = this;
    model.tick(this.clock);
    if (!named) this.unnamed += 1;
    const spender = this.spenderAt(slot, { test: slot === 0 });
    const { keyId, userId, test } = spender;
    const id = named ? `s${slot}` : `s${slot}-${this.unnamed}`;
    const asked: Asked = { id, named, tokens, ttl, consume, keyId, userId, test, model: modelOf(slot) };
    const room = model.blocked(userId, tokens);
    const isNew = !named || !model.remembered(id);
    const meant = model.verdict(asked);
    const answer = this.engine.reserve(
      { reservationId: id, named, tokens, model: asked.model, ttlSeconds: ttl, settle: consume, spender },
      this.clock,
    );
    const isCareful = this.isFeared && isNew && meant === 'admitted' && answer.outcome === 'refused';
    if (meant === 'admitted' && !isCareful) model.admit(asked);
    this.compareAnswer(answer, isCareful ? 'refused' : meant, spender);
    if (answer.outcome === 'refused') this.compareRefusal(answer, isCareful ? null : room, tokens);
    if (answer.outcome !== 'admitted') return;
    this.engine.writeEnded();
    this.took(slot, answer.reservation);
    if (!isNew) return;
    for (const { limit, used, reserved } of answer.limits) {
      expect(used + reserved).toBeLessThanOrEqual(limit);
    }
    const expiresAt = model.now + ttl * SECOND;
    const { named: _, ttl: __, consume: ___, ...facts } = asked;
    expect(answer.reservation).toEqual({ ...facts, madeAt: model.now, expiresAt });
  }

  private took(slot: number, reservation: Reservation): void {
    const carried = this.carried[slot] ?? [];
    if (nameOf(reservation) !== nameOf(carried.at(-1) ?? { ...reservation, id: '' }))
      carried.push(reservation);
    this.carried[slot] = carried;
    this.latestExpiry = Math.max(this.latestExpiry, reservation.expiresAt);
  }

  private spenderAt(slot: number, more: Partial<Spender> = {}): Spender {
    return spenderOf(`k${slot}`, { userId: userOf(this.course.team, slot), ...more });
  }

  /** It is told of the limit that clears last, be it of the owner or of the member; while something is feared, of any. */
  private compareRefusal(refusal: Refusal, blocked: Block[] | null, tokens: number): void {
    const { requested, ...blocking } = refusal.blocking;
    expect(refusal.limits).toContainEqual(blocking);
    expect(requested).toBe(blocking.metric === 'requests_per_day' ? 1 : tokens);
    expect(refusal.retryAfter).toBeGreaterThanOrEqual(1);
    if (this.isFeared || blocked === null) return;
    const last = Math.max(...blocked.map(({ clearsAt }) => clearsAt));
    const worst = blocked.filter(({ clearsAt }) => clearsAt === last);
    expect(worst.map(({ rule }) => [rule.scope, rule.metric])).toContainEqual([
      blocking.scope,
      blocking.metric,
    ]);
    expect(refusal.retryAfter).toBe(Math.max(1, Math.ceil((last - this.model.now) / SECOND)));
  }

  private end({ slot, share, by, back }: Of<'end'>): void {
    const { model, engine } = this;
    const carried = this.carried[slot] ?? [];
    const reservation = carried.at(-1 - back) ?? carried.at(-1);
    const spender = this.enderOf(slot, by);
    const isSibling = spender.keyId !== `k${slot}` && spender.userId === userOf(this.course.team, slot);
    // Whether another key of a frozen user may end a reservation is left open.
    if (!reservation || (isSibling && model.snapshot.frozen)) return;
    model.tick(this.clock);
    const tokens = share === null ? null : Math.floor(reservation.tokens * share);
    const call = () => {
      const answer =
        tokens === null
          ? engine.release({ reservation, spender }, this.clock)
          : engine.settle({ reservation, spender, tokens }, this.clock);
      engine.writeEnded();
      return answer;
    };
    const answer = call();
    const [meant, entry] = model.endById(reservation, spender, tokens);
    this.compareAnswer(answer, meant, spender);
    const after = this.course.dump();
    expect(call()).toEqual(answer);
    expect(this.course.dump()).toBe(after);
    if (answer.outcome !== 'denied') {
      expect(answer).toMatchObject({ reserved: entry?.tokens, settled: tokens ?? 0 });
    }
  }

  private enderOf(slot: number, by: By): Spender {
    if (by === 'stranger') return spenderOf('k99', { userId: 'u_99' });
    if (by === 'colleague') return this.spenderAt(colleagueOf(slot));
    return this.spenderAt(by.endsWith('sibling') ? siblingOf(slot) : slot, { dead: by.startsWith('dead') });
  }

  private push({ rules, step, planFor, frozen, dead }: Of<'push'>): void {
    const { clock, model } = this;
    const snapshot = snapshotFor(this.course.team, rules, {
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

  /** The memory goes without notice. */
  private crash(): void {
    const { journal, ahead } = this.course;
    const { base, held, ahead: amounts } = journal.load();
    const ended = journal.entriesAfter(0, Number.MAX_SAFE_INTEGER).flatMap((entry) => entry.ended);
    const onDisk = { held: new Set(held.map(nameOf)), ended: new Set(ended.map(nameOf)) };
    const times = [base?.clock ?? 0, amounts.clock, ...ended.map(({ endedAt }) => endedAt)];
    const lost = this.model.crash(Math.max(...times), (one: Admitted) => {
      const hasEnded = onDisk.ended.has(nameOf(one)) || one.madeAt < this.prunedBefore;
      return hasEnded ? 'ended' : onDisk.held.has(nameOf(one)) ? 'held' : null;
    });
    if (!ahead) expect(lost).toEqual([]);
    if (lost.length > 0 || amounts.amounts.length > 0) {
      this.fearedUntil = Math.max(this.fearedUntil, this.latestExpiry + NOTED_LATE + 61 * SECOND);
    }
    this.engine = new QuotaEngine(journal, { ahead });
    this.isFresh = true;
  }

  /** Idle for a while, and gone after the alarm: nothing is lost, and nothing more is feared. */
  private evict(): void {
    const { team } = this.course;
    this.clock = Math.max(this.clock, this.model.now);
    this.model.tick(this.clock);
    const before = team.map((userId) => this.readings(userId));
    const { fearedUntil } = this;
    this.engine.flush();
    expect(this.engine.isDirty).toBe(false);
    this.crash();
    this.model.tick(this.clock);
    this.isFresh = false;
    expect([this.fearedUntil, team.map((userId) => this.readings(userId))]).toEqual([fearedUntil, before]);
  }

  /** What the object does by itself: it writes, delivers usage, and forgets what nobody may ask about any more. */
  private alarm(): void {
    const { journal } = this.course;
    this.engine.flush();
    const delivered = journal.delivered();
    const entries = journal.entriesAfter(delivered.seq, Number.MAX_SAFE_INTEGER);
    const { delivery, next } = deliveryOf(entries, delivered, (time) => String(dayOf(time)), 0);
    this.delivered.push(...delivery.rows);
    journal.saveDelivered(next);
    // An hour more than is remembered: the object's own clock may be behind this one.
    const madeBefore = this.clock - DAY - HOUR;
    this.prunedBefore = Math.max(this.prunedBefore, madeBefore);
    journal.prune(madeBefore, this.clock, next.seq);
  }

  /** What was settled, each once, and what ran out, as it is to be found in D1. */
  private usage(): UsageRow[] {
    const { model } = this;
    const rowOf = (one: Admitted) => {
      const { userId, keyId, test } = one;
      return { userId, keyId, test, model: one.model ?? '', day: String(dayOf(one.madeAt)) };
    };
    const settled = model.entries.filter(({ state }) => state === 'settled' || state === 'late');
    return [
      ...settled.map((one) => ({ ...rowOf(one), tokens: one.settled, requests: 1, expired: 0 })),
      ...model.expired().map((one) => ({ ...rowOf(one), tokens: 0, requests: 0, expired: one.tokens })),
    ];
  }

  private compareAnswer(
    answer: Admission | Refusal | Settlement | Denied,
    meant: Outcome,
    { userId }: Spender,
  ): void {
    expect(answer.outcome === 'denied' ? answer.code : answer.outcome).toBe(meant);
    this.compareLimits(answer.limits, userId);
    const isNothing = answer.outcome === 'denied' || answer.outcome === 'refused';
    if (isNothing && this.before !== null) expect(this.course.dump()).toBe(this.before);
  }
}

const modelOf = (slot: number) => (slot % 2 === 0 ? null : `m-${slot}`);

function summed(rows: UsageRow[]): Record<string, [number, number, number]> {
  const sums: Record<string, [number, number, number]> = {};
  for (const { tokens, requests, expired, ...where } of rows) {
    const key = JSON.stringify(Object.entries(where).toSorted());
    const [a, b, c] = sums[key] ?? [0, 0, 0];
    sums[key] = [a + tokens, b + requests, c + expired];
  }
  return sums;
}
