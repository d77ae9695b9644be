import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { MIDNIGHTS, nextMidnight, START, spenderOf } from '../support/quota-fixtures.ts';
import { ANN, ann, BEN, ben, capped, POOLS } from './pool.ts';

describe.each(POOLS)('a member’s cap, $strategy', ({ pool, engineWith }) => {
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

describe.each(POOLS)('a member and the pool, $strategy', ({ pool }) => {
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

describe.each(POOLS)('two members of one pool, $strategy', ({ pool }) => {
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
