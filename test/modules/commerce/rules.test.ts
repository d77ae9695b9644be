import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '#kernel/clock';
import {
  type CalendarPeriod,
  type GrantSpan,
  isTooFarAhead,
  lastSecondOf,
  MOST_MONTHS_AHEAD,
  membershipAt,
  type NextSpan,
  nextSpan,
} from '#modules/commerce/rules';

const at = (iso: string) => Date.parse(iso);
const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());
const MONTHS = { monthly: 1, yearly: 12 };

/** Calendar months by hand: the day clamps to the month's end. */
function monthsAfter(anchorAt: number, months: number): number {
  const anchor = new Date(anchorAt);
  const count = anchor.getUTCFullYear() * 12 + anchor.getUTCMonth() + months;
  const last = new Date(Date.UTC(Math.floor(count / 12), (count % 12) + 1, 0)).getUTCDate();
  const day = Math.min(anchor.getUTCDate(), last);
  return Date.UTC(Math.floor(count / 12), count % 12, day) + (anchorAt % 86_400_000);
}

function grantOf(span: NextSpan, period: CalendarPeriod): GrantSpan {
  return {
    ...span,
    period,
    orderId: null,
    productId: 'plan_basic',
    voidedAt: null,
    replacedBy: null,
    pausedAt: null,
  };
}

function grant(from: string, until: string | null, more: Partial<GrantSpan> = {}): GrantSpan {
  return {
    orderId: null,
    productId: 'plan_basic',
    period: null,
    fromAt: at(from),
    untilAt: until === null ? null : at(until),
    anchorAt: at(from),
    anchorMonths: 0,
    voidedAt: null,
    replacedBy: null,
    pausedAt: null,
    ...more,
  };
}

function bought(grants: GrantSpan[], period: CalendarPeriod, now: number): GrantSpan {
  const span = nextSpan(grants, period, now);
  if (!span) throw new Error('nothing to buy');
  return grantOf(span, period);
}

const anchors = fc
  .integer({ min: at('2024-01-01T00:00:00Z') / SECOND, max: at('2028-12-31T23:59:59Z') / SECOND })
  .map((second) => second * SECOND);
const periods = fc.array(fc.constantFrom<CalendarPeriod>('monthly', 'yearly'), {
  minLength: 1,
  maxLength: 14,
});
/** Where in the time that is left something happens; the very end excluded. */
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const chains = fc.record({ anchorAt: anchors, periods, when: fc.array(share, { minLength: 1 }) });

/** Renewals one after the other, each at some second before the end. */
function chainOf({
  anchorAt,
  periods,
  when,
}: {
  anchorAt: number;
  periods: CalendarPeriod[];
  when: number[];
}) {
  const grants: GrantSpan[] = [];
  let now = anchorAt;
  periods.forEach((period, index) => {
    const next = bought(grants, period, now);
    grants.push(next);
    const seconds = ((next.untilAt ?? 0) - now) / SECOND;
    now += Math.floor(seconds * (when[index % when.length] ?? 0)) * SECOND;
  });
  const months = periods.reduce((sum, period) => sum + MONTHS[period], 0);
  return { grants, months, lastRenewedAt: now };
}

describe('a chain of renewals', () => {
  it('ends at its anchor and all its months', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const { grants, months } = chainOf(chain);
        const { endsAt, startedAt } = membershipAt(grants, false, chain.anchorAt);
        expect([startedAt, iso(endsAt)]).toEqual([chain.anchorAt, iso(monthsAfter(chain.anchorAt, months))]);
      }),
    );
  });

  it('has no gap and no overlap, and each renewal adds time', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const { grants } = chainOf(chain);
        grants.forEach((one, index) => {
          expect(one.fromAt).toBe(grants[index - 1]?.untilAt ?? chain.anchorAt);
          expect(one.untilAt).toBeGreaterThan(one.fromAt);
        });
      }),
    );
  });

  it('is none before, active or cancelled within, expired after', () => {
    fc.assert(
      fc.property(chains, share, (chain, part) => {
        const { grants, months } = chainOf(chain);
        const end = monthsAfter(chain.anchorAt, months);
        const within = chain.anchorAt + Math.floor((end - chain.anchorAt) * part);
        const status = (cancelled: boolean, now: number) => membershipAt(grants, cancelled, now).status;
        expect(status(false, chain.anchorAt - 1)).toBe('none');
        for (const now of [chain.anchorAt, within, end - 1]) {
          expect([status(false, now), status(true, now)]).toEqual(['active', 'cancelled']);
        }
        expect([status(false, end), status(true, end)]).toEqual(['expired', 'expired']);
      }),
    );
  });

  it('has at each instant the one grant that holds it', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const { grants } = chainOf(chain);
        for (const one of grants) {
          expect(membershipAt(grants, false, one.fromAt).current).toBe(one);
          expect(membershipAt(grants, false, (one.untilAt ?? 0) - 1).current).toBe(one);
        }
      }),
    );
  });

  it('does not depend on the order in which its grants are given', () => {
    fc.assert(
      fc.property(
        chains.chain((chain) => {
          const { grants } = chainOf(chain);
          return fc.record({
            grants: fc.constant(grants),
            shuffled: fc.shuffledSubarray(grants, { minLength: grants.length }),
          });
        }),
        ({ grants, shuffled }) => {
          const now = grants.at(-1)?.fromAt ?? 0;
          expect(membershipAt(shuffled, false, now)).toEqual(membershipAt(grants, false, now));
          expect(nextSpan(shuffled, 'monthly', now)).toEqual(nextSpan(grants, 'monthly', now));
        },
      ),
    );
  });

  it('starts a new one after a gap', () => {
    fc.assert(
      fc.property(chains, fc.integer({ min: 1, max: 100_000_000 }), (chain, gap) => {
        const { grants, months } = chainOf(chain);
        const now = monthsAfter(chain.anchorAt, months) + gap * SECOND;
        const next = bought(grants, 'monthly', now);
        expect([next.fromAt, next.untilAt]).toEqual([now, monthsAfter(now, 1)]);
        expect(membershipAt([...grants, next], false, now)).toMatchObject({
          status: 'active',
          startedAt: now,
          endsAt: next.untilAt,
        });
      }),
    );
  });

  it('takes voided grants for nothing', () => {
    fc.assert(
      fc.property(chains, chains, (chain, other) => {
        const { grants, lastRenewedAt } = chainOf(chain);
        const voided = chainOf(other).grants.map((one) => ({ ...one, voidedAt: lastRenewedAt }));
        const all = [...voided, ...grants];
        expect(membershipAt(all, false, lastRenewedAt)).toEqual(membershipAt(grants, false, lastRenewedAt));
        expect(nextSpan(all, 'yearly', lastRenewedAt)).toEqual(nextSpan(grants, 'yearly', lastRenewedAt));
        expect(membershipAt(voided, false, lastRenewedAt).status).toBe('none');
      }),
    );
  });
});

describe('calendar periods', () => {
  it('clamp at a month’s end and come back', () => {
    const grants: GrantSpan[] = [];
    for (let index = 0; index < 4; index++) {
      grants.push(bought(grants, 'monthly', at('2025-01-31T08:00:00Z')));
    }
    expect(grants.map(({ untilAt }) => iso(untilAt))).toEqual([
      '2025-02-28T08:00:00.000Z',
      '2025-03-31T08:00:00.000Z',
      '2025-04-30T08:00:00.000Z',
      '2025-05-31T08:00:00.000Z',
    ]);
  });

  it('find a leap day again', () => {
    const grants: GrantSpan[] = [];
    let now = at('2024-02-29T00:00:00Z');
    for (let index = 0; index < 4; index++) {
      grants.push(bought(grants, 'yearly', now));
      now = (grants.at(-1)?.untilAt ?? 0) - SECOND;
    }
    expect(grants.map(({ untilAt }) => iso(untilAt)?.slice(0, 10))).toEqual([
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ]);
  });

  it('show a year’s last second, and that whole second is still active', () => {
    const year = bought([], 'yearly', at('2024-01-01T00:00:00Z'));
    expect(iso(lastSecondOf(year.untilAt ?? 0))).toBe('2024-12-31T23:59:59.000Z');
    expect(membershipAt([year], false, at('2024-12-31T23:59:59.999Z')).status).toBe('active');
    expect(membershipAt([year], false, at('2025-01-01T00:00:00Z')).status).toBe('expired');
  });

  it('count anew from an end that was given by hand', () => {
    const byHand = grant('2025-01-01T00:00:00Z', '2025-01-31T12:00:00Z');
    const next = bought([byHand], 'monthly', at('2025-01-10T00:00:00Z'));
    const after = bought([byHand, next], 'monthly', at('2025-01-10T00:00:00Z'));
    expect([iso(next.fromAt), iso(next.untilAt), iso(after.untilAt)]).toEqual([
      '2025-01-31T12:00:00.000Z',
      '2025-02-28T12:00:00.000Z',
      '2025-03-31T12:00:00.000Z',
    ]);
  });
});

describe('membershipAt', () => {
  it('is none without grants', () => {
    expect(membershipAt([], true, 0)).toEqual({
      status: 'none',
      current: null,
      startedAt: null,
      endsAt: null,
    });
  });

  it('shows the chain of now and not one before or after a gap', () => {
    const grants = [
      grant('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'),
      grant('2025-06-01T00:00:00Z', '2025-07-01T00:00:00Z'),
      grant('2025-07-01T00:00:00Z', '2025-08-01T00:00:00Z'),
      grant('2025-10-01T00:00:00Z', '2025-11-01T00:00:00Z'),
    ];
    const shown = (now: string) => {
      const { status, startedAt, endsAt } = membershipAt(grants, false, at(now));
      return [status, iso(startedAt)?.slice(0, 10), iso(endsAt)?.slice(0, 10)];
    };
    expect(shown('2025-01-15T00:00:00Z')).toEqual(['active', '2025-01-01', '2025-02-01']);
    expect(shown('2025-03-01T00:00:00Z')).toEqual(['expired', '2025-01-01', '2025-02-01']);
    expect(shown('2025-07-15T00:00:00Z')).toEqual(['active', '2025-06-01', '2025-08-01']);
    expect(shown('2025-09-01T00:00:00Z')).toEqual(['expired', '2025-06-01', '2025-08-01']);
  });

  it('lets the later grant count where two overlap', () => {
    const old = grant('2025-01-01T00:00:00Z', '2025-12-31T00:00:00Z');
    const dearer = grant('2025-03-01T00:00:00Z', '2025-04-01T00:00:00Z', { productId: 'plan_premium' });
    expect(membershipAt([dearer, old], false, at('2025-03-15T00:00:00Z')).current).toBe(dearer);
    expect(membershipAt([dearer, old], false, at('2025-05-15T00:00:00Z')).current).toBe(old);
  });

  it('is for ever where a grant has no end, and then there is nothing to buy', () => {
    const grants = [grant('2025-01-01T00:00:00Z', null)];
    const now = at('2099-01-01T00:00:00Z');
    expect(membershipAt(grants, false, now)).toMatchObject({
      status: 'active',
      endsAt: null,
      startedAt: at('2025-01-01T00:00:00Z'),
    });
    expect(nextSpan(grants, 'monthly', now)).toBeNull();
  });
});

describe('isTooFarAhead', () => {
  it('lets 36 months be paid ahead and no second more', () => {
    fc.assert(
      fc.property(anchors, (now) => {
        const end = monthsAfter(now, MOST_MONTHS_AHEAD);
        expect([isTooFarAhead(end, now), isTooFarAhead(end + SECOND, now)]).toEqual([false, true]);
      }),
    );
  });

  it('lets three years be bought at once, and not a month on top', () => {
    const now = at('2024-02-29T10:00:00Z');
    const grants: GrantSpan[] = [];
    for (let index = 0; index < 3; index++) grants.push(bought(grants, 'yearly', now));
    expect(isTooFarAhead(grants.at(-1)?.untilAt ?? 0, now)).toBe(false);
    expect(isTooFarAhead(bought(grants, 'monthly', now).untilAt ?? 0, now)).toBe(true);
  });
});
