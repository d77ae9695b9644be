import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY } from '#kernel/clock';
import type { GrantState } from '#modules/commerce/types';
import { isReplaced, paused, unpaused } from '#programs/changes';
import { bought, edgesOf, instants, iso, orderAt, refund, starts, stored, through } from './grants.ts';
import { type Act, acts, Story } from './story.ts';

describe('what is held, whatever happens', () => {
  it.each([
    ['periods and pauses', ['buy', 'pause']],
    ['upgrades', ['buy', 'upgrade']],
    ['upgrades and pauses', ['buy', 'upgrade', 'pause']],
    ['periods and refunds', ['buy', 'buy', 'refund']],
    ['upgrades and refunds', ['buy', 'upgrade', 'refund']],
    ['refunds and pauses', ['buy', 'refund', 'pause']],
    ['all of it', ['buy', 'upgrade', 'refund', 'pause']],
  ] as const)('is at each instant what the orders give: %s', (_, kinds) => {
    fc.assert(
      fc.property(starts, acts(...kinds), (start, list) => {
        const told = new Story();
        let grants: GrantState[] = [];
        let now = start;
        list.forEach((act, index) => {
          now += act.after === 'edge' ? untilNext(told, now) : act.after;
          grants = happen(grants, told, act, `o${index}`, now);
          const times = instants([...told.edges(), ...edgesOf(grants)], now);
          expect(times.map((time) => [iso(time), orderAt(grants, time)])).toEqual(
            times.map((time) => [iso(time), told.countsAt(time)]),
          );
          const orders = list.map((_, at) => `o${at}`);
          expect(orders.filter((order) => isReplaced(order, stored(grants)))).toEqual(told.replaced());
        });
      }),
      { numRuns: 250 },
    );
  });
});

function untilNext(told: Story, now: number): number {
  return Math.min(...told.edges().filter((time) => time > now), now + DAY) - now;
}

/** Lets it happen to both, where it makes sense: who waits can have refunds, but buys nothing. */
function happen(grants: GrantState[], told: Story, act: Act, id: string, now: number): GrantState[] {
  const { kind, period, pick } = act;
  if (kind === 'refund') {
    const orders = told.refundable(now);
    const order = orders[pick % orders.length];
    if (order === undefined) return grants;
    const after = refund(grants, order, now);
    // Of whom nothing waits any more, grants do not tell that they are away.
    if (told.waits && stored(after).every(({ pausedAt }) => pausedAt === null)) return grants;
    told.refund(order, now);
    return after;
  }
  if (kind === 'pause') return turn(grants, told, now);
  if (told.waits) return grants;
  told[kind](id, period, now);
  return bought(grants, { id, kind: kind === 'buy' ? 'renew' : 'upgrade', period }, now);
}

function turn(grants: GrantState[], told: Story, now: number): GrantState[] {
  const held = stored(grants);
  if (told.waits) {
    told.unpause(now);
    return through(grants, unpaused(held, now));
  }
  if (told.countsAt(now) === null) return grants;
  told.pause(now);
  return through(grants, paused(held, now));
}
