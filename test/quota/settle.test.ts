import { describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '#kernel/clock';
import { NOVEMBER, nextMidnight, START } from '../support/quota-fixtures.ts';
import { STRATEGIES } from './engine-with.ts';

describe.each(STRATEGIES)('a settle, $strategy', ({ engineWith }) => {
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
