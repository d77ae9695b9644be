import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '#kernel/clock';
import { changesOfHold, changesOfReturn, changesOfSettle } from '#quota/changes';
import {
  costOf,
  fitsAt,
  type Limited,
  limitsAt,
  memberLimits,
  momentOf,
  ownerLimits,
  readLimit,
  retryAfter,
  type Tally,
  tallyOf,
} from '#quota/rules';
import { capOf, holdAt, Ledger, limitOf, S0, START, utc } from './ledger.ts';

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
          if (total(tallyOf(ledger, limitOf('tpm'), moment)) + tokens > limit) continue;
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
    expect(total(tallyOf(ledger, limitOf('tpm'), utc(START + later * SECOND)))).toBe(expected);
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
          const fits = (at: number) => total(tallyOf(ledger, limitOf('tpm'), utc(at))) + wanted <= limit;
          fc.pre(!fits(START));
          const at = fitsAt(ledger, limitOf('tpm', limit), wanted, utc(START));
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
    const moment = { ...momentOf(zone, START), member: null };
    const ledger = new Ledger(changesOfHold(90, moment));
    expect(new Date(fitsAt(ledger, limitOf(metric, 100), 20, moment)).toISOString()).toBe(expected);
  });

  it.each([
    ['UTC', 'tokens_per_day', '2026-11-21T00:00:00.000Z'],
    ['UTC', 'requests_per_day', '2026-11-21T00:00:00.000Z'],
    ['America/New_York', 'tokens_per_day', '2026-11-21T05:00:00.000Z'],
  ] as const)(
    'in %s is, for a member’s cap of %s, the next local midnight, also for a cap of 0: %s',
    (zone, metric, expected) => {
      const moment = { ...momentOf(zone, START), member: 'u_1' };
      const used = new Ledger(changesOfHold(90, moment));
      const at = (ledger: Ledger, cap: number) => fitsAt(ledger, capOf(metric, cap, 'u_1'), 20, moment);
      expect(new Date(at(used, 1)).toISOString()).toBe(expected);
      expect(at(new Ledger(), 0)).toBe(at(used, 1));
    },
  );
});

describe('retryAfter', () => {
  it('is ceil(second + 61 − now) for tpm, however far into its second now is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_999 }), (later) => {
        const now = START + later;
        const ledger = new Ledger(changesOfHold(100, utc(START)));
        const seconds = retryAfter(fitsAt(ledger, limitOf('tpm', 100), 1, utc(now)), now);
        expect(seconds).toBe(Math.ceil(S0 + 61 - now / SECOND));
      }),
    );
  });

  it('is at least 1', () => {
    expect([retryAfter(START, START), retryAfter(START - SECOND, START)]).toEqual([1, 1]);
  });
});

describe('readLimit', () => {
  const read = (ledger: Ledger, limited: Limited, now: number) => readLimit(ledger, limited, utc(now), now);

  it('counts what is used and what is held', () => {
    const moment = utc(START);
    const ledger = new Ledger(
      changesOfHold(30, moment),
      changesOfSettle(holdAt(30, moment), 20, moment),
      changesOfHold(5, moment),
    );
    expect(read(ledger, limitOf('tpd', 100), START)).toMatchObject({ used: 20, reserved: 5, remaining: 75 });
    expect(read(ledger, limitOf('tpm', 100), START)).toMatchObject({ used: 20, reserved: 5, remaining: 75 });
    expect(read(ledger, limitOf('requests_per_day', 10), START)).toMatchObject({
      used: 2,
      reserved: 0,
      remaining: 8,
    });
  });

  it('counts for a member what it spends itself, and for the pool what all of them do', () => {
    const ledger = new Ledger(changesOfHold(30, utc(START, 'u_1')), changesOfHold(5, utc(START, 'u_2')));
    const tokens = (member: string) => read(ledger, capOf('tokens_per_day', 100, member), START);
    const requests = (member: string) => read(ledger, capOf('requests_per_day', 10, member), START);
    expect(tokens('u_1')).toMatchObject({ scope: 'enterprise_member', reserved: 30, remaining: 70 });
    expect(tokens('u_2')).toMatchObject({ scope: 'enterprise_member', reserved: 5, remaining: 95 });
    expect(tokens('u_3')).toMatchObject({ used: 0, reserved: 0, remaining: 100 });
    expect([requests('u_1').used, requests('u_2').used, requests('u_3').used]).toEqual([1, 1, 0]);
    expect(read(ledger, limitOf('tpd', 100), START)).toMatchObject({ reserved: 35, remaining: 65 });
    expect(read(ledger, limitOf('requests_per_day', 10), START)).toMatchObject({ used: 2, remaining: 8 });
  });

  it('leaves 0, not less, where a limit was lowered below what is used', () => {
    expect(read(new Ledger(changesOfHold(30, utc(START))), limitOf('tpd', 10), START).remaining).toBe(0);
  });

  it('resets tpm in the second in which the last counted bucket leaves', () => {
    const ledger = minuteOf([ago(40), ago(10)], START);
    expect(read(ledger, limitOf('tpm', 100), START).resetAt).toBe(START + 51 * SECOND);
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
        const { remaining, growsIn } = read(ledger, limitOf('tpm', 1000), now);
        const then = (seconds: number) =>
          read(ledger, limitOf('tpm', 1000), now + seconds * SECOND).remaining;
        expect(growsIn).toBeGreaterThanOrEqual(1);
        expect([then(growsIn) > remaining, then(growsIn - 1)]).toEqual([true, remaining]);
      }),
    );
  });

  it('takes no account of seconds whose tokens were all given back', () => {
    const moment = utc(START - 10 * SECOND);
    const ledger = minuteOf([ago(40)], START);
    ledger.add([...changesOfHold(9, moment), ...changesOfReturn(holdAt(9, moment))]);
    expect(read(ledger, limitOf('tpm', 100), START)).toMatchObject({
      resetAt: START + 21 * SECOND,
      growsIn: 21,
    });
  });

  it('resets a day at the next local midnight', () => {
    const reading = read(new Ledger(changesOfHold(1, utc(START))), limitOf('tpd', 10), START);
    expect(reading).toMatchObject({ resetAt: START + 12 * 3600 * SECOND, growsIn: 12 * 3600 });
  });

  it('resets a member’s cap at the next local midnight, of whatever size, used or not', () => {
    const ledger = new Ledger(changesOfHold(1, utc(START, 'u_1')));
    for (const metric of ['tokens_per_day', 'requests_per_day'] as const) {
      const resets = [0, 1, 10].flatMap((cap) =>
        ['u_1', 'u_2'].map((member) => read(ledger, capOf(metric, cap, member), START).resetAt),
      );
      expect(new Set(resets)).toEqual(new Set([START + 12 * 3600 * SECOND]));
    }
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
    caps: {},
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
    const limits = { tpd: 5, requests_per_day: 2, priority: 'P2', tokenDiscount: null };
    expect(ownerLimits('member', limits)).toEqual([limitOf('tpd', 5), limitOf('requests_per_day', 2)]);
    expect(ownerLimits('enterprise', limits)).toEqual([
      { ...limitOf('tpd', 5), scope: 'enterprise' },
      { ...limitOf('requests_per_day', 2), scope: 'enterprise' },
    ]);
  });

  it('are for a member those that its cap sets besides: 0 is a limit, null and no cap are none', () => {
    const tokens = capOf('tokens_per_day', 0, 'u_1');
    const requests = capOf('requests_per_day', 7, 'u_1');
    expect(memberLimits({ tokens_per_day: 0, requests_per_day: 7 }, 'u_1')).toEqual([tokens, requests]);
    expect(memberLimits({ tokens_per_day: null, requests_per_day: 0 }, 'u_1')).toEqual([
      { ...requests, limit: 0 },
    ]);
    expect(memberLimits({ tokens_per_day: 0, requests_per_day: null }, 'u_1')).toEqual([tokens]);
    expect(memberLimits({ tokens_per_day: null, requests_per_day: 7 }, 'u_1')).toEqual([requests]);
    expect(memberLimits({ tokens_per_day: null, requests_per_day: null }, 'u_1')).toEqual([]);
    expect(memberLimits(undefined, 'u_1')).toEqual([]);
  });

  it('cost tokens each, but one where they are of requests', () => {
    const limits = (['tpm', 'tpd', 'requests_per_day', 'tokens_per_month'] as const).map((one) =>
      limitOf(one),
    );
    const caps = (['tokens_per_day', 'requests_per_day'] as const).map((one) => capOf(one, 0, 'u_1'));
    expect([...limits, ...caps].map((limited) => costOf(limited, 9))).toEqual([9, 9, 1, 9, 9, 1]);
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
