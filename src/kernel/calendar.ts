import { Temporal } from 'temporal-polyfill';
import { MINUTE, SECOND } from './clock.ts';

/** A stretch of local time: from (inclusive) until (exclusive), epoch milliseconds, and its local name. */
export interface Window {
  key: string;
  from: number;
  until: number;
}

/**
 * Months after an anchor, in UTC. The day clamps to the month's end and comes back, because it is always
 * counted from the anchor: 31 Jan + 1 = 28 Feb, + 2 = 31 Mar.
 */
export function addMonths(anchorAt: number, months: number): number {
  return Temporal.Instant.fromEpochMilliseconds(anchorAt)
    .toZonedDateTimeISO('UTC')
    .add({ months }, { overflow: 'constrain' }).epochMilliseconds;
}

/** The local calendar day that contains `now`, of 23 to 25 hours where clocks change. */
export function dayWindow(timeZone: string, now: number): Window {
  const date = localDate(timeZone, now);
  return {
    key: date.toString(),
    from: startOf(timeZone, date),
    until: startOf(timeZone, date.add({ days: 1 })),
  };
}

/** A local calendar day by its name, `2026-11-20`. */
export function dayWindowOf(timeZone: string, date: string): Window {
  return dayWindow(timeZone, startOf(timeZone, Temporal.PlainDate.from(date)));
}

/** The local calendar month that contains `now`. */
export function monthWindow(timeZone: string, now: number): Window {
  const first = localDate(timeZone, now).with({ day: 1 });
  return {
    key: first.toString().slice(0, 7),
    from: startOf(timeZone, first),
    until: startOf(timeZone, first.add({ months: 1 })),
  };
}

/** Number of days in the local calendar month that contains `now`. */
export function daysInMonth(timeZone: string, now: number): number {
  return localDate(timeZone, now).daysInMonth;
}

/** Whether the runtime knows this IANA time zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    startOf(timeZone, localDate(timeZone, MINUTE));
    return true;
  } catch {
    return false;
  }
}

function localDate(timeZone: string, now: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** The first instant of a local date; where midnight is skipped, the first instant after the gap. */
function startOf(timeZone: string, date: Temporal.PlainDate): number {
  return date.toZonedDateTime({ timeZone }).epochMilliseconds;
}

/** An instant in local time, `2020-01-11 14:29:10`. */
export function formatLocal(timeZone: string, at: number): string {
  const { year, month, day, hour, minute, second } =
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/**
 * A local day (`2020-01-15`) or second (`2020-01-15 16:06:58`) as the span that it is: from (inclusive) until
 * (exclusive). Null for what is neither, or names no date.
 */
export function localSpan(timeZone: string, text: string): { from: number; until: number } | null {
  const found = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?$/.exec(text);
  if (!found?.[1]) return null;
  try {
    if (found[2] === undefined) {
      const { from, until } = dayWindowOf(timeZone, found[1]);
      return { from, until };
    }
    const from = Temporal.PlainDateTime.from(`${found[1]}T${found[2]}`, {
      overflow: 'reject',
    }).toZonedDateTime(timeZone).epochMilliseconds;
    return { from, until: from + SECOND };
  } catch {
    return null;
  }
}
