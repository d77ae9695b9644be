import { dayWindow, monthWindow } from '#kernel/calendar';
import { SECOND } from '#kernel/clock';
import type { LimitReading, OwnerMetric, OwnerSnapshot, PlanLimits } from '#kernel/quota';

/**
 * The arithmetic of admission: pure, integers only, `now` is an argument. Counters are rows keyed by metric
 * and window, so that what is given back returns to the very second, day and month that it was taken from.
 */

/** A token counted in second s still counts in s+60 and has left in s+61: any 60 s, whatever the phase. */
export const TPM_SECONDS = 61;

/** One counter's two parts: settled, and held by reservations. */
export interface Tally {
  used: number;
  reserved: number;
}

/** `tpm:<epoch second>`, `tpd:<date>`, `requests_per_day:<date>`, `tokens_per_month:<month>`. */
export type CounterKey = string;

/** The windows of an instant in the site's zone. */
export interface Moment {
  second: number;
  day: string;
  dayEnds: number;
  month: string;
  monthEnds: number;
}

/** A reservation as it counts. */
export interface Hold {
  tokens: number;
  second: number;
  day: string;
  month: string;
  expiresAt: number;
}

/** A change of one counter. */
export interface Change {
  key: CounterKey;
  used: number;
  reserved: number;
}

export function momentOf(timeZone: string, now: number): Moment {
  const day = dayWindow(timeZone, now);
  const month = monthWindow(timeZone, now);
  return {
    second: Math.floor(now / SECOND),
    day: day.key,
    dayEnds: day.until,
    month: month.key,
    monthEnds: month.until,
  };
}

/** The limits that hold at `now`: the last span that contains it, else the fallback. */
export function limitsAt(snapshot: OwnerSnapshot, now: number): PlanLimits {
  const span = snapshot.spans.findLast(({ from, until }) => from <= now && (until === null || now < until));
  return span?.limits ?? snapshot.fallback;
}

export const OWNER_METRICS = ['tpm', 'tpd', 'requests_per_day', 'tokens_per_month'] as const;

/** The metrics that a plan limits, in a fixed order. */
export function limitedMetrics(limits: PlanLimits): { metric: OwnerMetric; limit: number }[] {
  return OWNER_METRICS.flatMap((metric) => {
    const limit = limits[metric];
    return limit === undefined ? [] : [{ metric, limit }];
  });
}

export function keyOf(metric: OwnerMetric, window: string | number): CounterKey {
  return `${metric}:${window}`;
}

function keysOf(at: { second: number; day: string; month: string }): Record<OwnerMetric, CounterKey> {
  return {
    tpm: keyOf('tpm', at.second),
    tpd: keyOf('tpd', at.day),
    requests_per_day: keyOf('requests_per_day', at.day),
    tokens_per_month: keyOf('tokens_per_month', at.month),
  };
}

/** Read access to the counters, whatever keeps them. */
export interface Counters {
  get(key: CounterKey): Tally;
  /** The seconds that have a tpm counter, ascending. */
  seconds(): number[];
}

/** What counts against a metric now. */
export function tallyOf(counters: Counters, metric: OwnerMetric, moment: Moment): Tally {
  if (metric !== 'tpm') return counters.get(keysOf(moment)[metric]);
  const total = { used: 0, reserved: 0 };
  for (const second of countedSeconds(counters, moment.second)) {
    const { used, reserved } = counters.get(keyOf('tpm', second));
    total.used += used;
    total.reserved += reserved;
  }
  return total;
}

function countedSeconds(counters: Counters, now: number): number[] {
  // A second whose tokens were all given back counts for nothing, also for when the limit clears.
  return counters.seconds().filter((second) => {
    const { used, reserved } = counters.get(keyOf('tpm', second));
    return second > now - TPM_SECONDS && used + reserved > 0;
  });
}

/** How much of a metric one admission takes. */
export function costOf(metric: OwnerMetric, tokens: number): number {
  return metric === 'requests_per_day' ? 1 : tokens;
}

/** One limit as it stands, and when more of it will be left. */
export function readLimit(
  counters: Counters,
  scope: LimitReading['scope'],
  metric: OwnerMetric,
  limit: number,
  moment: Moment,
  now: number,
): LimitReading {
  const { used, reserved } = tallyOf(counters, metric, moment);
  const remaining = Math.max(0, limit - used - reserved);
  const resetAt = resetOf(counters, metric, moment);
  const grows = used + reserved === 0 ? now : growsAt(counters, metric, limit, remaining, moment);
  return {
    scope,
    metric,
    limit,
    used,
    reserved,
    remaining,
    resetAt,
    growsIn: Math.max(0, Math.ceil((grows - now) / SECOND)),
  };
}

/** When `remaining` next grows: with the first second that leaves, or the first that leaves room under the limit. */
function growsAt(
  counters: Counters,
  metric: OwnerMetric,
  limit: number,
  remaining: number,
  moment: Moment,
): number {
  if (metric !== 'tpm' || remaining === 0) return fitsAt(counters, metric, limit, 1, moment);
  const first = countedSeconds(counters, moment.second)[0] ?? moment.second;
  return (first + TPM_SECONDS) * SECOND;
}

/** When nothing counted now counts any more: for tpm the second in which the last counted bucket leaves. */
function resetOf(counters: Counters, metric: OwnerMetric, moment: Moment): number {
  switch (metric) {
    case 'tpm': {
      const last = countedSeconds(counters, moment.second).at(-1);
      return (last === undefined ? moment.second : last + TPM_SECONDS) * SECOND;
    }
    case 'tokens_per_month':
      return moment.monthEnds;
    default:
      return moment.dayEnds;
  }
}

/**
 * Epoch milliseconds at which `wanted` could fit under `limit`, held reservations counted as staying (in
 * the sliding minute they leave with their second, like everything else).
 */
export function fitsAt(
  counters: Counters,
  metric: OwnerMetric,
  limit: number,
  wanted: number,
  moment: Moment,
): number {
  if (metric !== 'tpm') return resetOf(counters, metric, moment);
  const { used, reserved } = tallyOf(counters, metric, moment);
  let over = used + reserved + wanted - limit;
  for (const second of countedSeconds(counters, moment.second)) {
    if (over <= 0) break;
    const bucket = counters.get(keyOf('tpm', second));
    over -= bucket.used + bucket.reserved;
    if (over <= 0) return (second + TPM_SECONDS) * SECOND;
  }
  return resetOf(counters, metric, moment);
}

/** Seconds until `at`, at least 1: what `Retry-After` says. */
export function retryAfter(at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / SECOND));
}

/** What a new hold adds: tokens in each window, and one request, counted at once. */
export function changesOfHold(tokens: number, moment: Moment): Change[] {
  const keys = keysOf(moment);
  return [
    { key: keys.tpm, used: 0, reserved: tokens },
    { key: keys.tpd, used: 0, reserved: tokens },
    { key: keys.tokens_per_month, used: 0, reserved: tokens },
    { key: keys.requests_per_day, used: 1, reserved: 0 },
  ];
}

/**
 * What a settle changes. Up to the reservation: the windows it came from. The excess weighs on the second,
 * day and month of the settle.
 */
export function changesOfSettle(hold: Hold, settled: number, moment: Moment): Change[] {
  const within = Math.min(settled, hold.tokens);
  const origin = keysOf(hold);
  const changes = tokenChanges(origin, within, -hold.tokens);
  return settled > within ? [...changes, ...tokenChanges(keysOf(moment), settled - within, 0)] : changes;
}

/** A settle after its hold was given back: all of it weighs now, and its request counts again. */
export function changesOfLateSettle(settled: number, moment: Moment): Change[] {
  const keys = keysOf(moment);
  return [...tokenChanges(keys, settled, 0), { key: keys.requests_per_day, used: 1, reserved: 0 }];
}

/** What a release or an expiry gives back, the request too. */
export function changesOfReturn(hold: Hold): Change[] {
  const keys = keysOf(hold);
  return [...tokenChanges(keys, 0, -hold.tokens), { key: keys.requests_per_day, used: -1, reserved: 0 }];
}

function tokenChanges(keys: Record<OwnerMetric, CounterKey>, used: number, reserved: number): Change[] {
  return [keys.tpm, keys.tpd, keys.tokens_per_month].map((key) => ({ key, used, reserved }));
}

/** Whether a counter's window is over: nothing is admitted against it any more, and nothing goes back into it. */
export function isStale(key: CounterKey, moment: Moment): boolean {
  const [metric, window = ''] = key.split(/:(.*)/s);
  switch (metric) {
    case 'tpm':
      return Number(window) <= moment.second - TPM_SECONDS;
    case 'tokens_per_month':
      return window < moment.month;
    default:
      return window < moment.day;
  }
}
