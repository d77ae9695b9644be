import { dayWindow, monthWindow } from '#kernel/calendar';
import { SECOND } from '#kernel/clock';
import type { LimitReading, MemberCap, OwnerMetric, OwnerSnapshot, PlanLimits } from '#kernel/quota';

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

/** What is counted: of the owner, and of each member of an enterprise by itself. */
export type Meter = OwnerMetric | 'member_tokens' | 'member_requests';

/** `tpm:<epoch second>`, `tpd:<date>`, `tokens_per_month:<month>`, `member_tokens:<date>:<user>`, … */
export type CounterKey = string;

/** The windows of an instant in the site's zone. */
export interface Moment {
  second: number;
  day: string;
  dayEnds: number;
  month: string;
  monthEnds: number;
}

/** Which counters something is counted in. `member` is null where the owner is no enterprise. */
export interface Place {
  second: number;
  day: string;
  month: string;
  member: string | null;
}

/** A reservation as it counts. */
export interface Hold extends Place {
  tokens: number;
  expiresAt: number;
}

/** A change of one counter. */
export interface Change {
  key: CounterKey;
  used: number;
  reserved: number;
}

/** A limit that applies, and the meter that it is held against. */
export interface Limited extends Pick<LimitReading, 'scope' | 'metric' | 'limit'> {
  meter: Meter;
  member: string | null;
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

const OWNER_METRICS = ['tpm', 'tpd', 'requests_per_day', 'tokens_per_month'] as const;

/** The limits of an owner, in a fixed order; a benefit that the plan lacks is no limit. */
export function ownerLimits(scope: OwnerSnapshot['scope'], limits: PlanLimits): Limited[] {
  return OWNER_METRICS.flatMap((metric) => {
    const limit = limits[metric];
    return limit === undefined ? [] : [{ scope, metric, limit, meter: metric, member: null }];
  });
}

/** What a member's own cap adds to the limits of the enterprise. */
export function memberLimits(cap: MemberCap | undefined, member: string): Limited[] {
  const scope = 'enterprise_member' as const;
  const { tokens_per_day: tokens = null, requests_per_day: requests = null } = cap ?? {};
  return [
    ...(tokens === null
      ? []
      : [
          {
            scope,
            metric: 'tokens_per_day' as const,
            limit: tokens,
            meter: 'member_tokens' as const,
            member,
          },
        ]),
    ...(requests === null
      ? []
      : [
          {
            scope,
            metric: 'requests_per_day' as const,
            limit: requests,
            meter: 'member_requests' as const,
            member,
          },
        ]),
  ];
}

export function keyOf(meter: Meter, { second, day, month, member }: Place): CounterKey {
  switch (meter) {
    case 'tpm':
      return `tpm:${second}`;
    case 'tokens_per_month':
      return `tokens_per_month:${month}`;
    case 'tpd':
    case 'requests_per_day':
      return `${meter}:${day}`;
    case 'member_tokens':
    case 'member_requests':
      return `${meter}:${day}:${member}`;
  }
}

const OWNER_TOKENS: Meter[] = ['tpm', 'tpd', 'tokens_per_month'];

/** The counters that tokens, and those that requests, are counted in. */
export function tokenKeys(place: Place): CounterKey[] {
  const meters: Meter[] = place.member === null ? OWNER_TOKENS : [...OWNER_TOKENS, 'member_tokens'];
  return meters.map((meter) => keyOf(meter, place));
}

export function requestKeys(place: Place): CounterKey[] {
  const own = keyOf('requests_per_day', place);
  return place.member === null ? [own] : [own, keyOf('member_requests', place)];
}

/** A second of the sliding minute. */
export interface Bucket extends Tally {
  second: number;
}

/** Read access to the counters, whatever keeps them. */
export interface Counters {
  get(key: CounterKey): Tally;
  /** The seconds that have a tpm counter, ascending. */
  minute(): Bucket[];
}

/** What counts against a limit now. */
export function tallyOf(counters: Counters, { meter, member }: Limited, moment: Moment): Tally {
  return meter === 'tpm'
    ? sumOf(counted(counters, moment))
    : counters.get(keyOf(meter, { ...moment, member }));
}

function sumOf(buckets: Bucket[]): Tally {
  const total = { used: 0, reserved: 0 };
  for (const { used, reserved } of buckets) {
    total.used += used;
    total.reserved += reserved;
  }
  return total;
}

/** A second whose tokens were all given back counts for nothing, also for when the limit clears. */
function counted(counters: Counters, { second: now }: Moment): Bucket[] {
  return counters
    .minute()
    .filter(({ second, used, reserved }) => second > now - TPM_SECONDS && used + reserved > 0);
}

/** How much of a limit one admission takes. */
export function costOf({ meter }: Limited, tokens: number): number {
  return meter === 'requests_per_day' || meter === 'member_requests' ? 1 : tokens;
}

/** One limit as it stands, and when more of it will be left. */
export function readLimit(counters: Counters, limited: Limited, moment: Moment, now: number): LimitReading {
  const { scope, metric, limit, meter, member } = limited;
  const minute = meter === 'tpm' ? counted(counters, moment) : [];
  const { used, reserved } =
    meter === 'tpm' ? sumOf(minute) : counters.get(keyOf(meter, { ...moment, member }));
  const remaining = Math.max(0, limit - used - reserved);
  const idle = used + reserved === 0 && limit > 0;
  const grows = idle ? now : growsAt(minute, limited, remaining, moment);
  return {
    scope,
    metric,
    limit,
    used,
    reserved,
    remaining,
    resetAt: resetOf(minute, meter, moment),
    growsIn: Math.max(0, Math.ceil((grows - now) / SECOND)),
  };
}

/** When `remaining` next grows: with the first second that leaves, or the first that leaves room under the limit. */
function growsAt(minute: Bucket[], limited: Limited, remaining: number, moment: Moment): number {
  if (limited.meter !== 'tpm' || remaining === 0) return clearsAt(minute, limited, 1, moment);
  return leaves(minute[0]?.second ?? moment.second);
}

/** When a bucket counts no more. */
function leaves(second: number): number {
  return (second + TPM_SECONDS) * SECOND;
}

/** When nothing counted now counts any more: for tpm the second in which the last counted bucket leaves. */
function resetOf(minute: Bucket[], meter: Meter, moment: Moment): number {
  switch (meter) {
    case 'tpm': {
      const last = minute.at(-1);
      return last === undefined ? moment.second * SECOND : leaves(last.second);
    }
    case 'tokens_per_month':
      return moment.monthEnds;
    default:
      return moment.dayEnds;
  }
}

/**
 * Epoch milliseconds at which `wanted` could fit, held reservations counted as staying (in the sliding minute
 * they leave with their second, like everything else).
 */
export function fitsAt(counters: Counters, limited: Limited, wanted: number, moment: Moment): number {
  return clearsAt(limited.meter === 'tpm' ? counted(counters, moment) : [], limited, wanted, moment);
}

function clearsAt(minute: Bucket[], { meter, limit }: Limited, wanted: number, moment: Moment): number {
  if (meter !== 'tpm') return resetOf(minute, meter, moment);
  const { used, reserved } = sumOf(minute);
  let over = used + reserved + wanted - limit;
  for (const bucket of minute) {
    if (over <= 0) break;
    over -= bucket.used + bucket.reserved;
    if (over <= 0) return leaves(bucket.second);
  }
  return resetOf(minute, meter, moment);
}

/** Seconds until `at`, at least 1: what `Retry-After` says. */
export function retryAfter(at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / SECOND));
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
