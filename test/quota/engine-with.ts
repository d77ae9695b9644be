import type { MemberMetric, OwnerMetric, OwnerSnapshot, PlanLimits, QuotaReader } from '#kernel/quota';
import { QuotaEngine } from '#quota/engine';
import { MemoryStorage } from '../support/memory-storage.ts';
import { type Limits, snapshotOf, spenderOf, USER } from '../support/quota-model.ts';

type Request = Parameters<QuotaEngine['reserve']>[0];

/** An engine with these limits, and short words for what is asked of it. */
export function engineWith(
  limits: Limits & Pick<PlanLimits, 'models'>,
  more: Partial<OwnerSnapshot> = {},
  storage = new MemoryStorage(),
) {
  let engine = new QuotaEngine(storage);
  engine.apply(snapshotOf(limits, more));
  /** used and reserved of what a person is shown of one limit; undefined where it is not shown. */
  const shown = (userId: string, now: number, metric: OwnerMetric | MemberMetric, own: boolean) => {
    const reading = engine.read({ userId }, now);
    if ('outcome' in reading) throw new Error(reading.code);
    const limit = reading.limits.find(
      (one) => one.metric === metric && (one.scope === 'enterprise_member') === own,
    );
    return limit && [limit.used, limit.reserved];
  };
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
    read: (now: number, reader: QuotaReader = { userId: USER }) => engine.read(reader, now),
    memberUsage: (now: number) => engine.memberUsage(now),
    counted: (metric: OwnerMetric, now: number) => shown(USER, now, metric, false),
    countedOf: (userId: string, metric: MemberMetric, now: number) => shown(userId, now, metric, true),
  };
}
