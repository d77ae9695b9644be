import { describe, expect, it } from 'vitest';
import { SECOND } from '#kernel/clock';
import type { Reservation } from '#kernel/quota';
import type { Ended, Loaded } from '#quota/journal';
import { recover } from '#quota/recovery';
import { momentOf } from '#quota/rules';
import { nextMidnight, START } from '../support/quota-fixtures.ts';
import { AHEAD } from './engine-with.ts';
import { Ledger, utc } from './ledger.ts';

const DAY = 'tpd:2026-10-30';
const reservation = (id: string, tokens: number, madeAt = START): Reservation => ({
  id,
  tokens,
  userId: 'u_1',
  keyId: 'k_1',
  model: null,
  test: false,
  madeAt,
  expiresAt: madeAt + 600 * SECOND,
});
const ended = (one: Reservation, state: Ended['state'], settled = 0, late = false): Ended => ({
  ...one,
  state,
  settled,
  endedAt: one.madeAt,
  late,
});

/** What is put together of a disk on which so much may have been admitted. */
function recovered(written: Partial<Loaded>, entries: Ended[][] = []) {
  const result = recover(
    {
      snapshot: null,
      base: { clock: START - 1, counters: [], slack: [], slackUntil: 0, folded: 0 },
      ahead: { amounts: [[DAY, 100]], latestExpiry: START + 600 * SECOND, clock: START },
      held: [],
      entries: entries.map((together, index) => ({ seq: index + 1, ended: together })),
      lastSeq: entries.length,
      ...written,
    },
    (one) => ({ ...utc(one.madeAt), tokens: one.tokens, expiresAt: one.expiresAt }),
    (at) => momentOf('UTC', at),
  );
  return { ...result, feared: result.unknown.get(DAY), counts: new Ledger(result.changes).get(DAY) };
}

describe('what was written ahead', () => {
  it('is all unknown where nothing ended since', () => {
    expect(recovered({}).feared).toBe(100);
  });

  it('is less by what has ended since, and that is booked', () => {
    const one = reservation('a', 30);
    const settled = recovered({}, [[ended(one, 'settled', 20)]]);
    expect([settled.feared, settled.counts]).toEqual([70, { used: 20, reserved: 0 }]);
    const released = recovered({}, [[ended(one, 'released')]]);
    expect([released.feared, released.counts]).toEqual([70, { used: 0, reserved: 0 }]);
  });

  it('is less by each only once, though it ran out and was released after that', () => {
    const one = reservation('a', 30);
    expect(recovered({}, [[ended(one, 'expired')], [ended(one, 'released')]]).feared).toBe(70);
    expect(recovered({}, [[ended(one, 'expired')], [ended(one, 'settled', 9, true)]])).toMatchObject({
      feared: 70,
      counts: { used: 9, reserved: 0 },
    });
  });

  it('has nothing to do with what was held when the exact state was written', () => {
    const one = reservation('a', 30, START - SECOND);
    const { feared, counts, held } = recovered({ held: [one] }, [[ended(one, 'settled', 20)]]);
    expect([feared, counts, held]).toEqual([100, { used: 20, reserved: -30 }, []]);
  });

  it('has nothing to do with what an earlier crash had lost', () => {
    const one = reservation('a', 30, START - SECOND);
    expect(recovered({}, [[ended(one, 'settled', 20)]])).toMatchObject({
      feared: 100,
      counts: { used: 20, reserved: 0 },
    });
  });

  it('knows what is in the exact state already', () => {
    const one = reservation('a', 30, START - SECOND);
    const base = { clock: START - 1, counters: [], slack: [], slackUntil: 0, folded: 1 };
    const { changes, ended: remembered, held } = recovered({ base, held: [one] }, [[ended(one, 'released')]]);
    expect([changes, remembered, held]).toEqual([[], [], []]);
  });
});

describe('an object that starts after a crash', () => {
  const { engineWith } = AHEAD;

  it('takes the minute as spent at the restart, so that it slides out in 61 seconds', () => {
    const { reserve, crash, counted } = engineWith({ tpm: 500 });
    reserve('a', 100, START);
    crash();
    const restart = START + 30 * SECOND;
    expect(counted('tpm', restart)).toEqual([0, 100]);
    expect(counted('tpm', restart + 60 * SECOND)).toEqual([0, 100]);
    expect(counted('tpm', restart + 61 * SECOND)).toEqual([0, 0]);
  });

  it('never begins above the limit', () => {
    const { reserve, crash, counted } = engineWith({ tpm: 1000, tpd: 1000, requests_per_day: 100 });
    reserve('a', 700, START);
    crash();
    expect([counted('tpm', START), counted('tpd', START)]).toEqual([
      [0, 1000],
      [0, 1000],
    ]);
    expect(counted('requests_per_day', START)?.[1]).toBeLessThanOrEqual(100);
  });

  it('falls back to what was settled once the latest expiry is past', () => {
    const { reserve, settle, crash, counted } = engineWith({ tpd: 1000 });
    reserve('a', 100, START);
    reserve('b', 100, START);
    settle('b', 60, START);
    crash();
    const latest = START + 660 * SECOND;
    expect(counted('tpd', latest - 1)?.[1]).toBeGreaterThanOrEqual(100);
    expect(counted('tpd', latest)).toEqual([60, 0]);
  });

  it('fears for yesterday nothing that today could show', () => {
    const midnight = nextMidnight(START);
    const { reserve, crash, counted } = engineWith({ tpd: 1000 });
    reserve('a', 400, midnight - SECOND);
    crash();
    expect(counted('tpd', midnight)).toEqual([0, 0]);
  });
});
