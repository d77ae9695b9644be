import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { MIDNIGHTS, START, snapshotOf, spenderOf } from '../support/quota-fixtures.ts';
import { STRATEGIES } from './engine-with.ts';

describe.each(STRATEGIES)('an admission, $strategy', ({ engineWith }) => {
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

  it('says all that its id is to carry', () => {
    const { reserve } = engineWith({});
    const spender = spenderOf('k1', { userId: 'u_2', test: true });
    expect(reserve('a', 7, START, { spender, model: 'gpt-4o', ttlSeconds: 60 })).toMatchObject({
      reservation: {
        id: 'a',
        tokens: 7,
        userId: 'u_2',
        keyId: 'k1',
        model: 'gpt-4o',
        test: true,
        madeAt: START,
        expiresAt: START + 60_000,
      },
    });
  });

  it('without a request_id is a new one each time', () => {
    const { reserve, counted } = engineWith({ tpd: 100 });
    for (const id of ['a', 'b']) reserve(id, 30, START, { named: false });
    expect(counted('tpd', START)).toEqual([0, 60]);
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

describe.each(STRATEGIES)('one request_id, $strategy', ({ engineWith }) => {
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
      reservation: { expiresAt: START + 661_000 },
    });
  });

  it('is free again once its admission is more than a day old', () => {
    const { reserve, settle } = engineWith({});
    reserve('a', 10, START);
    settle('a', 10, START);
    expect(reserve('a', 10, START + DAY)).toMatchObject({
      outcome: 'admitted',
      reservation: { expiresAt: START + 600_000 },
    });
    expect(reserve('a', 11, START + DAY + SECOND)).toMatchObject({
      outcome: 'admitted',
      reservation: { expiresAt: START + DAY + 601_000 },
    });
  });
});

describe.each(STRATEGIES)('a request_id of yesterday, $strategy', ({ engineWith }) => {
  it('is a new one after 24 hours, of whatever amount, and within the limits', () => {
    const { reserve } = engineWith({ tpm: 100, tpd: 1000 });
    reserve('a', 60, START);
    const later = START + 25 * 3600 * SECOND;
    reserve('b', 60, later);
    expect(reserve('a', 60, later, { settle: true })).toMatchObject({ outcome: 'refused' });
    expect(reserve('a', 40, later)).toMatchObject({
      outcome: 'admitted',
      reservation: { tokens: 40, expiresAt: later + 600_000 },
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
