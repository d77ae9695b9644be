import { describe, expect, it } from 'vitest';
import { HOUR, SECOND } from '#kernel/clock';
import { nextMidnight, plan, START, snapshotOf, spenderOf } from '../support/quota-fixtures.ts';
import { STRATEGIES } from './engine-with.ts';

describe.each(STRATEGIES)('a key, $strategy', ({ engineWith }) => {
  it('that died is refused from the next request on, also after a restart and an older snapshot', () => {
    const { reserve, read, apply, crash } = engineWith({});
    apply(snapshotOf({}, { version: 2, keyVersions: { k0: 2 } }));
    apply(snapshotOf({}, { version: 1 }));
    crash();
    expect(reserve('a', 1, START)).toMatchObject({ code: 'key_stale' });
    expect(read(START, { spender: spenderOf('k0') })).toMatchObject({ code: 'key_stale' });
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
  });

  it('of a frozen owner is refused; a person still reads', () => {
    const { reserve, read } = engineWith({}, { frozen: true });
    expect(reserve('a', 1, START)).toMatchObject({ code: 'owner_frozen' });
    expect(read(START, { spender: spenderOf('k0') })).toMatchObject({ code: 'owner_frozen' });
    expect(read(START)).toMatchObject({ limits: [] });
  });
});

describe.each(STRATEGIES)('limits over time, $strategy', ({ engineWith }) => {
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

describe.each(STRATEGIES)('the clock, $strategy', ({ engineWith }) => {
  it('never steps back while the object lives', () => {
    const { reserve, counted } = engineWith({ tpm: 10, tpd: 10 });
    const midnight = nextMidnight(START);
    reserve('a', 10, midnight - SECOND);
    expect(counted('tpd', midnight)).toEqual([0, 0]);
    expect(counted('tpd', midnight - SECOND)).toEqual([0, 0]);
    expect(counted('tpm', START)).toEqual([0, 10]);
  });

  it('never steps back behind an admission, not even by a crash', () => {
    const { reserve, crash } = engineWith({ tpm: 10 });
    reserve('a', 10, START + 90_000);
    crash();
    expect(reserve('b', 10, START)).toMatchObject({ outcome: 'refused', retryAfter: 61 });
  });

  it('never steps back behind a day that was closed, not even by a restart', () => {
    const { reserve, evict } = engineWith({ tpd: 100 });
    const midnight = nextMidnight(START);
    reserve('a', 100, midnight - 120_000, { settle: true });
    reserve('b', 40, midnight);
    evict();
    // That day is full; this one is not.
    expect(reserve('c', 60, midnight - SECOND)).toMatchObject({ outcome: 'admitted' });
    evict();
    expect(reserve('d', 1, midnight - SECOND)).toMatchObject({ outcome: 'refused' });
  });
});
