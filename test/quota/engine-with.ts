import type {
  MemberMetric,
  OwnerMetric,
  OwnerSnapshot,
  PlanLimits,
  QuotaReader,
  Reservation,
} from '#kernel/quota';
import { QuotaEngine } from '#quota/engine';
import { MemoryJournal } from '../support/memory-journal.ts';
import { type Limits, snapshotOf, spenderOf, USER } from '../support/quota-fixtures.ts';

type Request = Parameters<QuotaEngine['reserve']>[0];

/** An engine with these limits, and short words for what is asked of it. What ends is written, as the object does. */
function makeEngine(
  ahead: boolean,
  limits: Limits & Pick<PlanLimits, 'models'>,
  more: Partial<OwnerSnapshot> = {},
) {
  const journal = new MemoryJournal();
  let engine = new QuotaEngine(journal, { ahead });
  engine.apply(snapshotOf(limits, more));
  /** What ids on the wire carry, of all that was admitted. */
  const carried = new Map<string, Reservation>();
  const reservationOf = (id: string): Reservation => {
    const reservation = carried.get(id);
    if (!reservation) throw new Error(`${id} was never admitted`);
    return reservation;
  };
  const written = <T>(outcome: T): T => {
    engine.writeEnded();
    return outcome;
  };
  /** used and reserved of what a person is shown of one limit; undefined where it is not shown. */
  const shown = (userId: string, now: number, metric: OwnerMetric | MemberMetric, own: boolean) => {
    const reading = engine.read({ userId }, now);
    if ('outcome' in reading) throw new Error(reading.code);
    const limit = reading.limits.find(
      (one) => one.metric === metric && (one.scope === 'enterprise_member') === own,
    );
    return limit && [limit.used, limit.reserved];
  };
  const crash = () => {
    engine = new QuotaEngine(journal, { ahead });
  };
  return {
    journal,
    engine: () => engine,
    apply: (snapshot: OwnerSnapshot) => engine.apply(snapshot),
    /** The memory is gone, whatever was in it. */
    crash,
    /** The memory is gone, after the alarm had written the exact state. */
    evict: () => {
      engine.flush();
      crash();
    },
    flush: () => engine.flush(),
    reserve: (id: string, tokens: number, now: number, more: Partial<Request> = {}) => {
      const outcome = engine.reserve(
        {
          reservationId: id,
          named: true,
          tokens,
          model: null,
          ttlSeconds: 600,
          settle: false,
          spender: spenderOf('k0'),
          ...more,
        },
        now,
      );
      if (outcome.outcome === 'admitted') carried.set(id, outcome.reservation);
      return written(outcome);
    },
    reservationOf,
    settle: (id: string, tokens: number, now: number, spender = spenderOf('k0')) =>
      written(engine.settle({ reservation: reservationOf(id), tokens, spender }, now)),
    release: (id: string, now: number, spender = spenderOf('k0')) =>
      written(engine.release({ reservation: reservationOf(id), spender }, now)),
    read: (now: number, reader: QuotaReader = { userId: USER }) => engine.read(reader, now),
    memberUsage: (now: number) => engine.memberUsage(now),
    counted: (metric: OwnerMetric, now: number) => shown(USER, now, metric, false),
    countedOf: (userId: string, metric: MemberMetric, now: number) => shown(userId, now, metric, true),
  };
}

const strategyOf = (strategy: string, ahead: boolean) => ({
  strategy,
  engineWith: (...args: Parameters<typeof makeEngine> extends [boolean, ...infer Rest] ? Rest : never) =>
    makeEngine(ahead, ...args),
});
export type EngineWith = ReturnType<typeof strategyOf>['engineWith'];

export const EACH_TIME = strategyOf('written each time', false);
export const AHEAD = strategyOf('written ahead', true);
/** How an engine makes durable what it admits; whatever is not about a crash must be the same for both. */
export const STRATEGIES = [EACH_TIME, AHEAD];
