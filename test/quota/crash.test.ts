import { describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '#kernel/clock';
import { plan, START, snapshotOf } from '../support/quota-fixtures.ts';
import { AHEAD } from './engine-with.ts';

const { engineWith } = AHEAD;
const s = (seconds: number) => START + seconds * SECOND;

describe('after a crash the engine', () => {
  it('holds back until the latest expiry of all, also after one with a shorter ttl', () => {
    const e = engineWith({ tpd: 1000 });
    e.reserve('a', 400, s(0), { ttlSeconds: 3600 });
    e.reserve('b', 450, s(0), { ttlSeconds: 10 });
    e.crash();
    expect(e.counted('tpd', s(71))?.[1]).toBeGreaterThanOrEqual(400);
  });
  it('takes an expired hold that was released only once out of what it fears', () => {
    const e = engineWith({ tpd: 1000 });
    e.reserve('a', 400, s(0), { ttlSeconds: 10 });
    e.release('a', s(11));
    e.reserve('b', 100, s(11));
    e.crash();
    expect(e.counted('tpd', s(12))?.[1]).toBeGreaterThanOrEqual(100);
  });
  it('does not take an end of what was lost before out of what was lost since', () => {
    const e = engineWith({ tpm: 1000 });
    e.reserve('a', 500, s(0));
    e.crash();
    e.read(s(1));
    e.flush();
    for (let i = 0; i < 5; i++) expect(e.reserve(`b${i}`, 100, s(70)).outcome).toBe('admitted');
    e.settle('a', 500, s(71));
    e.crash();
    expect(e.counted('tpm', s(72))?.[1]).toBeGreaterThanOrEqual(500);
  });
  it('keeps what was lost through a lower limit and back', () => {
    const e = engineWith({ tpd: 1000 });
    e.reserve('a', 900, s(0));
    e.crash();
    e.apply(snapshotOf({ tpd: 10 }, { version: 2 }));
    e.read(s(1));
    e.apply(snapshotOf({ tpd: 1000 }, { version: 3 }));
    expect(e.counted('tpd', s(2))?.[1]).toBeGreaterThanOrEqual(900);
  });
  it('keeps what was lost beside a settle above its reservation', () => {
    const e = engineWith({ tpd: 1000 });
    e.reserve('a', 400, s(0));
    e.reserve('b', 600, s(0));
    e.settle('b', 1000, s(1));
    e.crash();
    e.read(s(1));
    e.apply(snapshotOf({ tpd: 2000 }, { version: 3 }));
    const [u = 0, r = 0] = e.counted('tpd', s(2)) ?? [];
    expect(u + r).toBeGreaterThanOrEqual(1400);
  });
  it('fears nothing any more once all that was lost has run out', () => {
    const e = engineWith({ tpm: 1000 });
    e.reserve('a', 400, s(0));
    e.crash();
    expect(e.counted('tpm', START + DAY)).toEqual([0, 0]);
  });
  it('keeps what was lost while there was no limit', () => {
    const e = engineWith({ tpd: 100 }, { spans: [{ from: 0, until: s(1), limits: plan({}) }] });
    e.reserve('a', 90, s(0));
    e.crash();
    expect(e.counted('tpd', s(2))?.[1]).toBeGreaterThanOrEqual(90);
  });
  it('takes only the hold of that time for ended, where a request_id is held anew', () => {
    const e = engineWith({ tpd: 1000 });
    e.reserve('x', 10, s(0));
    e.reserve('z', 10, START + DAY - 2 * SECOND);
    e.reserve('y', 10, START + DAY - 1 * SECOND);
    e.settle('y', 10, START + DAY - SECOND);
    e.settle('x', 10, START + DAY - SECOND);
    e.reserve('x', 10, START + DAY + SECOND);
    const before = e.counted('tpd', START + DAY + SECOND);
    e.evict();
    expect(e.counted('tpd', START + DAY + SECOND)).toEqual(before);
    expect(e.counted('tpd', START + DAY + HOUR)?.[1]).toEqual(0);
  });
  it('never shows more than the limit as spent, crash after crash', () => {
    const e = engineWith({ tpd: 1000 });
    e.reserve('a', 500, s(0));
    e.crash();
    e.read(s(1));
    e.flush();
    e.settle('a', 500, s(1));
    e.flush();
    e.reserve('b', 100, s(2), { settle: true });
    e.crash();
    const [u = 0, r = 0] = e.counted('tpd', s(3)) ?? [];
    expect(u + r).toBeLessThanOrEqual(1000);
  });
});
