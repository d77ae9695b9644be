import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { isStanding, membershipAt, monthsFrom } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { isReplaced, refunded, upgraded } from '#programs/changes';
import {
  at,
  bought,
  chains,
  edgesOf,
  grant,
  instants,
  iso,
  monthsAfter,
  monthsOf,
  orderAt,
  periods,
  refund,
  share,
  spans,
  stored,
  through,
  upgrade,
  within,
} from './grants.ts';

describe('an upgrade', () => {
  it('begins at once, counts from then on, and nothing older does', () => {
    fc.assert(
      fc.property(chains, periods, ({ grants, from, now: when }, period) => {
        const now = Math.max(when, from + SECOND);
        fc.pre(grants.every(({ fromAt }) => fromAt !== now));
        const change = upgraded(
          { id: 'up', productId: 'plan_pro', period, paid: 7 },
          monthsFrom(now, period),
          grants,
          now,
        );
        const after = through(grants, change);
        const until = monthsAfter(now, monthsOf(period));
        expect(change.insert).toEqual([
          expect.objectContaining({
            ...{ orderId: 'up', part: 0, productId: 'plan_pro', period, paid: 7 },
            ...{ fromAt: now, untilAt: until, anchorAt: now, anchorMonths: monthsOf(period) },
          }),
        ]);
        expect(membershipAt(after, false, now)).toMatchObject({ startedAt: now, endsAt: until });
        for (const time of instants(edgesOf([...grants, ...after]), now)) {
          expect(orderAt(after, time)).toBe(time < until ? 'up' : null);
        }
        expect(orderAt(after, now - SECOND)).toBe(orderAt(grants, now - SECOND));
      }),
    );
  });

  it('begins a chain of its own also where a period ends in that very second', () => {
    const held = bought(
      bought([], { id: 'a' }, at('2025-01-01T00:00:00Z')),
      { id: 'b' },
      at('2025-01-02T00:00:00Z'),
    );
    const now = at('2025-02-01T00:00:00Z');
    const after = upgrade(held, 'up', now);
    expect(iso(membershipAt(after, false, now).startedAt)).toBe(iso(now));
    expect([isReplaced('a', after), isReplaced('b', after)]).toEqual([false, true]);
  });

  it('is undone by its refund: what counted before counts again until its old end', () => {
    fc.assert(
      fc.property(chains, share, share, ({ grants, now, until }, some, part) => {
        const [first, second] = [within(now, until, some), within(now, until, part)].sort((a, b) => a - b);
        const again = refund(upgrade(grants, 'up', now), 'up', first ?? 0);
        const times = instants(edgesOf(grants), second ?? 0);
        expect(times.map((time) => orderAt(again, time))).toEqual(times.map((time) => orderAt(grants, time)));
        expect(stored(again)).toEqual(grants);
      }),
    );
  });

  it('of an upgrade is undone the same way, one after the other', () => {
    fc.assert(
      fc.property(chains, ({ grants, now }) => {
        const once = upgrade(grants, 'once', now);
        const twice = upgrade(once, 'twice', now + SECOND);
        const undone = refund(twice, 'twice', now + 2 * SECOND);
        expect(spans(undone)).toEqual(spans(once));
        expect(spans(refund(undone, 'once', now + 3 * SECOND))).toEqual(spans(grants));
      }),
    );
  });

  it('takes the place of what is left then, of every order, and of nothing that is over', () => {
    fc.assert(
      fc.property(chains, ({ grants, now }) => {
        const after = upgrade(grants, 'up', now);
        for (const { orderId, untilAt } of grants) {
          expect(isReplaced(orderId ?? '', after)).toBe((untilAt ?? 0) > now);
          expect(isReplaced(orderId ?? '', refund(after, 'up', now))).toBe(false);
        }
        expect(isReplaced('up', after)).toBe(false);
        expect(isReplaced('up', upgrade(after, 'again', now + SECOND))).toBe(true);
      }),
    );
  });

  it('is undone also when what was bought after it runs: that counts first, then what is left of the old', () => {
    const [start, now] = [at('2025-01-01T00:00:00Z'), at('2025-02-20T00:00:00Z')];
    const up = upgrade(bought([], { id: 'a', period: 'yearly' }, start), 'up', start + DAY, 'monthly');
    const later = bought(bought(up, { id: 'b' }, start + DAY), { id: 'c' }, start + DAY);
    const after = refund(later, 'up', now);
    expect(spans(after)).toEqual([
      'a 2025-01-01T00:00:00.000Z 2026-01-01T00:00:00.000Z',
      'b 2025-02-02T00:00:00.000Z 2025-03-02T00:00:00.000Z',
      'c 2026-01-01T00:00:00.000Z 2026-02-01T00:00:00.000Z',
    ]);
    const then = ['2025-03-01', '2025-03-02', '2025-12-31', '2026-01-01'].map(at);
    expect([now, ...then].map((time) => orderAt(after, time))).toEqual(['b', 'b', 'a', 'a', 'c']);
  });

  it('keeps all that it replaced out of the way when something else is refunded', () => {
    const start = at('2025-01-01T00:00:00Z');
    const held = upgrade(bought(bought([], { id: 'a' }, start), { id: 'b' }, start), 'up', start + DAY);
    const after = refund(held, 'a', start + 2 * DAY);
    expect(spans(after)).toEqual(['up 2025-01-02T00:00:00.000Z 2026-01-02T00:00:00.000Z']);
    expect(orderAt(after, at('2026-01-15T00:00:00Z'))).toBeNull();
    // When it goes in its turn, what is there again has nothing before it.
    expect(spans(refund(after, 'up', start + 3 * DAY))).toEqual([
      'b 2025-01-04T00:00:00.000Z 2025-02-04T00:00:00.000Z',
    ]);
  });
});

describe('a full refund', () => {
  it('leaves nothing of its order, and all the rest follows without a gap, in its order, in whole months', () => {
    fc.assert(
      fc.property(chains, fc.nat(3), ({ grants, now, periods: list }, pick) => {
        const order = `o${pick % grants.length}`;
        const after = through(grants, refunded(order, grants, now));
        expect(after.filter(({ orderId }) => orderId === order).some(isStanding)).toBe(false);
        const rest = after.filter(isStanding);
        rest.forEach((one, index) => {
          const before = grants.find(({ id }) => id === one.id);
          if (!before || before.fromAt <= now) expect(one).toEqual(before);
          else expect(one.fromAt).toBe(Math.max(now, rest[index - 1]?.untilAt ?? now));
          expect(iso(one.untilAt)).toBe(iso(monthsAfter(one.anchorAt, one.anchorMonths)));
          const months = monthsOf(list[Number(one.orderId?.slice(1))] ?? 'monthly');
          expect(iso(one.fromAt)).toBe(iso(monthsAfter(one.anchorAt, one.anchorMonths - months)));
        });
      }),
    );
  });

  it('keeps the calendar of the chain that goes on: 31 January, 28 February, 31 March', () => {
    const start = at('2025-01-31T00:00:00Z');
    const held = ['a', 'b', 'c'].reduce<GrantState[]>((grants, id) => bought(grants, { id }, start), []);
    expect(spans(refund(held, 'b', at('2025-02-10T00:00:00Z')))).toEqual([
      'a 2025-01-31T00:00:00.000Z 2025-02-28T00:00:00.000Z',
      'c 2025-02-28T00:00:00.000Z 2025-03-31T00:00:00.000Z',
    ]);
  });

  it('counts all that comes after what moved by that calendar, also what would follow as it is', () => {
    const [start, now] = [at('2027-12-29T00:00:00Z'), at('2027-12-30T00:00:00Z')];
    const up = upgrade(bought([], { id: 'a' }, start), 'up', now, 'monthly');
    const held = bought(bought(up, { id: 'b' }, now), { id: 'c' }, now);
    expect(spans(held).at(-1)).toBe('c 2028-02-29T00:00:00.000Z 2028-03-30T00:00:00.000Z');
    expect(spans(refund(held, 'up', now + DAY)).slice(1)).toEqual([
      'b 2028-01-29T00:00:00.000Z 2028-02-29T00:00:00.000Z',
      'c 2028-02-29T00:00:00.000Z 2028-03-29T00:00:00.000Z',
    ]);
  });

  it('moves time that has a given end by its seconds, and what comes after it by months again', () => {
    const held = [
      grant('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z', { orderId: 'a', period: 'monthly' }),
      grant('2025-02-01T00:00:00Z', '2025-02-11T06:00:00Z', { orderId: 'hand' }),
    ];
    const now = at('2025-01-20T00:00:00Z');
    const after = refund(bought(bought(held, { id: 'b' }, now), { id: 'c' }, now), 'a', now);
    expect(spans(after)).toEqual([
      'hand 2025-01-20T00:00:00.000Z 2025-01-30T06:00:00.000Z',
      'b 2025-01-30T06:00:00.000Z 2025-02-28T06:00:00.000Z',
      'c 2025-02-28T06:00:00.000Z 2025-03-30T06:00:00.000Z',
    ]);
  });

  it('moves time without an end, and what waits behind such time begins at once', () => {
    const first = grant('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z', { orderId: 'a' });
    const endless = grant('2025-02-01T00:00:00Z', null, { orderId: 'ever' });
    const now = '2025-01-10T00:00:00.000Z';
    expect(spans(refund([first, endless], 'a', at(now)))).toEqual([`ever ${now} null`]);
    const held = [
      { ...endless, fromAt: first.fromAt },
      { ...first, id: 'x' },
      grant('2025-03-01T00:00:00Z', null),
    ];
    const [gone, moved] = refunded('a', held, at(now)).update;
    expect(gone).toEqual({ id: 'x', voidedAt: at(now) });
    // It cannot wait for the end of what has none.
    expect(moved).toMatchObject({ fromAt: at(now), untilAt: null });
  });

  it('of what is refunded already, or unknown, changes nothing', () => {
    fc.assert(
      fc.property(chains, ({ grants, now }) => {
        expect(refunded('unknown', grants, now)).toEqual({ insert: [], update: [] });
        expect(refunded('o0', refund(grants, 'o0', now), now + SECOND).update).toEqual([]);
      }),
    );
  });
});
