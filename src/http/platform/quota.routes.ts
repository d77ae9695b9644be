import { z } from '@hono/zod-openapi';
import { UsageQuery } from '#flows/quota/get-usage';
import { ConsumeInput, ReserveInput, SettleInput } from '#flows/quota/meter';
import { idParam } from '../shared/id-param.ts';
import { operation, QUOTA_BUSY } from './operation.ts';
import { Time } from './schemas.ts';

const tag = 'Quota';

const Limit = z
  .object({
    scope: z.enum(['member', 'enterprise', 'enterprise_member']),
    metric: z.enum(['tpm', 'tpd', 'tokens_per_day', 'requests_per_day', 'tokens_per_month']),
    limit: z.int(),
    used: z.int(),
    reserved: z.int(),
    remaining: z.int(),
    reset_at: Time,
  })
  .openapi('Limit');

const Limits = z.array(Limit);
const LIMITS: z.input<typeof Limits> = [
  {
    scope: 'member',
    metric: 'tpm',
    limit: 100_000,
    used: 0,
    reserved: 60_000,
    remaining: 40_000,
    reset_at: '2024-01-01T10:01:00Z',
  },
  {
    scope: 'member',
    metric: 'tpd',
    limit: 2_000_000,
    used: 240_000,
    reserved: 60_000,
    remaining: 1_700_000,
    reset_at: '2024-01-02T00:00:00Z',
  },
];
const SETTLED = LIMITS.map((one) => ({ ...one, used: one.used + 52_345, reserved: 0 })).map((one) => ({
  ...one,
  remaining: one.limit - one.used,
}));
const RESERVATION = 'rsv_AQbw3k9XvJ2mT5c.8fK1pZrQ0aWnE7uYhG4sLw';

export const reserve = operation({
  method: 'post',
  path: '/api/v1/quota/reservations',
  operationId: 'reserveTokens',
  rateLimited: true,
  access: 'machine',
  tag,
  summary: 'Reserve tokens before spending them',
  description:
    'All or nothing over every limit of this moment: where one does not fit, 429 says which (`data.blocking`) and when ' +
    'to come again. What is not settled or released within `ttl_seconds` runs out by itself, and counts as nothing. ' +
    'With a `request_id`, sending it again is the same reservation.',
  status: 201,
  body: ReserveInput.openapi('Reserve'),
  data: z
    .object({
      reservation_id: z.string(),
      tokens: z.int(),
      expires_at: Time,
      limits: Limits,
      priority: z.string().openapi({ example: 'P1' }),
      token_discount: z.string().nullable().openapi({ example: '20%' }),
    })
    .openapi('Reservation'),
  example: {
    body: { tokens: 60_000, model: 'gpt-4o', request_id: 'chat-7f3a', ttl_seconds: 600 },
    data: {
      reservation_id: RESERVATION,
      tokens: 60_000,
      expires_at: '2024-01-01T10:10:00Z',
      limits: LIMITS,
      priority: 'P1',
      token_discount: '20%',
    },
  },
  errors: [
    'model_required',
    'model_not_allowed',
    'ip_not_allowed',
    'owner_frozen',
    'quota_never_fits',
    'quota_exceeded',
    'request_id_conflict',
    'reservation_released',
    'reservation_expired',
    'too_many_unknown_keys',
    ...QUOTA_BUSY,
  ],
});

export const settle = operation({
  method: 'post',
  path: '/api/v1/quota/reservations/{reservation_id}/settle',
  operationId: 'settleReservation',
  rateLimited: true,
  access: 'machine',
  tag,
  summary: 'Say what was really used',
  description: 'The same figure again is the same answer; another is a conflict. 0 is a figure.',
  params: idParam('reservation_id'),
  body: SettleInput.openapi('Settle'),
  data: z
    .object({
      reservation_id: z.string(),
      reserved: z.int(),
      settled: z.int(),
      status: z.literal('settled'),
      limits: Limits,
    })
    .openapi('Settlement'),
  example: {
    body: { tokens: 52_345 },
    data: {
      reservation_id: RESERVATION,
      reserved: 60_000,
      settled: 52_345,
      status: 'settled',
      limits: SETTLED,
    },
  },
  errors: ['reservation_not_found', 'reservation_settled', 'reservation_released', ...QUOTA_BUSY],
});

export const release = operation({
  method: 'delete',
  path: '/api/v1/quota/reservations/{reservation_id}',
  operationId: 'releaseReservation',
  rateLimited: true,
  access: 'machine',
  tag,
  summary: 'Give a reservation back',
  description:
    'Nothing was spent: what was reserved is free again, and nothing is counted. Twice is the same answer.',
  params: idParam('reservation_id'),
  data: z
    .object({ reservation_id: z.string(), status: z.literal('released'), limits: Limits })
    .openapi('Release'),
  example: {
    data: {
      reservation_id: RESERVATION,
      status: 'released',
      limits: LIMITS.map((one) => ({ ...one, reserved: 0, remaining: one.limit - one.used })),
    },
  },
  errors: ['reservation_not_found', 'reservation_settled', ...QUOTA_BUSY],
});

export const consume = operation({
  method: 'post',
  path: '/api/v1/quota/consume',
  operationId: 'consumeTokens',
  rateLimited: true,
  access: 'machine',
  tag,
  summary: 'Reserve and settle in one',
  description: 'For what is known beforehand. `request_id` makes it happen once, however often it is sent.',
  body: ConsumeInput.openapi('Consume'),
  data: z
    .object({ request_id: z.string(), tokens: z.int(), status: z.literal('settled'), limits: Limits })
    .openapi('Consumption'),
  example: {
    body: { tokens: 52_345, model: 'gpt-4o', request_id: 'embed-19c2' },
    data: { request_id: 'embed-19c2', tokens: 52_345, status: 'settled', limits: SETTLED },
  },
  errors: reserve.contract.errors,
});

export const read = operation({
  method: 'get',
  path: '/api/v1/quota',
  operationId: 'getQuota',
  rateLimited: true,
  access: 'reader',
  tag,
  summary: 'Every limit as it stands',
  description:
    'Of the key, or of who is signed in. `expired_today` counts reservations that ran out without being settled: a ' +
    'sign that somebody forgets to.',
  data: z.object({ limits: Limits, expired_today: z.int() }).openapi('Quota'),
  example: { data: { limits: SETTLED, expired_today: 0 } },
  errors: ['ip_not_allowed', 'owner_frozen', 'too_many_unknown_keys', ...QUOTA_BUSY],
});

export const usage = operation({
  method: 'get',
  path: '/api/v1/usage',
  operationId: 'getUsage',
  access: 'reader',
  tag,
  summary: 'What was settled',
  description:
    'Test keys included (`test_tokens` is that part); days of the site’s zone, both inclusive, the last thirty where ' +
    'nothing is said. By key that user’s alone; of an enterprise’s owner or admin the whole enterprise’s.',
  query: UsageQuery,
  data: z
    .object({
      items: z.array(
        z.object({
          day: z.string().optional(),
          model: z.string().nullable().optional(),
          key_id: z.string().optional(),
          member_id: z.string().optional(),
          tokens: z.int(),
          requests: z.int(),
          test_tokens: z.int(),
        }),
      ),
      total_tokens: z.int(),
    })
    .openapi('Usage'),
  example: {
    data: {
      items: [{ day: '2024-01-01', model: 'gpt-4o', tokens: 292_345, requests: 17, test_tokens: 0 }],
      total_tokens: 292_345,
    },
  },
  errors: ['ip_not_allowed', 'owner_frozen', 'too_many_unknown_keys', ...QUOTA_BUSY],
});
