import { describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '#kernel/clock';
import {
  MIDNIGHTS,
  NOVEMBER,
  nextMidnight,
  plan,
  START,
  snapshotOf,
  spenderOf,
} from '../support/quota-model.ts';
import { engineWith } from './engine-with.ts';

describe('an admission', () => {
  it('is refused by the limit that clears last, all or nothing', () => {
    const { reserve, counted } = engineWith({ tpm: 100, tpd: 100, tokens_per_month: 1000 });
    reserve('a', 90, START);
    expect(reserve('b', 20, START + 500)).toMatchObject({
      outcome: 'refused',
      blocking: { metric: 'tpd', limit: 100, used: 0, reserved: 90, requested: 20, resetAt: MIDNIGHTS[1] },
      retryAfter: 8 * 3600,
    });
    expect(counted('tpm', START)).toEqual([0, 90]);
  });

  it('fits when Retry-After is over and not a second before', () => {
    const { reserve } = engineWith({ tpm: 100 });
    reserve('a', 60, START + 900);
    reserve('b', 40, START + 30_000);
    const refused = reserve('c', 10, START + 45_300);
    expect(refused).toMatchObject({ outcome: 'refused', retryAfter: 16 });
    expect(reserve('c', 10, START + 45_300 + 15_000).outcome).toBe('refused');
    expect(reserve('c', 10, START + 45_300 + 16_000).outcome).toBe('admitted');
  });

  it('that is larger than the plan’s own limit can never fit, whichever limit it is', () => {
    for (const metric of ['tpm', 'tpd', 'tokens_per_month'] as const) {
      const { reserve } = engineWith({ [metric]: 10 });
      expect(reserve('a', 11, START)).toMatchObject({ outcome: 'denied', code: 'quota_never_fits' });
      expect(reserve('a', 10, START)).toMatchObject({ outcome: 'admitted' });
    }
  });

  it('without limits is admitted, and what is not limited is not shown', () => {
    expect(engineWith({}).reserve('a', 100_000_000, START)).toMatchObject({
      outcome: 'admitted',
      limits: [],
    });
  });

  it('counts as one request until it is given back; a settle of 0 gives nothing back', () => {
    const { reserve, release, settle, counted } = engineWith({ requests_per_day: 2 });
    reserve('a', 5, START);
    reserve('b', 5, START);
    settle('a', 0, START);
    expect(reserve('c', 5, START)).toMatchObject({
      outcome: 'refused',
      blocking: { metric: 'requests_per_day', requested: 1 },
    });
    release('b', START);
    expect(reserve('c', 5, START).outcome).toBe('admitted');
    expect(counted('requests_per_day', START)).toEqual([2, 0]);
  });

  it('names its priority and discount', () => {
    const { reserve } = engineWith({}, { fallback: { priority: 'P0', tokenDiscount: '20%' } });
    expect(reserve('a', 1, START)).toMatchObject({ priority: 'P0', tokenDiscount: '20%' });
  });

  it('asks for a model where the plan lists them', () => {
    const { reserve } = engineWith({ models: ['gpt-4o', 'qwen-*'] });
    const answer = (model: string | null) => reserve('a', 1, START, { model });
    expect(answer(null)).toMatchObject({ code: 'model_required' });
    expect(answer('gpt-4o-mini')).toMatchObject({ code: 'model_not_allowed' });
    expect(answer('qwen-turbo')).toMatchObject({ outcome: 'admitted' });
  });
});

describe('one request_id', () => {
  it('is one hold for reserve and consume alike', () => {
    const { reserve, counted } = engineWith({ tpd: 100 });
    reserve('a', 30, START);
    expect(counted('tpd', START)).toEqual([0, 30]);
    reserve('a', 30, START, { settle: true });
    reserve('a', 30, START, { settle: true });
    reserve('a', 30, START);
    expect(counted('tpd', START)).toEqual([30, 0]);
  });

  it('is the same hold though the limits have become too small for it', () => {
    const { reserve, apply } = engineWith({ tpm: 100 });
    const first = reserve('a', 60, START);
    apply(snapshotOf({ tpm: 50, models: ['gpt-4o'] }, { version: 2 }));
    expect(reserve('a', 60, START)).toMatchObject({ ...first, limits: [{ limit: 50, reserved: 60 }] });
    expect(reserve('a', 61, START)).toMatchObject({ code: 'request_id_conflict' });
  });

  it('with another amount is a conflict', () => {
    const { reserve } = engineWith({});
    reserve('a', 30, START, { settle: true });
    expect(reserve('a', 31, START)).toMatchObject({ outcome: 'denied', code: 'request_id_conflict' });
  });

  it('is decided anew after a refusal', () => {
    const { reserve } = engineWith({ tpm: 10 });
    reserve('a', 10, START);
    expect(reserve('b', 10, START).outcome).toBe('refused');
    expect(reserve('b', 10, START + 61_000)).toMatchObject({
      outcome: 'admitted',
      expiresAt: START + 661_000,
    });
  });

  it('is free again once its admission is more than a day old', () => {
    const { reserve, settle } = engineWith({});
    reserve('a', 10, START);
    settle('a', 10, START);
    expect(reserve('a', 10, START + DAY)).toMatchObject({
      outcome: 'admitted',
      expiresAt: START + 600_000,
    });
    expect(reserve('a', 11, START + DAY + SECOND)).toMatchObject({
      outcome: 'admitted',
      expiresAt: START + DAY + 601_000,
    });
  });
});

describe('a settle', () => {
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

describe('a key', () => {
  it('that died is refused from the next request on, also after a restart and an older snapshot', () => {
    const { reserve, read, apply, restart } = engineWith({});
    apply(snapshotOf({}, { version: 2, keyVersions: { k0: 2 } }));
    apply(snapshotOf({}, { version: 1 }));
    restart();
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
    expect(settle('unheard of', 1, START)).toMatchObject({ code: 'reservation_not_found' });
  });

  it('of a frozen owner is refused; a person still reads', () => {
    const { reserve, read } = engineWith({}, { frozen: true });
    expect(reserve('a', 1, START)).toMatchObject({ code: 'owner_frozen' });
    expect(read(START, { spender: spenderOf('k0') })).toMatchObject({ code: 'owner_frozen' });
    expect(read(START)).toMatchObject({ limits: [] });
  });
});

describe('limits over time', () => {
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

describe('the clock', () => {
  it('never steps back while the object lives', () => {
    const { reserve, counted } = engineWith({ tpm: 10, tpd: 10 });
    const midnight = nextMidnight(START);
    reserve('a', 10, midnight - SECOND);
    expect(counted('tpd', midnight)).toEqual([0, 0]);
    expect(counted('tpd', midnight - SECOND)).toEqual([0, 0]);
    expect(counted('tpm', START)).toEqual([0, 10]);
  });

  it('never steps back behind an admission, not even by a restart', () => {
    const { reserve, restart } = engineWith({ tpm: 10 });
    reserve('a', 10, START + 90_000);
    restart();
    expect(reserve('b', 10, START)).toMatchObject({ outcome: 'refused', retryAfter: 61 });
  });

  it('never steps back behind a day that was closed, not even by a restart', () => {
    const { reserve, read, restart } = engineWith({ tpd: 100 });
    const midnight = nextMidnight(START);
    reserve('a', 100, midnight - 120_000, { settle: true });
    read(midnight);
    restart();
    expect(reserve('b', 100, midnight - SECOND)).toMatchObject({ outcome: 'admitted' });
    restart();
    expect(reserve('c', 1, midnight - SECOND)).toMatchObject({ outcome: 'refused' });
  });
});

describe('a request_id of yesterday', () => {
  it('is a new one after 24 hours, of whatever amount, and within the limits', () => {
    const { reserve } = engineWith({ tpm: 100, tpd: 1000 });
    reserve('a', 60, START);
    const later = START + 25 * 3600 * SECOND;
    reserve('b', 60, later);
    expect(reserve('a', 60, later, { settle: true })).toMatchObject({ outcome: 'refused' });
    expect(reserve('a', 40, later)).toMatchObject({
      outcome: 'admitted',
      tokens: 40,
      expiresAt: later + 600_000,
    });
  });

  it('is told to have run out within them, also by a consume: that would pass the limits', () => {
    const { reserve } = engineWith({ tpm: 100 });
    reserve('a', 60, START);
    reserve('b', 60, START + 3_600_000);
    expect(reserve('a', 60, START + 3_600_000, { settle: true })).toMatchObject({
      code: 'reservation_expired',
    });
  });
});
