import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { endOfStanding, followingOf, isStanding, lastOf } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { paused } from '#programs/changes';
import { nextSweepAt } from '#programs/sweep';
import { type PlanPrices, quoteOf, settled } from '#programs/token/quote';
import { at, bought, chains, grant, iso, monthsAfter, upgrade, written } from './grants.ts';

const START = at('2025-01-31T00:00:00Z');
const NOW = START + 10 * DAY;
const NO_CREDIT = { total: 0, shares: [] };

const plan = (id: string, monthly: number | null, yearly: number | null): PlanPrices => ({
  id: `plan_${id}`,
  monthly,
  yearly,
});
const BASIC = plan('basic', 1000, 10_000);
/** A month of the basic plan for 10.00, order a. */
const month = bought([], { id: 'a', paid: 1000 }, START);
const END = at('2025-02-28T00:00:00Z');

describe('what buying a plan means', () => {
  it.each([
    ['the same', BASIC, 'renew'],
    ['the same at another price', plan('basic', 1, 1), 'renew'],
    ['a dearer one', plan('pro', 1001, 1), 'upgrade'],
    ['an equally dear one', plan('other', 1000, 1), 'upgrade'],
    ['a cheaper one', plan('small', 999, 99_999), 'downgrade'],
    ['one by the year only, dearer by the year', plan('pro', null, 10_001), 'upgrade'],
    ['one by the year only, equally dear by the year', plan('other', null, 10_000), 'upgrade'],
    ['one by the year only, cheaper by the year', plan('small', null, 9999), 'downgrade'],
  ] as const)('of who holds a basic month: %s', (_, wanted, kind) => {
    const credit = kind === 'upgrade' ? { total: 642, shares: [{ orderId: 'a', amount: 642 }] } : NO_CREDIT;
    // 18 of 28 days are left.
    expect(quoteOf(month, BASIC, wanted, 'monthly', NOW)).toEqual({
      kind,
      credit,
      startsAt: kind === 'upgrade' ? NOW : END,
    });
  });

  it.each([
    ['held by the year only, wanted both: years are compared', [null, 10_000], [1, 10_001], 'upgrade'],
    ['held by the year only, wanted both: years are compared', [null, 10_000], [9999, 9999], 'downgrade'],
    ['held by the month only, wanted both: months are compared', [1000, null], [1001, 1], 'upgrade'],
    ['held by the month only, wanted both: months are compared', [1000, null], [999, 99_999], 'downgrade'],
    ['held by the month, wanted by the year: twelve months', [1000, null], [null, 12_000], 'upgrade'],
    ['held by the month, wanted by the year: twelve months', [1000, null], [null, 11_999], 'downgrade'],
    ['held by the year, wanted by the month: twelve months', [null, 12_001], [1000, null], 'downgrade'],
    ['held by the year, wanted by the month: twelve months', [null, 12_000], [1000, null], 'upgrade'],
    ['held is sold no more', [null, null], [1, null], 'upgrade'],
  ] as const)('%s', (_, held, wanted, kind) => {
    const [basic, other] = [plan('basic', held[0], held[1]), plan('other', wanted[0], wanted[1])];
    const quote = quoteOf(month, basic, other, 'monthly', NOW);
    expect(quote?.kind).toBe(kind);
  });

  it.each([
    ['nothing was ever held', [], null, NOW],
    ['it is over', month, null, END + DAY],
    ['it is over, and its plan is known', month, BASIC, END + DAY],
    ['it ends in this second', month, BASIC, END],
    ['it is void', month.map((one) => ({ ...one, voidedAt: START })), BASIC, NOW],
    ['it waits', written(month, paused(month, NOW - DAY)), BASIC, NOW],
  ] as const)('is a subscription from now on where %s', (_, grants, held, now) => {
    for (const wanted of [BASIC, plan('pro', 5000, null), plan('small', 1, null)]) {
      expect(quoteOf(grants, held, wanted, 'monthly', now)).toEqual({
        kind: 'subscribe',
        credit: NO_CREDIT,
        startsAt: now,
      });
    }
  });

  it('is a further period at the end where the plan that is held is not known any more', () => {
    const quote = quoteOf(month, null, plan('pro', 5000, null), 'monthly', NOW);
    expect(quote).toEqual({ kind: 'subscribe', credit: NO_CREDIT, startsAt: END });
  });

  it('is a renewal at the end for the plan that follows, and for the one that is held then', () => {
    const small = plan('small', 500, null);
    const held = bought(month, { id: 'b', kind: 'downgrade', productId: small.id }, NOW);
    const kinds = [small, BASIC, plan('tiny', 400, null), plan('pro', 2000, null)].map((wanted) => {
      const { kind, startsAt } = quoteOf(held, BASIC, wanted, 'yearly', NOW) ?? {};
      return [kind, iso(startsAt ?? null)?.slice(0, 10)];
    });
    expect(kinds).toEqual([
      ['renew', '2025-03-31'],
      ['renew', '2025-03-31'],
      ['downgrade', '2025-03-31'],
      ['upgrade', '2025-02-10'],
    ]);
  });

  it('is nothing but an upgrade for who holds a plan for ever, and that without credit', () => {
    const held = [grant('2025-01-01', null, { paid: 9900 })];
    const quote = (wanted: PlanPrices) => quoteOf(held, BASIC, wanted, 'monthly', NOW);
    expect([quote(BASIC), quote(plan('small', 1, 1))]).toEqual([null, null]);
    expect(quote(plan('pro', 2000, null))).toEqual({ kind: 'upgrade', credit: NO_CREDIT, startsAt: NOW });
  });
});

describe('a paid order', () => {
  const order = { id: 'b', productId: 'plan_pro', period: 'monthly', paid: 5 } as const;

  it.each(['subscribe', 'renew', 'downgrade'] as const)(
    'to %s follows what is held and changes none of it',
    (kind) => {
      expect(settled({ ...order, kind }, month, NOW)).toEqual({
        insert: [
          {
            ...{ orderId: 'b', part: 0, productId: 'plan_pro', period: 'monthly', paid: 5 },
            ...{ fromAt: END, untilAt: monthsAfter(START, 2), anchorAt: START, anchorMonths: 2 },
          },
        ],
        update: [],
      });
    },
  );

  it('to upgrade takes its place; and only that can come to who holds something for ever', () => {
    const endless = [grant('2025-01-01', null)];
    expect(settled({ ...order, kind: 'upgrade' }, month, NOW)?.insert[0]).toMatchObject({ fromAt: NOW });
    expect(settled({ ...order, kind: 'upgrade' }, endless, NOW)?.update).toHaveLength(1);
    expect(settled({ ...order, kind: 'renew' }, endless, NOW)).toBeNull();
  });
});

describe('what comes last, and what comes next', () => {
  const three = ['basic', 'basic', 'small'].reduce<GrantState[]>(
    (held, id, index) => bought(held, { id: `o${index}`, productId: `plan_${id}` }, START),
    [],
  );

  it('are the last of the chain that counts, and the first of another plan in it', () => {
    const after = (three[2]?.untilAt ?? 0) + DAY;
    const other = grant('2026-01-01', '2026-02-01', { productId: 'plan_later' });
    expect([NOW, after].map((now) => lastOf([...three, other], now)?.orderId)).toEqual(['o2', 'o2']);
    expect(followingOf([...three, other], NOW)?.orderId).toBe('o2');
    expect([
      followingOf(three, three[2]?.fromAt ?? 0),
      followingOf(three, after),
      followingOf(three, START - 1),
    ]).toEqual([null, null, null]);
    expect([followingOf(three.slice(0, 2), NOW), lastOf([], NOW), followingOf([], NOW)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(lastOf([...three, grant('2025-04-30', null, { id: 'ever' })], NOW)?.id).toBe('ever');
  });

  it('are not what is void or waits', () => {
    const some = three.map((one, index) => (index === 2 ? { ...one, voidedAt: NOW } : one));
    expect([lastOf(some, NOW)?.orderId, followingOf(some, NOW)]).toEqual(['o1', null]);
    expect(three.map((one) => isStanding({ ...one, pausedAt: NOW }))).toEqual([false, false, false]);
    expect(some.map(isStanding)).toEqual([true, true, false]);
  });

  it('begins where all of it ends, now at the earliest, and never after what has no end', () => {
    const until = three[2]?.untilAt ?? 0;
    expect([endOfStanding(three, NOW), endOfStanding(three, until + 1), endOfStanding([], NOW)]).toEqual([
      until,
      until + 1,
      NOW,
    ]);
    expect(endOfStanding([...three, grant('2025-01-01', null)], NOW)).toBeNull();
    expect(endOfStanding([...three, grant('2025-01-01', null, { voidedAt: 1 })], NOW)).toBe(until);
  });
});

describe('the next sweep', () => {
  /** Every instant the sweep comes by, from `now` until nothing is due. */
  function visits(grants: GrantState[], now: number): number[] {
    const next = nextSweepAt(grants, false, now);
    return next === null ? [] : [next, ...visits(grants, next)];
  }

  it('comes 7 days and a day before the end, at it, and where each further period begins; then never again', () => {
    fc.assert(
      fc.property(chains, ({ grants, from, until }) => {
        const begins = grants.map(({ fromAt }) => fromAt);
        const due = [...begins, until - 7 * DAY, until - DAY, until].filter((time) => time > from);
        expect(visits(grants, from)).toEqual([...new Set(due)].sort((a, b) => a - b));
      }),
    );
  });

  it('comes at once, again and again, within the last day of what renews', () => {
    fc.assert(
      fc.property(chains, fc.integer({ min: 1, max: DAY / SECOND }), ({ grants, until }, seconds) => {
        const now = until - seconds * SECOND;
        expect(nextSweepAt(grants, true, now)).toBe(now + SECOND);
        expect(nextSweepAt(grants, false, now)).toBe(until);
        const before = until - DAY - SECOND;
        expect(nextSweepAt(grants, true, before)).toBe(nextSweepAt(grants, false, before));
        expect([nextSweepAt(grants, true, until), nextSweepAt(grants, true, until + SECOND)]).toEqual([
          null,
          null,
        ]);
      }),
    );
  });

  it('comes never where nothing is held, all of it waits, or it never ends', () => {
    const waiting = written(month, paused(month, NOW));
    const sweeps = [[], waiting, [grant('2025-01-01', null)]].map((grants) => nextSweepAt(grants, true, NOW));
    expect(sweeps).toEqual([null, null, null]);
  });

  it('comes where a plan begins after which nothing ends', () => {
    const held = [...month, grant('2025-02-28', null, { id: 'ever' })];
    expect([nextSweepAt(held, true, NOW), nextSweepAt(held, true, END)]).toEqual([END, null]);
  });

  it('does not come for the start of what is void or was replaced', () => {
    const two = bought(bought([], { id: 'a', period: 'yearly' }, START), { id: 'b' }, START);
    const begins = two[1]?.fromAt ?? 0;
    const gone = grant('2025-05-05', '2025-06-05', { id: 'gone', voidedAt: NOW });
    expect(visits([...two, gone], NOW)).toEqual(visits(two, NOW));
    expect(visits(upgrade(two, 'up', NOW), NOW)).not.toContain(begins);
  });
});
