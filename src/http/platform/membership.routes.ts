import { z } from '@hono/zod-openapi';
import { SubscribeInput } from '#flows/commerce/subscribe';
import { KNOWN_BENEFITS } from '#modules/catalogue/rules';
import { operation } from './operation.ts';
import { listOf, Money, PageQuery, Time } from './schemas.ts';

const tag = 'Membership';
const Period = z.string().nullable().openapi({ example: 'yearly' });

export const Membership = z
  .object({
    plan_id: z.string().nullable(),
    plan_name: z.string().nullable(),
    plan_type: z.enum(['personal', 'enterprise']).nullable(),
    status: z.enum(['none', 'active', 'cancelled', 'expired']),
    period: Period,
    started_at: Time.nullable(),
    expired_at: Time.nullable().openapi({ description: 'The last second that still belongs to it' }),
    auto_renew: z.boolean(),
    scheduled: z.object({ plan_id: z.string(), period: z.string(), starts_at: Time }).nullable(),
    usage_this_month: z.object({
      tokens_used: z.int(),
      tokens_limit: z.int().nullable(),
      usage_percent: z.int(),
    }),
    effective_benefits: z.object(
      Object.fromEntries(KNOWN_BENEFITS.map((key) => [key, z.unknown()])) as Record<
        (typeof KNOWN_BENEFITS)[number],
        z.ZodUnknown
      >,
    ),
  })
  .openapi('Membership');

export const me = operation({
  method: 'get',
  path: '/api/v1/membership/me',
  access: 'person',
  tag,
  summary: 'My membership',
  data: Membership,
});

export const subscribe = operation({
  method: 'post',
  path: '/api/v1/membership/subscribe',
  access: 'person',
  tag,
  summary: 'Order a plan',
  description: 'Makes an order; the membership begins when it is paid.',
  idempotent: true,
  body: SubscribeInput.openapi('Subscribe'),
  data: z
    .object({
      order_id: z.string(),
      plan_name: z.string().openapi({ example: '基础版(年付)' }),
      original_amount: Money,
      discount_amount: Money,
      credit_amount: Money,
      final_amount: Money,
      currency: z.string(),
      payment: z.object({ providers: z.array(z.string()), expires_at: Time }),
    })
    .openapi('Subscription'),
  errors: [
    'plan_not_available',
    'plan_not_for_sale',
    'period_not_for_sale',
    'voucher_invalid',
    'enterprise_plan_forbidden',
    'plan_change_not_supported',
    'membership_too_long',
    'order_open',
    'order_throttled',
  ],
});

export const cancel = operation({
  method: 'post',
  path: '/api/v1/membership/cancel',
  access: 'person',
  tag,
  summary: 'Stop the automatic renewal',
  idempotent: true,
  body: z.object({ reason: z.string().max(200).nullish() }).openapi('CancelMembership'),
  data: z
    .object({
      status: z.literal('cancelled'),
      auto_renew: z.literal(false),
      valid_until: Time.nullable(),
      message: z.string(),
    })
    .openapi('CancelledMembership'),
  errors: ['membership_none'],
});

export const HistoryItem = z
  .object({
    history_id: z.string(),
    action: z.enum(['subscribe', 'renew', 'upgrade', 'downgrade', 'cancel', 'expired', 'pause', 'unpause']),
    plan_name: z.string(),
    period: Period,
    amount: Money,
    original_amount: Money,
    started_at: Time,
    expired_at: Time.nullable(),
    order_id: z.string().nullable(),
    reason: z.string().optional(),
    auto: z.literal(true).optional(),
    created_at: Time,
  })
  .openapi('MembershipEvent');

export const history = operation({
  method: 'get',
  path: '/api/v1/membership/history',
  access: 'person',
  tag,
  summary: 'What happened to my membership',
  query: PageQuery,
  data: listOf(HistoryItem),
});
