import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMonths, daysInMonth, dayWindow, isTimeZone, monthWindow } from '#kernel/calendar';
import { DAY, HOUR } from '#kernel/clock';

const at = (iso: string) => Date.parse(iso);
const iso = (time: number) => new Date(time).toISOString();

const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'America/Havana',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const;
const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: at('2005-01-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') });

/** Local dates as Intl has them: another source than the one under test. */
const formats = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  ]),
);
const localDate = (timeZone: (typeof ZONES)[number], time: number) => formats.get(timeZone)?.format(time);

describe('addMonths', () => {
  it.each([
    ['2025-01-31T08:00:00Z', 1, '2025-02-28T08:00:00.000Z'],
    ['2024-01-31T08:00:00Z', 1, '2024-02-29T08:00:00.000Z'],
    ['2025-01-31T08:00:00Z', 2, '2025-03-31T08:00:00.000Z'],
    ['2025-01-31T08:00:00Z', 3, '2025-04-30T08:00:00.000Z'],
    ['2024-02-29T00:00:00Z', 12, '2025-02-28T00:00:00.000Z'],
    ['2024-02-29T00:00:00Z', 48, '2028-02-29T00:00:00.000Z'],
    ['2024-01-01T00:00:00Z', 12, '2025-01-01T00:00:00.000Z'],
    ['2025-12-31T23:59:59Z', 2, '2026-02-28T23:59:59.000Z'],
    ['2025-05-05T05:05:05Z', 0, '2025-05-05T05:05:05.000Z'],
  ])('%s + %i months = %s', (anchor, months, expected) => {
    expect(iso(addMonths(at(anchor), months))).toBe(expected);
  });

  it('keeps the time of day, lands in the month meant, and on the anchor’s day or the month’s last', () => {
    fc.assert(
      fc.property(instants, fc.nat(120), (anchorAt, months) => {
        const anchor = new Date(anchorAt);
        const result = new Date(addMonths(anchorAt, months));
        const count = anchor.getUTCFullYear() * 12 + anchor.getUTCMonth() + months;
        const last = new Date(Date.UTC(Math.floor(count / 12), (count % 12) + 1, 0)).getUTCDate();
        expect(result.getTime()).toBe(
          Date.UTC(Math.floor(count / 12), count % 12, Math.min(anchor.getUTCDate(), last)) +
            (anchorAt % DAY),
        );
      }),
    );
  });
});

describe('dayWindow', () => {
  it.each([
    ['UTC', '2026-11-20T12:00:00Z', '2026-11-20', '2026-11-20T00:00:00.000Z', 24],
    ['Asia/Shanghai', '2026-11-19T16:00:00Z', '2026-11-20', '2026-11-19T16:00:00.000Z', 24],
    ['Asia/Shanghai', '2026-11-19T15:59:59Z', '2026-11-19', '2026-11-18T16:00:00.000Z', 24],
    ['America/New_York', '2026-03-08T12:00:00Z', '2026-03-08', '2026-03-08T05:00:00.000Z', 23],
    ['America/New_York', '2026-11-01T12:00:00Z', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
    // Midnight is skipped: the day begins at 01:00.
    ['America/Santiago', '2026-09-06T12:00:00Z', '2026-09-06', '2026-09-06T04:00:00.000Z', 23],
    ['Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-24', '2026-04-23T22:00:00.000Z', 23],
    // Midnight comes twice: the day begins at the first.
    ['America/Havana', '2026-11-01T12:00:00Z', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
    // 30 December 2011 never was.
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29', '2011-12-29T10:00:00.000Z', 24],
  ])('%s at %s is %s', (zone, now, key, from, hours) => {
    const window = dayWindow(zone, at(now));
    expect([window.key, iso(window.from), (window.until - window.from) / HOUR]).toEqual([key, from, hours]);
  });

  it('is named as Intl names its date, at each of its ends', () => {
    fc.assert(
      fc.property(zones, instants, (zone, now) => {
        const { key, from, until } = dayWindow(zone, now);
        const dates = [now, from, until - 1].map((time) => localDate(zone, time));
        expect(dates).toEqual([key, key, key]);
        expect(localDate(zone, until)).not.toBe(key);
      }),
    );
  });
});

describe.each([
  ['dayWindow', dayWindow],
  ['monthWindow', monthWindow],
])('%s', (_, windowOf) => {
  it('tiles time: no instant is in none or in two', () => {
    fc.assert(
      fc.property(zones, instants, (zone, now) => {
        const window = windowOf(zone, now);
        expect(window.from <= now && now < window.until).toBe(true);
        expect(windowOf(zone, window.from)).toEqual(window);
        expect(windowOf(zone, window.until - 1)).toEqual(window);
        expect(windowOf(zone, window.until).from).toBe(window.until);
        expect(windowOf(zone, window.from - 1).until).toBe(window.from);
      }),
    );
  });

  it('has keys that sort as time does', () => {
    fc.assert(
      fc.property(zones, instants, (zone, now) => {
        const { key, until } = windowOf(zone, now);
        expect(windowOf(zone, until).key > key).toBe(true);
      }),
    );
  });
});

describe('monthWindow', () => {
  it.each([
    ['UTC', '2026-02-10T00:00:00Z', '2026-02', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    [
      'Asia/Shanghai',
      '2026-10-31T16:00:00Z',
      '2026-11',
      '2026-10-31T16:00:00.000Z',
      '2026-11-30T16:00:00.000Z',
    ],
    [
      'America/New_York',
      '2026-03-31T23:00:00Z',
      '2026-03',
      '2026-03-01T05:00:00.000Z',
      '2026-04-01T04:00:00.000Z',
    ],
  ])('%s at %s is %s', (zone, now, key, from, until) => {
    const window = monthWindow(zone, at(now));
    expect([window.key, iso(window.from), iso(window.until)]).toEqual([key, from, until]);
  });

  it('begins and ends with a day', () => {
    fc.assert(
      fc.property(zones, instants, (zone, now) => {
        const { from, until } = monthWindow(zone, now);
        expect([dayWindow(zone, from).from, dayWindow(zone, until - 1).until]).toEqual([from, until]);
      }),
    );
  });
});

describe('daysInMonth', () => {
  it.each([
    ['UTC', '2024-02-10T00:00:00Z', 29],
    ['UTC', '2025-02-10T00:00:00Z', 28],
    ['UTC', '2025-11-30T23:59:59Z', 30],
    ['Asia/Shanghai', '2025-11-30T16:00:00Z', 31],
    ['America/New_York', '2025-03-01T04:59:59Z', 28],
  ])('%s at %s: %i', (zone, now, days) => {
    expect(daysInMonth(zone, at(now))).toBe(days);
  });
});

describe('isTimeZone', () => {
  it.each([
    ['Asia/Shanghai', true],
    ['UTC', true],
    ['Mars/Olympus', false],
    ['', false],
  ])('%j: %s', (zone, known) => {
    expect(isTimeZone(zone)).toBe(known);
  });
});
