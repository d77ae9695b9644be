import { describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '#kernel/clock';
import type { Ended } from '#quota/journal';
import { deliveryOf } from '#quota/usage';

const START = Date.parse('2026-11-20T23:00:00Z');
const TODAY = '2026-11-20';
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

const settled = (more: Partial<Ended> = {}): Ended => ({
  id: 'a',
  tokens: 10,
  userId: 'u_1',
  keyId: 'k_1',
  model: 'gpt-4o',
  test: false,
  madeAt: START,
  expiresAt: START + 600 * SECOND,
  state: 'settled',
  settled: 10,
  endedAt: START,
  late: false,
  ...more,
});

const deliver = (ended: Ended[][], models: Record<string, string[]> = {}) =>
  deliveryOf(
    ended.map((together, index) => ({ seq: index + 8, ended: together })),
    { seq: 7, models },
    dayOf,
    0,
  );
const rowsOf = (...ended: Ended[]) => deliver([ended]).delivery.rows;
const ROW = { userId: 'u_1', keyId: 'k_1', model: 'gpt-4o', day: TODAY, test: false };

describe('usage that is delivered', () => {
  it('is summed over entries by user, key, model, day and test', () => {
    const { delivery, next } = deliver([
      [settled(), settled({ settled: 5 }), settled({ userId: 'u_2' })],
      [settled({ settled: 0 }), settled({ keyId: 'k_2' }), settled({ model: 'm' }), settled({ test: true })],
    ]);
    expect(delivery.rows).toEqual([
      { ...ROW, tokens: 15, requests: 3, expired: 0 },
      { ...ROW, userId: 'u_2', tokens: 10, requests: 1, expired: 0 },
      { ...ROW, keyId: 'k_2', tokens: 10, requests: 1, expired: 0 },
      { ...ROW, model: 'm', tokens: 10, requests: 1, expired: 0 },
      { ...ROW, test: true, tokens: 10, requests: 1, expired: 0 },
    ]);
    expect([delivery.after, delivery.upTo, next.seq]).toEqual([7, 9, 9]);
  });

  it('is of the reservation’s day, however late it was settled, and with all that was above it', () => {
    const endedAt = START + 23 * HOUR;
    expect(rowsOf(settled({ settled: 30, endedAt }), settled({ settled: 4, endedAt, late: true }))).toEqual([
      { ...ROW, tokens: 34, requests: 2, expired: 0 },
    ]);
  });

  it('tells what ran out apart, and is nothing of what was released', () => {
    expect(
      rowsOf(settled({ state: 'expired', settled: 0 }), settled({ state: 'released', settled: 0 })),
    ).toEqual([{ ...ROW, tokens: 0, requests: 0, expired: 10 }]);
  });

  it('counts both where what ran out was settled late', () => {
    expect(rowsOf(settled({ state: 'expired', settled: 0 }), settled({ settled: 6, late: true }))).toEqual([
      { ...ROW, tokens: 6, requests: 1, expired: 10 },
    ]);
  });

  it('without a model is of none', () => {
    expect(rowsOf(settled({ model: null }))).toMatchObject([{ model: '' }]);
  });

  it('of nothing goes no further', () => {
    const { delivery, next } = deliver([]);
    expect([delivery.rows, delivery.upTo, next.seq]).toEqual([[], 7, 7]);
  });
});

describe('the models of a day', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => `m-${index}`);

  it('past a hundred count as other; those that were seen stay themselves', () => {
    const rows = rowsOf(...[...hundred, 'one too many', 'm-7', 'another'].map((model) => settled({ model })));
    expect(rows).toHaveLength(101);
    expect(rows.find(({ model }) => model === 'm-7')).toMatchObject({ requests: 2 });
    expect(rows.at(-1)).toMatchObject({ model: 'other', requests: 2, tokens: 20 });
  });

  it('are remembered from one delivery to the next, each day by itself', () => {
    const { next } = deliver([hundred.map((model) => settled({ model }))]);
    const again = deliver(
      [[settled({ model: 'new' }), settled({ model: 'new', madeAt: START + DAY })]],
      next.models,
    );
    expect(again.delivery.rows).toMatchObject([
      { model: 'other', day: TODAY },
      { model: 'new', day: '2026-11-21' },
    ]);
  });

  it('are forgotten with days that nothing comes of any more', () => {
    const models = { '2026-11-01': ['a'], '2026-11-18': ['b'], '2026-11-19': ['c'] };
    expect(Object.keys(deliver([[settled()]], models).next.models).toSorted()).toEqual([
      '2026-11-18',
      '2026-11-19',
      TODAY,
    ]);
  });
});
