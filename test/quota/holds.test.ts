import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '#kernel/clock';
import { changesOfHold, changesOfLateSettle, changesOfReturn, changesOfSettle } from '#quota/changes';
import { isStale, type Meter } from '#quota/rules';
import { holdAt, Ledger, S0, START, utc } from './ledger.ts';

describe('a hold and its end', () => {
  const members = fc.constantFrom(null, 'u_1');
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
      fc.property(members, tokens, (member, held) => {
        const moment = utc(START, member);
        expect(new Ledger(changesOfHold(held, moment), changesOfReturn(holdAt(held, moment))).rest()).toEqual(
          {},
        );
      }),
    );
  });

  it('leaves what was settled used, nothing reserved and one request', () => {
    fc.assert(
      fc.property(members, tokens, fc.nat(2000), later, (member, held, settled, at) => {
        const moment = utc(START, member);
        const ledger = new Ledger(
          changesOfHold(held, moment),
          changesOfSettle(holdAt(held, moment), settled, utc(at)),
        );
        const sum = (meter: Meter) =>
          Object.entries(ledger.rest())
            .filter(([key]) => key.startsWith(`${meter}:`))
            .reduce(
              (all, [, { used, reserved }]) => [(all[0] ?? 0) + used, (all[1] ?? 0) + reserved],
              [0, 0],
            );
        expect(sum('tpm')).toEqual([settled, 0]);
        expect(sum('tpd')).toEqual([settled, 0]);
        expect(sum('tokens_per_month')).toEqual([settled, 0]);
        expect(sum('requests_per_day')).toEqual([1, 0]);
        expect(sum('member_tokens')).toEqual([member ? settled : 0, 0]);
        expect(sum('member_requests')).toEqual([member ? 1 : 0, 0]);
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
    const ledger = new Ledger(
      changesOfHold(10, origin),
      changesOfReturn(hold),
      changesOfLateSettle(hold, 4, then),
    );
    expect(ledger.rest()).toEqual({
      [`tpm:${then.second}`]: { used: 4, reserved: 0 },
      'tpd:2026-11-20': { used: 4, reserved: 0 },
      'tokens_per_month:2026-11': { used: 4, reserved: 0 },
      'requests_per_day:2026-11-20': { used: 1, reserved: 0 },
    });
  });
});

describe('a hold of a member of an enterprise', () => {
  const origin = utc(Date.parse('2026-11-30T23:50:00Z'), 'u_1');
  // The moment of an end is nobody's: whose counters it changes, the hold says.
  const then = utc(Date.parse('2026-12-01T00:10:00Z'), 'u_2');
  const ofMembers = (ledger: Ledger) =>
    Object.fromEntries(Object.entries(ledger.rest()).filter(([key]) => key.startsWith('member_')));

  it('takes its tokens and its request from the member’s day besides the pool', () => {
    const ledger = new Ledger(changesOfHold(7, utc(START, 'u_1')));
    expect(ledger.rest()).toEqual({
      [`tpm:${S0}`]: { used: 0, reserved: 7 },
      'tpd:2026-11-20': { used: 0, reserved: 7 },
      'tokens_per_month:2026-11': { used: 0, reserved: 7 },
      'requests_per_day:2026-11-20': { used: 1, reserved: 0 },
      'member_tokens:2026-11-20:u_1': { used: 0, reserved: 7 },
      'member_requests:2026-11-20:u_1': { used: 1, reserved: 0 },
    });
  });

  it('adds up with another member’s in the pool, and in no other counter', () => {
    const ledger = new Ledger(changesOfHold(7, utc(START, 'u_1')), changesOfHold(5, utc(START, 'u_2')));
    expect(ledger.rest()).toEqual({
      [`tpm:${S0}`]: { used: 0, reserved: 12 },
      'tpd:2026-11-20': { used: 0, reserved: 12 },
      'tokens_per_month:2026-11': { used: 0, reserved: 12 },
      'requests_per_day:2026-11-20': { used: 2, reserved: 0 },
      'member_tokens:2026-11-20:u_1': { used: 0, reserved: 7 },
      'member_requests:2026-11-20:u_1': { used: 1, reserved: 0 },
      'member_tokens:2026-11-20:u_2': { used: 0, reserved: 5 },
      'member_requests:2026-11-20:u_2': { used: 1, reserved: 0 },
    });
  });

  it('settled below, gives back to the member’s day that it came from', () => {
    const ledger = new Ledger(changesOfHold(10, origin), changesOfSettle(holdAt(10, origin), 4, then));
    expect(ofMembers(ledger)).toEqual({
      'member_tokens:2026-11-30:u_1': { used: 4, reserved: 0 },
      'member_requests:2026-11-30:u_1': { used: 1, reserved: 0 },
    });
  });

  it('settled above, weighs with the excess on the same member’s day of the settle', () => {
    const ledger = new Ledger(changesOfHold(10, origin), changesOfSettle(holdAt(10, origin), 13, then));
    expect(ofMembers(ledger)).toEqual({
      'member_tokens:2026-11-30:u_1': { used: 10, reserved: 0 },
      'member_tokens:2026-12-01:u_1': { used: 3, reserved: 0 },
      'member_requests:2026-11-30:u_1': { used: 1, reserved: 0 },
    });
  });

  it('settled after it was given back, counts all on that member’s day, its request too', () => {
    const hold = holdAt(10, origin);
    const ledger = new Ledger(
      changesOfHold(10, origin),
      changesOfReturn(hold),
      changesOfLateSettle(hold, 4, then),
    );
    expect(ofMembers(ledger)).toEqual({
      'member_tokens:2026-12-01:u_1': { used: 4, reserved: 0 },
      'member_requests:2026-12-01:u_1': { used: 1, reserved: 0 },
    });
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
    ['member_tokens:2026-11-20:u_1', 12 * 3600 - 1, false],
    ['member_tokens:2026-11-20:u_1', 12 * 3600, true],
    ['member_requests:2026-11-20:u_1', 12 * 3600 - 1, false],
    ['member_requests:2026-11-20:u_1', 12 * 3600, true],
    ['tokens_per_month:2026-11', 10 * 86_400, false],
    ['tokens_per_month:2026-11', 11 * 86_400, true],
    ['tokens_per_month:2026-12', 0, false],
  ])('%s after %i s: %s', (key, seconds, expected) => {
    expect(isStale(key, utc(START + seconds * SECOND))).toBe(expected);
  });
});
