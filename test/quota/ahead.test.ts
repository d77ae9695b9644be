import { describe, expect, it } from 'vitest';
import { SECOND } from '#kernel/clock';
import { Ceiling } from '#quota/ahead';
import type { Ahead } from '#quota/journal';
import type { Limited } from '#quota/rules';
import { limitOf, START, utc } from './ledger.ts';

const NOTHING: Ahead = { amounts: [], latestExpiry: 0, clock: 0 };
const place = utc(START);

/** A ceiling under these limits, with plenty of room below them; gives what it writes of one counter. */
function ceilingOf(limited: Limited[], room = Number.POSITIVE_INFINITY, ahead = NOTHING) {
  const ceiling = new Ceiling(ahead);
  const admit = (tokens: number, ttl = 600) =>
    ceiling.admit({ tokens, expiresAt: START + ttl * SECOND, place, now: START }, limited, () => room);
  return {
    ceiling,
    admit,
    amount: (tokens: number, key: string) => new Map(admit(tokens)?.amounts).get(key),
  };
}

const DAY = 'tpd:2026-11-20';
const REQUESTS = 'requests_per_day:2026-11-20';

const ALL = (['tpm', 'tpd', 'requests_per_day', 'tokens_per_month'] as const).map((one) =>
  limitOf(one, 10_000),
);

describe('the ceiling', () => {
  it('is written for the first admission, and then only once a block is spent', () => {
    const { admit, amount } = ceilingOf(ALL);
    expect(amount(100, DAY)).toBe(100 + 1000);
    for (let count = 0; count < 10; count++) expect(admit(100)).toBeNull();
    expect(amount(100, DAY)).toBe(1200 + 1000);
  });

  it('is a block above what is spent: a tenth of the limit, or the request where that is more', () => {
    expect(ceilingOf([limitOf('tpd', 10_000)]).amount(1, DAY)).toBe(1 + 1000);
    expect(ceilingOf([limitOf('tpd', 10_000)]).amount(5000, DAY)).toBe(5000 + 5000);
  });

  it('is never above the limit', () => {
    expect(ceilingOf([limitOf('tpd', 10_000)], 30).amount(100, DAY)).toBe(130);
    expect(ceilingOf([limitOf('tpd', 10_000)], 0).amount(100, DAY)).toBe(100);
  });

  it('is written each time for limits under 1,000 tokens or 100 requests', () => {
    for (const limit of [limitOf('tpd', 999), limitOf('tpm', 999), limitOf('requests_per_day', 99)]) {
      const { admit } = ceilingOf([limit]);
      for (let count = 0; count < 5; count++) expect(admit(1)).not.toBeNull();
    }
    expect(ceilingOf([limitOf('requests_per_day', 99)]).amount(1, REQUESTS)).toBe(1);
    expect(ceilingOf([limitOf('requests_per_day', 100)]).amount(1, REQUESTS)).toBe(1 + 10);
    expect(ceilingOf([limitOf('tpd', 1000)]).amount(1, DAY)).toBe(1 + 100);
  });

  it('has one amount for all seconds of the minute', () => {
    const { ceiling } = ceilingOf([]);
    const limited = [limitOf('tpm', 10_000)];
    const amounts = [0, 1, 2].map((second) => {
      const now = START + second * SECOND;
      const one = { tokens: 900, expiresAt: now, place: utc(now), now };
      return new Map(ceiling.admit(one, limited, () => 10_000)?.amounts).get('tpm');
    });
    expect(amounts).toEqual([1900, undefined, 3700]);
  });

  it('knows counters that have no limit: one may come', () => {
    const { admit } = ceilingOf([]);
    expect(Object.fromEntries(admit(100)?.amounts ?? [])).toMatchObject({
      tpm: 200,
      [DAY]: 200,
      [REQUESTS]: 2,
    });
  });

  it('notes the latest expiry, a while later than it is, and never an earlier one', () => {
    const { admit } = ceilingOf([limitOf('tpd', 10_000)]);
    expect(admit(1, 600)?.latestExpiry).toBe(START + 660 * SECOND);
    expect(admit(1, 660)).toBeNull();
    expect(admit(1, 661)?.latestExpiry).toBe(START + 721 * SECOND);
    // It outgrows the block, but runs out first.
    expect(admit(5000, 10)?.latestExpiry).toBe(START + 721 * SECOND);
  });

  it('takes what was written ahead before a start as spent', () => {
    const before = { amounts: [[DAY, 1000]] as [string, number][], latestExpiry: START + 9e6, clock: START };
    expect(ceilingOf([limitOf('tpd', 10_000)], Infinity, before).amount(1, DAY)).toBe(1001 + 1000);
  });

  it('begins anew once the exact state is written', () => {
    const { ceiling, amount } = ceilingOf([limitOf('tpd', 10_000)]);
    amount(500, DAY);
    ceiling.reset();
    expect(amount(100, DAY)).toBe(100 + 1000);
  });
});
