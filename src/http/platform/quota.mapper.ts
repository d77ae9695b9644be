import type { UsageReport } from '#flows/quota/get-usage';
import { SECOND, toIso } from '#kernel/clock';
import type { LimitReading, Refusal } from '#kernel/quota';

export function toLimit(reading: LimitReading) {
  const { scope, metric, limit, used, reserved, remaining, resetAt } = reading;
  return { scope, metric, limit, used, reserved, remaining, reset_at: toIso(resetAt) };
}

/** `data` of a 429: the limit that clears last. */
export function toBlocking({ blocking }: Refusal) {
  const { scope, metric, limit, used, reserved, requested, resetAt } = blocking;
  return { scope, metric, limit, used, reserved, requested, reset_at: toIso(resetAt) };
}

const WINDOW_SECONDS = {
  tpm: 60,
  tpd: 86_400,
  tokens_per_day: 86_400,
  requests_per_day: 86_400,
  tokens_per_month: null,
} as const;

/**
 * The headers that every answer to a known key carries: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers, structured fields) and, for AI clients, `x-ratelimit-*-tokens`.
 */
export function limitHeaders(limits: LimitReading[]): Record<string, string> {
  if (limits.length === 0) return {};
  const policy = limits.map((reading) => {
    const window = WINDOW_SECONDS[reading.metric];
    return `"${policyName(reading)}";q=${reading.limit}${window === null ? '' : `;w=${window}`}`;
  });
  const state = limits.map(
    (reading) => `"${policyName(reading)}";r=${reading.remaining};t=${reading.growsIn}`,
  );
  return {
    'RateLimit-Policy': policy.join(', '),
    RateLimit: state.join(', '),
    ...tokenHeaders(limits.find(({ metric }) => metric === 'tpm')),
  };
}

function tokenHeaders(tpm: LimitReading | undefined): Record<string, string> {
  if (!tpm) return {};
  return {
    'x-ratelimit-limit-tokens': String(tpm.limit),
    'x-ratelimit-remaining-tokens': String(tpm.remaining),
    'x-ratelimit-reset-tokens': duration(tpm.growsIn),
  };
}

/** `23s`, `1m0s`. */
function duration(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** Unique across scopes: a member's own caps are `member-tpd` and `member-requests-per-day`. */
function policyName({ scope, metric }: LimitReading): string {
  if (scope !== 'enterprise_member') return metric.replaceAll('_', '-');
  return metric === 'tokens_per_day' ? 'member-tpd' : `member-${metric.replaceAll('_', '-')}`;
}

/** When the tokens of a reservation go back by themselves. */
export function toExpiry(expiresAt: number): string {
  return toIso(Math.floor(expiresAt / SECOND) * SECOND);
}

const GROUP_FIELDS = { day: 'day', model: 'model', key: 'key_id', member: 'member_id' } as const;

/** Sums under the name that they were grouped by; usage without a model has `null` there. */
export function toUsage({ group, sums }: UsageReport) {
  return {
    items: sums.map(({ name, tokens, requests, testTokens }) => ({
      [GROUP_FIELDS[group]]: name === '' ? null : name,
      tokens,
      requests,
      test_tokens: testTokens,
    })),
    total_tokens: sums.reduce((total, { tokens }) => total + tokens, 0),
  };
}
