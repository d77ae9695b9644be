import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds } from '#kernel/ids';

const NOW = Date.parse('2026-11-20T00:00:00Z');

describe('createIds', () => {
  it('gives a prefix and a ULID', () => {
    expect(createIds().next('key', NOW)).toMatch(/^key_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  });

  it('never gives one twice, not even in one millisecond or by two makers', () => {
    const [one, other] = [createIds(), createIds()];
    const ids = Array.from({ length: 2000 }, (_, index) => (index % 2 ? one : other).next('u', NOW));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('sorts as it was given, also within one millisecond', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 2, maxLength: 50 }), (steps) => {
        const ids = createIds();
        let now = NOW;
        const given = steps.map((step) => {
          now += step;
          return ids.next('ord', now);
        });
        expect(given.toSorted()).toEqual(given);
      }),
    );
  });

  it('sorts by time across makers', () => {
    expect(createIds().next('u', NOW) < createIds().next('u', NOW + 1)).toBe(true);
  });
});
