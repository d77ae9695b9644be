import { describe, expect, it } from 'vitest';
import { HOUR, SECOND } from '#kernel/clock';
import { nextMidnight, START } from '../support/quota-fixtures.ts';
import { ANN, ann, BEN, ben, POOLS, type Pool } from './pool.ts';

const counts = ({ countedOf }: Pool, now: number) => ({
  tokens: countedOf(ANN, 'tokens_per_day', now),
  requests: countedOf(ANN, 'requests_per_day', now),
});

describe.each(POOLS)('the end of a member’s reservation, $strategy', ({ pool }) => {
  /** One member's day, whose cap is large enough not to matter. */
  const roomy = () => pool({}, { [ANN]: { tokens_per_day: 1000, requests_per_day: 1000 } });

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

describe.each(POOLS)('what members used today, $strategy', ({ pool }) => {
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
    const { reserve, evict, memberUsage, countedOf } = pool({}, { [ANN]: { tokens_per_day: 100 } });
    reserve(ann, 'a', 30, START, true);
    reserve(ann, 'b', 5, START);
    evict();
    expect(memberUsage(START)).toEqual({ [ANN]: { tokens: 30, requests: 2 } });
    expect(countedOf(ANN, 'tokens_per_day', START)).toEqual([30, 5]);
  });

  it('leaves out who gave all of it back', () => {
    const { reserve, release, memberUsage } = pool({});
    reserve(ann, 'a', 30, START);
    release('a', START, ann);
    expect(memberUsage(START)).toEqual({});
  });

  it('is forgotten with its day, in the object and, with what is written next, on its disk', () => {
    const midnight = nextMidnight(START);
    const { reserve, memberUsage, evict, flush, journal } = pool({}, { [ANN]: { tokens_per_day: 100 } });
    const kept = () =>
      journal.load().base?.counters.flatMap(([key]) => (key.startsWith('member_') ? [key] : []));
    reserve(ann, 'a', 30, START, true);
    reserve(ben, 'b', 20, START, true);
    flush();
    expect(memberUsage(midnight - 1)).toHaveProperty([BEN], { tokens: 20, requests: 1 });
    expect(kept()).toHaveLength(4);
    expect(memberUsage(midnight)).toEqual({});
    reserve(ben, 'c', 20, midnight, true);
    flush();
    expect(kept()).toEqual(['member_tokens:2026-10-31:u_ben', 'member_requests:2026-10-31:u_ben']);
    evict();
    expect(memberUsage(midnight)).toEqual({ [BEN]: { tokens: 20, requests: 1 } });
  });
});
