import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, SECOND } from '#kernel/clock';
import { membershipAt } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { paused, unpaused } from '#programs/changes';
import {
  at,
  bought,
  chains,
  edgesOf,
  grant,
  instants,
  left,
  orderAt,
  refund,
  spans,
  through,
  upgrade,
  waited,
  written,
} from './grants.ts';

describe('a pause', () => {
  it('stops all time and gives it back to the second, as much later as it lasted', () => {
    fc.assert(
      fc.property(chains, fc.nat(1_000_000), fc.nat(10_000_000), ({ grants, now, until }, wait, more) => {
        const back = now + wait * SECOND;
        const waiting = through(grants, paused(grants, now));
        for (const time of instants(edgesOf(waiting), now)) expect(orderAt(waiting, time)).toBeNull();
        const after = through(waiting, unpaused(waiting, back));
        expect(membershipAt(after, false, back).endsAt).toBe(until + back - now);
        for (const { id, pausedAt, fromAt, untilAt, anchorAt } of waiting) {
          const lag = pausedAt === null ? 0 : back - now;
          const shifted = { fromAt: fromAt + lag, untilAt: (untilAt ?? 0) + lag, anchorAt: anchorAt + lag };
          expect(after.find((one) => one.id === id)).toMatchObject({ ...shifted, pausedAt: null });
        }
        expect(after.reduce((sum, { paid }) => sum + paid, 0)).toBe(
          grants.reduce((sum, { paid }) => sum + paid, 0),
        );
        const then = more * SECOND;
        expect(orderAt(after, back + then)).toBe(orderAt(grants, now + then));
        for (const { orderId } of grants) {
          expect(left(after, back, orderId)).toBe(left(grants, now, orderId));
        }
      }),
    );
  });

  it('can come again, and each gives back its own time', () => {
    fc.assert(
      fc.property(
        chains,
        fc.array(fc.nat(DAY / SECOND), { maxLength: 6 }),
        ({ grants, from, until }, list) => {
          let [held, now, lag] = [grants, from, 0];
          for (const seconds of list) {
            held = waited(held, now, now + seconds * SECOND);
            now += 2 * seconds * SECOND;
            lag += seconds * SECOND;
          }
          expect(membershipAt(held, false, now).endsAt).toBe(until + lag);
        },
      ),
    );
  });

  it('keeps what never ends without an end', () => {
    const held = [grant('2025-01-01T00:00:00Z', null, { orderId: 'a' })];
    const after = waited(held, at('2025-02-01T00:00:00Z'), at('2025-03-01T00:00:00Z'));
    expect([orderAt(after, at('2025-02-15T00:00:00Z')), orderAt(after, at('2099-01-01T00:00:00Z'))]).toEqual([
      null,
      'a',
    ]);
  });

  it('that lasted takes an end off its calendar, and what moves up to that begins a new one', () => {
    const held = waited(
      bought([], { id: 'a' }, at('2025-01-01T00:00:00Z')),
      at('2025-01-10T00:00:00Z'),
      at('2025-02-10T00:00:00Z'),
    );
    const now = at('2025-02-20T00:00:00Z');
    const after = refund(bought(bought(held, { id: 'b' }, now), { id: 'c' }, now), 'b', now);
    expect(spans(after).slice(1)).toEqual([
      'a 2025-02-10T00:00:00.000Z 2025-03-04T00:00:00.000Z',
      'c 2025-03-04T00:00:00.000Z 2025-04-04T00:00:00.000Z',
    ]);
  });

  // Two months of 31 days each, so that no calendar changes a length.
  const July = at('2025-07-01T00:00:00Z');
  const two = bought(bought([], { id: 'a' }, July), { id: 'b' }, July);
  const [leave, middle, back] = [July + 10 * DAY, July + 15 * DAY, July + 20 * DAY];

  it('moves also what an upgrade replaced, so that its refund gives all of it back', () => {
    const up = waited(upgrade(two, 'up', July + 5 * DAY), leave, back);
    const [again, never] = [refund(up, 'up', back), waited(two, leave, back)];
    expect([left(again, back, 'a'), left(again, back, 'b')]).toEqual([21 * DAY, 31 * DAY]);
    const times = instants(edgesOf(never), back);
    expect(times.map((time) => orderAt(again, time))).toEqual(times.map((time) => orderAt(never, time)));
  });

  it('is no gap to what follows when what comes first is refunded meanwhile', () => {
    const waiting = written(two, paused(two, leave));
    const after = refund(waiting, 'a', middle);
    const again = written(after, unpaused(after, back));
    expect([orderAt(again, back), left(again, back, 'b')]).toEqual(['b', 31 * DAY]);
    const ofA = (grants: GrantState[]) => grants.filter(({ orderId }) => orderId === 'a');
    expect(ofA(again)).toEqual(ofA(after));
  });

  it('holds also for what the refund of an upgrade restores meanwhile', () => {
    const held = upgrade(two.slice(0, 1), 'up', July + 5 * DAY);
    const after = refund(written(held, paused(held, leave)), 'up', middle);
    expect(orderAt(after, middle)).toBeNull();
    expect(left(written(after, unpaused(after, back)), back, 'a')).toBe(21 * DAY);
  });
});
