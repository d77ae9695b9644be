import { describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '#kernel/clock';
import type { MemberCap } from '#kernel/quota';
import { MemoryStorage } from '../support/memory-storage.ts';
import {
  type Limits,
  MIDNIGHTS,
  nextMidnight,
  START,
  snapshotOf,
  spenderOf,
} from '../support/quota-model.ts';
import { engineWith } from './engine-with.ts';

const ANN = 'u_ann';
const BEN = 'u_ben';
const ann = spenderOf('k_ann', { userId: ANN });
const ben = spenderOf('k_ben', { userId: BEN });

type Caps = Record<string, Partial<MemberCap>>;
const capped = (caps: Caps): Record<string, MemberCap> =>
  Object.fromEntries(
    Object.entries(caps).map(([user, cap]) => [
      user,
      { tokens_per_day: null, requests_per_day: null, ...cap },
    ]),
  );

/** An enterprise with this pool and what its members may spend of it. */
function pool(limits: Limits, caps: Caps = {}, storage = new MemoryStorage()) {
  const engine = engineWith(limits, { scope: 'enterprise', caps: capped(caps) }, storage);
  let version = 1;
  return {
    ...engine,
    reserve: (spender: typeof ann, id: string, tokens: number, now: number, settle = false) =>
      engine.reserve(id, tokens, now, { spender, settle }),
    /** What an enterprise's admin does: new caps for all. */
    cap: (caps: Caps) => {
      version += 1;
      engine.apply(snapshotOf(limits, { version, scope: 'enterprise', caps: capped(caps) }));
    },
  };
}

describe('a member’s cap', () => {
  it('refuses what is above it, also a request that is larger than all of it: it may be raised', () => {
    const { reserve, countedOf, counted } = pool({ tpd: 100 }, { [ANN]: { tokens_per_day: 10 } });
    expect(reserve(ann, 'a', 11, START)).toMatchObject({
      outcome: 'refused',
      blocking: {
        scope: 'enterprise_member',
        metric: 'tokens_per_day',
        limit: 10,
        used: 0,
        reserved: 0,
        remaining: 10,
        requested: 11,
        resetAt: MIDNIGHTS[1],
      },
      retryAfter: 8 * 3600,
    });
    expect(reserve(ann, 'a', 10, START)).toMatchObject({ outcome: 'admitted' });
    expect(reserve(ann, 'b', 1, START)).toMatchObject({ outcome: 'refused', blocking: { reserved: 10 } });
    expect([countedOf(ANN, 'tokens_per_day', START), counted('tpd', START)]).toEqual([
      [0, 10],
      [0, 10],
    ]);
  });

  it('of requests counts each admission until it is given back', () => {
    const { reserve, release, settle } = pool({}, { [ANN]: { requests_per_day: 2 } });
    reserve(ann, 'a', 5, START);
    reserve(ann, 'b', 5, START, true);
    expect(reserve(ann, 'c', 5, START)).toMatchObject({
      outcome: 'refused',
      blocking: {
        scope: 'enterprise_member',
        metric: 'requests_per_day',
        limit: 2,
        used: 2,
        requested: 1,
        resetAt: MIDNIGHTS[1],
      },
    });
    release('a', START, ann);
    expect(reserve(ann, 'c', 5, START)).toMatchObject({ outcome: 'admitted' });
    settle('c', 0, START, ann);
    expect(reserve(ann, 'd', 5, START)).toMatchObject({ outcome: 'refused' });
  });

  it('of 0 refuses everything, and says the next local midnight', () => {
    for (const metric of ['tokens_per_day', 'requests_per_day'] as const) {
      const { reserve, read } = pool({ tpd: 100 }, { [ANN]: { [metric]: 0 } });
      const zero = { scope: 'enterprise_member', metric, limit: 0, remaining: 0 };
      const retryAfter = (nextMidnight(START) - START) / SECOND;
      expect(reserve(ann, 'a', 1, START)).toMatchObject({
        outcome: 'refused',
        blocking: { ...zero, resetAt: nextMidnight(START) },
        retryAfter,
      });
      expect(read(START, { userId: ANN })).toMatchObject({
        limits: [{ metric: 'tpd' }, { ...zero, resetAt: nextMidnight(START) }],
      });
      // Nor does it admit anything on the next day, which is one of 25 hours two days on.
      const next = nextMidnight(START) + DAY;
      expect(reserve(ann, 'a', 1, next)).toMatchObject({ outcome: 'refused', retryAfter: 25 * 3600 });
    }
  });

  it('is free again from the next local midnight on', () => {
    const midnight = nextMidnight(START);
    const { reserve, countedOf } = pool({}, { [ANN]: { tokens_per_day: 10, requests_per_day: 1 } });
    reserve(ann, 'a', 10, START, true);
    expect(reserve(ann, 'b', 10, midnight - 1)).toMatchObject({ outcome: 'refused', retryAfter: 1 });
    expect(reserve(ann, 'b', 10, midnight)).toMatchObject({ outcome: 'admitted' });
    expect(countedOf(ANN, 'tokens_per_day', midnight)).toEqual([0, 10]);
  });

  it('raised admits at once, lowered leaves 0 and gives nothing back, removed is no limit', () => {
    const { reserve, cap, countedOf, read } = pool({}, { [ANN]: { tokens_per_day: 10 } });
    reserve(ann, 'a', 10, START);
    expect(reserve(ann, 'b', 5, START)).toMatchObject({ outcome: 'refused' });
    cap({ [ANN]: { tokens_per_day: 15 } });
    expect(reserve(ann, 'b', 5, START)).toMatchObject({ outcome: 'admitted' });
    cap({ [ANN]: { tokens_per_day: 3 } });
    expect(read(START, { userId: ANN })).toMatchObject({
      limits: [{ limit: 3, reserved: 15, remaining: 0 }],
    });
    expect(reserve(ann, 'c', 1, START)).toMatchObject({ outcome: 'refused' });
    cap({});
    expect(reserve(ann, 'c', 1000, START)).toMatchObject({ outcome: 'admitted', limits: [] });
    cap({ [ANN]: { tokens_per_day: 2000 } });
    expect(countedOf(ANN, 'tokens_per_day', START)).toEqual([0, 1015]);
  });

  it('is nothing to an owner that is no enterprise', () => {
    const { reserve, memberUsage } = engineWith({}, { caps: capped({ [ANN]: { tokens_per_day: 0 } }) });
    expect(reserve('a', 5, START, { spender: ann, settle: true })).toMatchObject({
      outcome: 'admitted',
      limits: [],
    });
    expect(memberUsage(START)).toEqual({});
  });
});

describe('a member and the pool', () => {
  it('both refuse: the request passes by neither alone', () => {
    const { reserve } = pool({ tpd: 20 }, { [ANN]: { tokens_per_day: 15 }, [BEN]: { tokens_per_day: 15 } });
    expect(reserve(ann, 'a', 15, START)).toMatchObject({ outcome: 'admitted' });
    expect(reserve(ben, 'b', 10, START)).toMatchObject({
      outcome: 'refused',
      blocking: { scope: 'enterprise', metric: 'tpd', reserved: 15 },
    });
    expect(reserve(ann, 'a2', 1, START)).toMatchObject({
      outcome: 'refused',
      blocking: { scope: 'enterprise_member' },
    });
    expect(reserve(ben, 'b', 5, START)).toMatchObject({ outcome: 'admitted' });
  });

  it('are told of by the limit that clears last, whichever it is of', () => {
    const caps = { [ANN]: { tokens_per_day: 10 } };
    const minute = pool({ tpm: 10 }, caps);
    minute.reserve(ann, 'a', 10, START);
    expect(minute.reserve(ann, 'b', 1, START)).toMatchObject({
      blocking: { scope: 'enterprise_member', metric: 'tokens_per_day' },
      retryAfter: 8 * 3600,
    });
    const month = pool({ tokens_per_month: 10 }, caps);
    month.reserve(ann, 'a', 10, START);
    expect(month.reserve(ann, 'b', 1, START)).toMatchObject({
      blocking: { scope: 'enterprise', metric: 'tokens_per_month' },
    });
  });

  it('count a refused request in neither', () => {
    const { reserve, counted, memberUsage } = pool({ tpd: 100 }, { [ANN]: { requests_per_day: 0 } });
    reserve(ann, 'a', 10, START);
    expect([counted('tpd', START), memberUsage(START)]).toEqual([[0, 0], {}]);
  });

  it('never fit what is larger than the plan’s own limit, cap or no cap', () => {
    const { reserve } = pool({ tpd: 10 }, { [ANN]: { tokens_per_day: 5 } });
    expect(reserve(ann, 'a', 11, START)).toMatchObject({ outcome: 'denied', code: 'quota_never_fits' });
    expect(reserve(ann, 'a', 10, START)).toMatchObject({ outcome: 'refused' });
  });

  it('are shown each to whom it concerns, to a key and to a person alike', () => {
    const { reserve, read } = pool({ tpd: 100 }, { [ANN]: { tokens_per_day: 50, requests_per_day: 5 } });
    reserve(ann, 'a', 30, START, true);
    reserve(ben, 'b', 20, START);
    const shared = { scope: 'enterprise', metric: 'tpd', used: 30, reserved: 20, remaining: 50 };
    const hers = read(START, { userId: ANN });
    expect(hers).toMatchObject({
      limits: [
        shared,
        { scope: 'enterprise_member', metric: 'tokens_per_day', limit: 50, used: 30, remaining: 20 },
        { scope: 'enterprise_member', metric: 'requests_per_day', limit: 5, used: 1, remaining: 4 },
      ],
      settledThisMonth: 30,
    });
    expect(read(START, { spender: ann })).toEqual(hers);
    const his = read(START, { userId: BEN });
    expect(his).toMatchObject({ limits: [shared], settledThisMonth: 30 });
    expect(his).toHaveProperty('limits.length', 1);
  });
});

describe('two members of one pool', () => {
  it('leave each other’s caps alone', () => {
    const caps = { tokens_per_day: 10, requests_per_day: 1 };
    const { reserve, countedOf } = pool({ tpd: 100 }, { [ANN]: caps, [BEN]: caps });
    reserve(ann, 'a', 10, START);
    expect(countedOf(BEN, 'tokens_per_day', START)).toEqual([0, 0]);
    expect(reserve(ben, 'b', 10, START)).toMatchObject({ outcome: 'admitted' });
    expect([countedOf(ANN, 'requests_per_day', START), countedOf(BEN, 'requests_per_day', START)]).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('cannot end what the other began', () => {
    const { reserve, settle, release, memberUsage } = pool({});
    reserve(ann, 'a', 10, START);
    expect(settle('a', 10, START, ben)).toMatchObject({ code: 'reservation_not_found' });
    expect(release('a', START, ben)).toMatchObject({ code: 'reservation_not_found' });
    expect(memberUsage(START)).toEqual({ [ANN]: { tokens: 0, requests: 1 } });
  });

  it('count by user, not by key', () => {
    const { reserve, settle, countedOf } = pool({}, { [ANN]: { tokens_per_day: 10 } });
    const other = spenderOf('k_ann_2', { userId: ANN });
    reserve(ann, 'a', 6, START);
    expect(reserve(other, 'b', 5, START)).toMatchObject({ outcome: 'refused' });
    expect(settle('a', 5, START, other)).toMatchObject({ outcome: 'settled', limits: [{ used: 5 }] });
    expect(countedOf(ANN, 'tokens_per_day', START)).toEqual([5, 0]);
  });
});

/** One member's day, whose cap is large enough not to matter. */
const roomy = () => pool({}, { [ANN]: { tokens_per_day: 1000, requests_per_day: 1000 } });
type Pool = ReturnType<typeof pool>;
const counts = ({ countedOf }: Pool, now: number) => ({
  tokens: countedOf(ANN, 'tokens_per_day', now),
  requests: countedOf(ANN, 'requests_per_day', now),
});

describe('the end of a member’s reservation', () => {
  it('gives back to its counters what a settle leaves, and all of it by a release', () => {
    const one = roomy();
    one.reserve(ann, 'a', 40, START);
    one.reserve(ann, 'b', 30, START);
    expect(counts(one, START)).toEqual({ tokens: [0, 70], requests: [2, 0] });
    one.settle('a', 15, START, ann);
    expect(counts(one, START)).toEqual({ tokens: [15, 30], requests: [2, 0] });
    one.release('b', START, ann);
    expect(counts(one, START)).toEqual({ tokens: [15, 0], requests: [1, 0] });
  });

  it('by its ttl gives back all of it; a settle after that counts on the day of the settle', () => {
    const midnight = nextMidnight(START);
    const one = roomy();
    one.reserve(ann, 'a', 40, midnight - HOUR);
    const expires = midnight - HOUR + 600 * SECOND;
    expect(counts(one, expires - 1)).toEqual({ tokens: [0, 40], requests: [1, 0] });
    expect(counts(one, expires)).toEqual({ tokens: [0, 0], requests: [0, 0] });
    expect(one.settle('a', 30, midnight + HOUR, ann)).toMatchObject({ outcome: 'settled', settled: 30 });
    expect(counts(one, midnight + HOUR)).toEqual({ tokens: [30, 0], requests: [1, 0] });
  });

  it('above it weighs with the excess on the same day even past the cap, and then nothing remains', () => {
    const { reserve, settle } = pool({}, { [ANN]: { tokens_per_day: 20 } });
    reserve(ann, 'a', 15, START);
    expect(settle('a', 25, START, ann)).toMatchObject({ limits: [{ used: 25, reserved: 0, remaining: 0 }] });
    expect(reserve(ann, 'b', 1, START)).toMatchObject({ outcome: 'refused' });
  });

  it('on the next day weighs there with the excess alone', () => {
    const midnight = nextMidnight(START);
    const one = roomy();
    one.reserve(ann, 'a', 40, midnight - SECOND);
    one.reserve(ann, 'b', 40, midnight - SECOND);
    one.settle('a', 10, midnight, ann);
    expect(counts(one, midnight)).toEqual({ tokens: [0, 0], requests: [0, 0] });
    one.settle('b', 55, midnight, ann);
    expect(counts(one, midnight)).toEqual({ tokens: [15, 0], requests: [0, 0] });
  });
});

describe('what members used today', () => {
  it('is counted with and without a cap, so a cap set later knows it', () => {
    const { reserve, cap, memberUsage } = pool({}, { [ANN]: { tokens_per_day: 100 } });
    reserve(ann, 'a', 30, START, true);
    reserve(ben, 'b', 20, START, true);
    reserve(ben, 'c', 7, START, true);
    expect(memberUsage(START)).toEqual({
      [ANN]: { tokens: 30, requests: 1 },
      [BEN]: { tokens: 27, requests: 2 },
    });
    cap({ [BEN]: { tokens_per_day: 30 } });
    expect(reserve(ben, 'd', 4, START)).toMatchObject({ outcome: 'refused', blocking: { used: 27 } });
  });

  it('names the settled tokens; the request counts from the admission on', () => {
    const { reserve, settle, memberUsage } = pool({});
    reserve(ann, 'a', 30, START);
    expect(memberUsage(START)).toEqual({ [ANN]: { tokens: 0, requests: 1 } });
    settle('a', 12, START, ann);
    expect(memberUsage(START)).toEqual({ [ANN]: { tokens: 12, requests: 1 } });
  });

  it('is no more what ran out of its ttl', () => {
    const { reserve, memberUsage } = pool({});
    reserve(ann, 'a', 30, START, true);
    reserve(ann, 'b', 5, START);
    expect(memberUsage(START + 600 * SECOND)).toEqual({ [ANN]: { tokens: 30, requests: 1 } });
  });

  it('survives a restart', () => {
    const { reserve, restart, memberUsage, countedOf } = pool({}, { [ANN]: { tokens_per_day: 100 } });
    reserve(ann, 'a', 30, START, true);
    reserve(ann, 'b', 5, START);
    restart();
    expect(memberUsage(START)).toEqual({ [ANN]: { tokens: 30, requests: 2 } });
    expect(countedOf(ANN, 'tokens_per_day', START)).toEqual([30, 5]);
  });

  it('leaves out who gave all of it back', () => {
    const { reserve, release, memberUsage } = pool({});
    reserve(ann, 'a', 30, START);
    release('a', START, ann);
    expect(memberUsage(START)).toEqual({});
  });

  it('is forgotten with its day, in the object and on its disk', () => {
    const midnight = nextMidnight(START);
    const storage = new MemoryStorage();
    const { reserve, memberUsage, restart } = pool({}, { [ANN]: { tokens_per_day: 100 } }, storage);
    const kept = () => storage.counters().filter(([key]) => key.startsWith('member_'));
    reserve(ann, 'a', 30, START, true);
    reserve(ben, 'b', 20, START, true);
    expect(memberUsage(midnight - 1)).toHaveProperty([BEN], { tokens: 20, requests: 1 });
    expect(kept()).toHaveLength(4);
    expect(memberUsage(midnight)).toEqual({});
    expect(kept()).toEqual([]);
    restart();
    expect(memberUsage(midnight)).toEqual({});
  });
});
