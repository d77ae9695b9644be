import { z } from '@hono/zod-openapi';
import { UsageQuery } from '#flows/quota/get-usage';
import { ConsumeInput, ReserveInput, SettleInput } from '#flows/quota/meter';
import { operation } from './operation.ts';
import { idParam, Time } from './schemas.ts';

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

export const reserve = operation({
  method: 'post',
  path: '/api/v1/quota/reservations',
  access: 'machine',
  tag,
  summary: 'Reserve tokens before spending them',
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
  errors: [
    'model_required',
    'model_not_allowed',
    'ip_not_allowed',
    'owner_frozen',
    'quota_never_fits',
    'quota_exceeded',
    'request_id_conflict',
    'too_many_unknown_keys',
    'quota_overloaded',
  ],
});

export const settle = operation({
  method: 'post',
  path: '/api/v1/quota/reservations/{reservation_id}/settle',
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
  errors: ['reservation_not_found', 'reservation_settled', 'reservation_released', 'quota_overloaded'],
});

export const release = operation({
  method: 'delete',
  path: '/api/v1/quota/reservations/{reservation_id}',
  access: 'machine',
  tag,
  summary: 'Give a reservation back',
  params: idParam('reservation_id'),
  data: z
    .object({ reservation_id: z.string(), status: z.literal('released'), limits: Limits })
    .openapi('Release'),
  errors: ['reservation_not_found', 'reservation_settled', 'quota_overloaded'],
});

export const consume = operation({
  method: 'post',
  path: '/api/v1/quota/consume',
  access: 'machine',
  tag,
  summary: 'Reserve and settle in one',
  body: ConsumeInput.openapi('Consume'),
  data: z
    .object({ request_id: z.string(), tokens: z.int(), status: z.literal('settled'), limits: Limits })
    .openapi('Consumption'),
  errors: reserve.contract.errors,
});

export const read = operation({
  method: 'get',
  path: '/api/v1/quota',
  access: 'reader',
  tag,
  summary: 'Every limit as it stands',
  data: z.object({ limits: Limits, expired_today: z.int() }).openapi('Quota'),
  errors: ['ip_not_allowed', 'owner_frozen', 'too_many_unknown_keys', 'quota_overloaded'],
});

export const usage = operation({
  method: 'get',
  path: '/api/v1/usage',
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
  errors: ['ip_not_allowed', 'owner_frozen', 'too_many_unknown_keys', 'quota_overloaded'],
});
