import { describe, expect, it } from 'vitest';
import { DAY, HOUR } from '#kernel/clock';
import { START, spenderOf } from '../support/quota-fixtures.ts';
import { AHEAD, EACH_TIME } from './engine-with.ts';

const later = (seconds: number) => START + seconds * 1000;
const { engineWith } = AHEAD;

describe('a crash of an object that writes each time', () => {
  it('loses nothing', () => {
    const { reserve, settle, crash, counted } = EACH_TIME.engineWith({ tpd: 1000 });
    reserve('a', 400, START);
    reserve('b', 300, START);
    settle('b', 100, START);
    crash();
    expect(counted('tpd', START)).toEqual([100, 400]);
  });
});

describe('an eviction after the alarm', () => {
  it('loses nothing, and nothing is feared', () => {
    const { reserve, settle, evict, counted } = engineWith({ tpd: 1000, tpm: 1000 });
    reserve('a', 400, START);
    reserve('b', 300, START);
    settle('b', 100, START);
    evict();
    expect([counted('tpd', START), counted('tpm', START)]).toEqual([
      [100, 400],
      [100, 400],
    ]);
  });
});

describe('what a crash lost', () => {
  it('is found by its id when it ends, and taken from what is feared, once', () => {
    const { reserve, settle, release, crash, counted } = engineWith({ tpd: 500 });
    reserve('a', 100, START);
    reserve('b', 50, START);
    crash();
    expect(counted('tpd', START)).toEqual([0, 150]);
    const first = settle('a', 120, START);
    expect(first).toMatchObject({ outcome: 'settled', reserved: 100, settled: 120 });
    expect(settle('a', 120, START)).toMatchObject({ outcome: 'settled', settled: 120 });
    expect(settle('a', 100, START)).toMatchObject({ code: 'reservation_settled' });
    expect(release('a', START)).toMatchObject({ code: 'reservation_settled' });
    expect(counted('tpd', START)).toEqual([120, 50]);
    expect(release('b', START)).toMatchObject({ outcome: 'released', reserved: 50 });
    expect(counted('tpd', START)).toEqual([120, 0]);
  });

  it('leaves what was settled as it is', () => {
    const { reserve, settle, crash, counted } = engineWith({ tpd: 1000 });
    reserve('a', 100, START);
    reserve('b', 100, START);
    settle('b', 70, START);
    crash();
    const [used, reserved] = counted('tpd', START) ?? [];
    expect(used).toBe(70);
    expect(reserved).toBeGreaterThanOrEqual(100);
    expect(settle('b', 70, START)).toMatchObject({ outcome: 'settled', settled: 70 });
  });

  it('is settled late up to 24 hours from when it was made, and not found after that', () => {
    const { reserve, settle, crash, counted } = engineWith({ tpd: 500 });
    reserve('a', 100, START);
    reserve('b', 100, START);
    crash();
    expect(settle('a', 70, START + HOUR)).toMatchObject({ outcome: 'settled', reserved: 100, settled: 70 });
    expect(counted('tpd', START + HOUR)).toEqual([70, 0]);
    expect(settle('b', 70, START + DAY + 1)).toMatchObject({ code: 'reservation_not_found' });
  });

  it('is no other user’s, nor a dead key’s of the same user', () => {
    const { reserve, settle, crash } = engineWith({});
    reserve('a', 1, START);
    crash();
    const stranger = spenderOf('k9', { userId: 'u_9' });
    expect(settle('a', 1, START, stranger)).toMatchObject({ code: 'reservation_not_found' });
    const dead = spenderOf('k1', { dead: true });
    expect(settle('a', 1, START, dead)).toMatchObject({ code: 'unauthenticated' });
  });

  it('is decided anew where its request_id comes again, and only one of the two is ever settled', () => {
    const { reserve, reservationOf, settle, crash, counted, engine } = engineWith({ tpd: 500 });
    reserve('a', 100, START);
    const lost = reservationOf('a');
    crash();
    expect(reserve('a', 100, later(1))).toMatchObject({ outcome: 'admitted', reservation: { id: 'a' } });
    expect(settle('a', 80, later(2))).toMatchObject({ outcome: 'settled' });
    const again = { reservation: lost, tokens: 80, spender: spenderOf('k0') };
    expect(engine().settle(again, later(2))).toMatchObject({ outcome: 'settled', settled: 80 });
    expect(engine().settle({ ...again, tokens: 90 }, later(2))).toMatchObject({
      code: 'reservation_settled',
    });
    expect(counted('tpd', later(2))?.[0]).toBe(80);
  });
});

describe('what is written of an enterprise’s reservations', () => {
  const limits = { tpm: 2_000_000, tpd: 50_000_000 };

  it('is little ahead of them: far from one write for each', () => {
    const { reserve, settle, journal } = engineWith(limits);
    for (let index = 0; index < 1000; index++) {
      const now = later(index / 100);
      expect(reserve(`r${index}`, 1000, now).outcome).toBe('admitted');
      settle(`r${index}`, 800, now);
    }
    expect(journal.writtenAhead).toBeLessThan(30);
  });

  it('is something for each where it is written each time', () => {
    const { reserve, journal } = EACH_TIME.engineWith(limits);
    const before = journal.rowsWritten;
    for (let index = 0; index < 10; index++) reserve(`r${index}`, 1000, START);
    expect(journal.rowsWritten - before).toBeGreaterThanOrEqual(10);
  });
});
