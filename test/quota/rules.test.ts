import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '#kernel/clock';
import type { OwnerMetric } from '#kernel/quota';
import {
  type Change,
  type Counters,
  changesOfHold,
  changesOfLateSettle,
  changesOfReturn,
  changesOfSettle,
  costOf,
  fitsAt,
  type Hold,
  isStale,
  limitedMetrics,
  limitsAt,
  type Moment,
  momentOf,
  OWNER_METRICS,
  readLimit,
  retryAfter,
  type Tally,
  tallyOf,
} from '#quota/rules';

const START = Date.parse('2026-11-20T12:00:00Z');
const S0 = START / SECOND;

/** Counters in a map: what the changes add up to. */
class Ledger implements Counters {
  readonly tallies = new Map<string, Tally>();

  constructor(...changes: Change[][]) {
    for (const one of changes) this.add(one);
  }

  add(changes: Change[]): void {
    for (const { key, used, reserved } of changes) {
      const before = this.get(key);
      this.tallies.set(key, { used: before.used + used, reserved: before.reserved + reserved });
    }
  }

  get(key: string): Tally {
    return this.tallies.get(key) ?? { used: 0, reserved: 0 };
  }

  seconds(): number[] {
    const keys = [...this.tallies.keys()].filter((key) => key.startsWith('tpm:'));
    return keys.map((key) => Number(key.slice(4))).sort((a, b) => a - b);
  }

  /** What is not nothing. */
  rest(): Record<string, Tally> {
    return Object.fromEntries(
      [...this.tallies].filter(([, { used, reserved }]) => used !== 0 || reserved !== 0),
    );
  }
}

const utc = (now: number) => momentOf('UTC', now);
const holdAt = (tokens: number, moment: Moment): Hold => ({ ...moment, tokens, expiresAt: 0 });
const total = ({ used, reserved }: Tally) => used + reserved;

/** Tokens held at some seconds of the last minute; positive ones. */
const buckets = fc.array(
  fc.record({ ago: fc.integer({ min: 0, max: 60 }), tokens: fc.integer({ min: 1, max: 50 }) }),
  {
    maxLength: 12,
  },
);

const ago = (seconds: number) => ({ ago: seconds, tokens: 1 });

function minuteOf(held: { ago: number; tokens: number }[], now: number): Ledger {
  return new Ledger(...held.map(({ ago, tokens }) => changesOfHold(tokens, utc(now - ago * SECOND))));
}

describe('the sliding minute', () => {
  it('never lets more than the limit into any 60 seconds, whatever the phase', () => {
    const asks = fc.array(fc.tuple(fc.nat(40_000), fc.integer({ min: 1, max: 100 })), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 300 }), asks, (limit, steps) => {
        const ledger = new Ledger();
        const admitted: { at: number; tokens: number }[] = [];
        let now = START;
        for (const [gap, tokens] of steps) {
          now += gap;
          const moment = utc(now);
          if (total(tallyOf(ledger, 'tpm', moment)) + tokens > limit) continue;
          ledger.add(changesOfHold(tokens, moment));
          admitted.push({ at: now, tokens });
        }
        for (const { at } of admitted) {
          const within = admitted.filter((one) => one.at >= at && one.at <= at + 60 * SECOND);
          expect(within.reduce((sum, one) => sum + one.tokens, 0)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it.each([
    [0, 7],
    [59, 7],
    [60, 7],
    [61, 0],
  ])('%i seconds later a bucket counts %i', (later, expected) => {
    const ledger = new Ledger(changesOfHold(7, utc(START)));
    expect(total(tallyOf(ledger, 'tpm', utc(START + later * SECOND)))).toBe(expected);
  });
});

describe('fitsAt', () => {
  it('is, for tpm, the first second in which the request fits', () => {
    fc.assert(
      fc.property(
        buckets,
        fc.integer({ min: 50, max: 300 }),
        fc.integer({ min: 1, max: 50 }),
        (held, limit, wanted) => {
          const ledger = minuteOf(held, START);
          const fits = (at: number) => total(tallyOf(ledger, 'tpm', utc(at))) + wanted <= limit;
          fc.pre(!fits(START));
          const at = fitsAt(ledger, 'tpm', limit, wanted, utc(START));
          expect(at % SECOND).toBe(0);
          expect([fits(at), fits(at - SECOND), fits(at - 1)]).toEqual([true, false, false]);
        },
      ),
    );
  });

  it.each([
    ['UTC', 'tpd', '2026-11-21T00:00:00.000Z'],
    ['UTC', 'requests_per_day', '2026-11-21T00:00:00.000Z'],
    ['UTC', 'tokens_per_month', '2026-12-01T00:00:00.000Z'],
    ['Asia/Shanghai', 'tpd', '2026-11-20T16:00:00.000Z'],
    ['Asia/Shanghai', 'tokens_per_month', '2026-11-30T16:00:00.000Z'],
    ['America/New_York', 'tpd', '2026-11-21T05:00:00.000Z'],
  ] as const)('in %s is, for %s, the next local window: %s', (zone, metric, expected) => {
    const moment = momentOf(zone, START);
    const ledger = new Ledger(changesOfHold(90, moment));
    expect(new Date(fitsAt(ledger, metric, 100, 20, moment)).toISOString()).toBe(expected);
  });
});

describe('retryAfter', () => {
  it('is ceil(second + 61 − now) for tpm, however far into its second now is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_999 }), (later) => {
        const now = START + later;
        const ledger = new Ledger(changesOfHold(100, utc(START)));
        const seconds = retryAfter(fitsAt(ledger, 'tpm', 100, 1, utc(now)), now);
        expect(seconds).toBe(Math.ceil(S0 + 61 - now / SECOND));
      }),
    );
  });

  it('is at least 1', () => {
    expect([retryAfter(START, START), retryAfter(START - SECOND, START)]).toEqual([1, 1]);
  });
});

describe('readLimit', () => {
  const read = (ledger: Ledger, metric: OwnerMetric, limit: number, now: number) =>
    readLimit(ledger, 'member', metric, limit, utc(now), now);

  it('counts what is used and what is held', () => {
    const moment = utc(START);
    const ledger = new Ledger(
      changesOfHold(30, moment),
      changesOfSettle(holdAt(30, moment), 20, moment),
      changesOfHold(5, moment),
    );
    expect(read(ledger, 'tpd', 100, START)).toMatchObject({ used: 20, reserved: 5, remaining: 75 });
    expect(read(ledger, 'tpm', 100, START)).toMatchObject({ used: 20, reserved: 5, remaining: 75 });
    expect(read(ledger, 'requests_per_day', 10, START)).toMatchObject({ used: 2, reserved: 0, remaining: 8 });
  });

  it('leaves 0, not less, where a limit was lowered below what is used', () => {
    expect(read(new Ledger(changesOfHold(30, utc(START))), 'tpd', 10, START).remaining).toBe(0);
  });

  it('resets tpm in the second in which the last counted bucket leaves', () => {
    const ledger = minuteOf([ago(40), ago(10)], START);
    expect(read(ledger, 'tpm', 100, START).resetAt).toBe(START + 51 * SECOND);
  });

  it('says in how many seconds the remainder next grows', () => {
    fc.assert(
      fc.property(buckets, buckets, fc.nat(999), (held, returned, phase) => {
        fc.pre(held.length > 0);
        const now = START + phase;
        const ledger = minuteOf(held, START);
        for (const { ago, tokens } of returned) {
          const moment = utc(START - ago * SECOND);
          ledger.add([...changesOfHold(tokens, moment), ...changesOfReturn(holdAt(tokens, moment))]);
        }
        const { remaining, growsIn } = read(ledger, 'tpm', 1000, now);
        const then = (seconds: number) => read(ledger, 'tpm', 1000, now + seconds * SECOND).remaining;
        expect(growsIn).toBeGreaterThanOrEqual(1);
        expect([then(growsIn) > remaining, then(growsIn - 1)]).toEqual([true, remaining]);
      }),
    );
  });

  it('takes no account of seconds whose tokens were all given back', () => {
    const moment = utc(START - 10 * SECOND);
    const ledger = minuteOf([ago(40)], START);
    ledger.add([...changesOfHold(9, moment), ...changesOfReturn(holdAt(9, moment))]);
    expect(read(ledger, 'tpm', 100, START)).toMatchObject({ resetAt: START + 21 * SECOND, growsIn: 21 });
  });

  it('resets a day at the next local midnight', () => {
    const reading = read(new Ledger(changesOfHold(1, utc(START))), 'tpd', 10, START);
    expect(reading).toMatchObject({ resetAt: START + 12 * 3600 * SECOND, growsIn: 12 * 3600 });
  });
});

describe('a hold and its end', () => {
  const tokens = fc.integer({ min: 1, max: 1000 });
  const later = fc.integer({ min: 0, max: 40 * 86_400 }).map((seconds) => START + seconds * SECOND);

  it('takes its tokens from second, day and month, and one request', () => {
    const ledger = new Ledger(changesOfHold(7, utc(START)));
    expect(ledger.rest()).toEqual({
      [`tpm:${S0}`]: { used: 0, reserved: 7 },
      'tpd:2026-11-20': { used: 0, reserved: 7 },
      'tokens_per_month:2026-11': { used: 0, reserved: 7 },
      'requests_per_day:2026-11-20': { used: 1, reserved: 0 },
    });
  });

  it('leaves nothing when it is returned', () => {
    fc.assert(
      fc.property(tokens, (held) => {
        const moment = utc(START);
        expect(new Ledger(changesOfHold(held, moment), changesOfReturn(holdAt(held, moment))).rest()).toEqual(
          {},
        );
      }),
    );
  });

  it('leaves what was settled used, nothing reserved and one request', () => {
    fc.assert(
      fc.property(tokens, fc.nat(2000), later, (held, settled, at) => {
        const moment = utc(START);
        const ledger = new Ledger(
          changesOfHold(held, moment),
          changesOfSettle(holdAt(held, moment), settled, utc(at)),
        );
        const sum = (metric: OwnerMetric) =>
          Object.entries(ledger.rest())
            .filter(([key]) => key.startsWith(`${metric}:`))
            .reduce(
              (all, [, { used, reserved }]) => [(all[0] ?? 0) + used, (all[1] ?? 0) + reserved],
              [0, 0],
            );
        expect(sum('tpm')).toEqual([settled, 0]);
        expect(sum('tpd')).toEqual([settled, 0]);
        expect(sum('tokens_per_month')).toEqual([settled, 0]);
        expect(sum('requests_per_day')).toEqual([1, 0]);
      }),
    );
  });

  it('settled below, gives back to the windows it came from and touches no other', () => {
    const then = utc(Date.parse('2026-12-01T00:10:00Z'));
    const origin = utc(Date.parse('2026-11-30T23:50:00Z'));
    const ledger = new Ledger(changesOfHold(10, origin), changesOfSettle(holdAt(10, origin), 4, then));
    expect(ledger.rest()).toEqual({
      [`tpm:${origin.second}`]: { used: 4, reserved: 0 },
      'tpd:2026-11-30': { used: 4, reserved: 0 },
      'tokens_per_month:2026-11': { used: 4, reserved: 0 },
      'requests_per_day:2026-11-30': { used: 1, reserved: 0 },
    });
  });

  it('settled above, weighs with the excess on the second, day and month of the settle', () => {
    const then = utc(Date.parse('2026-12-01T00:10:00Z'));
    const origin = utc(Date.parse('2026-11-30T23:50:00Z'));
    const ledger = new Ledger(changesOfHold(10, origin), changesOfSettle(holdAt(10, origin), 13, then));
    expect(ledger.rest()).toEqual({
      [`tpm:${origin.second}`]: { used: 10, reserved: 0 },
      [`tpm:${then.second}`]: { used: 3, reserved: 0 },
      'tpd:2026-11-30': { used: 10, reserved: 0 },
      'tpd:2026-12-01': { used: 3, reserved: 0 },
      'tokens_per_month:2026-11': { used: 10, reserved: 0 },
      'tokens_per_month:2026-12': { used: 3, reserved: 0 },
      'requests_per_day:2026-11-30': { used: 1, reserved: 0 },
    });
  });

  it('settled after it was given back, counts once all the same', () => {
    const origin = utc(START);
    const then = utc(START + 3600 * SECOND);
    const hold = holdAt(10, origin);
    const ledger = new Ledger(changesOfHold(10, origin), changesOfReturn(hold), changesOfLateSettle(4, then));
    expect(ledger.rest()).toEqual({
      [`tpm:${then.second}`]: { used: 4, reserved: 0 },
      'tpd:2026-11-20': { used: 4, reserved: 0 },
      'tokens_per_month:2026-11': { used: 4, reserved: 0 },
      'requests_per_day:2026-11-20': { used: 1, reserved: 0 },
    });
  });

  it('costs tokens everywhere but one among requests', () => {
    expect(OWNER_METRICS.map((metric) => costOf(metric, 9))).toEqual([9, 9, 1, 9]);
  });
});

describe('isStale', () => {
  it.each([
    [`tpm:${S0}`, 60, false],
    [`tpm:${S0}`, 61, true],
    ['tpd:2026-11-20', 12 * 3600 - 1, false],
    ['tpd:2026-11-20', 12 * 3600, true],
    ['requests_per_day:2026-11-20', 12 * 3600 - 1, false],
    ['requests_per_day:2026-11-20', 12 * 3600, true],
    ['tokens_per_month:2026-11', 10 * 86_400, false],
    ['tokens_per_month:2026-11', 11 * 86_400, true],
    ['tokens_per_month:2026-12', 0, false],
  ])('%s after %i s: %s', (key, seconds, expected) => {
    expect(isStale(key, utc(START + seconds * SECOND))).toBe(expected);
  });
});

describe('the limits of a moment', () => {
  const plan = (tpm: number) => ({ tpm, priority: 'P2', tokenDiscount: null });
  const snapshot = {
    version: 1,
    scope: 'member' as const,
    timeZone: 'UTC',
    frozen: false,
    fallback: plan(1),
    spans: [
      { from: 100, until: 300, limits: plan(2) },
      { from: 200, until: 300, limits: plan(3) },
      { from: 400, until: null, limits: plan(4) },
    ],
    keyVersions: {},
  };

  it.each([
    [99, 1],
    [100, 2],
    [199, 2],
    [200, 3],
    [299, 3],
    [300, 1],
    [400, 4],
    [Number.MAX_SAFE_INTEGER, 4],
  ])('at %i are those of span %i: a start is within, an end is not, later spans win', (now, tpm) => {
    expect(limitsAt(snapshot, now).tpm).toBe(tpm);
  });

  it('are those that the plan sets', () => {
    expect(limitedMetrics({ tpd: 5, requests_per_day: 2, priority: 'P2', tokenDiscount: null })).toEqual([
      { metric: 'tpd', limit: 5 },
      { metric: 'requests_per_day', limit: 2 },
    ]);
  });
});

describe('momentOf', () => {
  it.each([
    ['Asia/Shanghai', '2026-11-30T16:00:00Z', '2026-12-01', '2026-12', '2026-12-01T16:00:00.000Z'],
    ['Asia/Shanghai', '2026-11-30T15:59:59Z', '2026-11-30', '2026-11', '2026-11-30T16:00:00.000Z'],
    ['America/New_York', '2026-11-01T04:30:00Z', '2026-11-01', '2026-11', '2026-11-02T05:00:00.000Z'],
  ])('in %s at %s is %s', (zone, now, day, month, dayEnds) => {
    const moment = momentOf(zone, Date.parse(now));
    expect([moment.day, moment.month, new Date(moment.dayEnds).toISOString()]).toEqual([day, month, dayEnds]);
  });
});
