import { z } from '@hono/zod-openapi';
import { RenewInput } from '#flows/commerce/membership-acts';
import { SubscribeInput } from '#flows/commerce/subscribe';
import { PROGRAMS } from '#kernel/programs';
import { KNOWN_BENEFITS } from '#modules/catalogue/rules';
import { operation } from './operation.ts';
import { Done, listOf, Money, PageQuery, Time } from './schemas.ts';

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
    scheduled: z.object({ plan_id: z.string(), period: z.string().nullable(), starts_at: Time }).nullable(),
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

const Scheduled = z
  .object({ plan_id: z.string(), period: z.string().nullable(), starts_at: Time })
  .openapi('ScheduledPlan');

/** Whose membership: these paths mean token plans where nothing is said. */
const ProgramQuery = z.object({ program: z.enum(PROGRAMS).default('token') });

export const me = operation({
  method: 'get',
  path: '/api/v1/membership/me',
  access: 'person',
  tag,
  summary: 'My membership',
  query: ProgramQuery,
  data: Membership,
});

const Ordered = z.object({
  order_id: z.string(),
  plan_name: z.string().openapi({ example: '基础版(年付)' }),
  original_amount: Money,
  discount_amount: Money,
  credit_amount: Money,
  final_amount: Money,
  currency: z.string(),
  payment: z.object({ providers: z.array(z.string()), expires_at: Time }),
});

const BUYING_ERRORS = [
  'period_not_for_sale',
  'voucher_invalid',
  'voucher_taken',
  'enterprise_plan_forbidden',
  'enterprise_frozen',
  'personal_plan_forbidden',
  'membership_too_long',
  'membership_changed',
  'order_open',
  'order_throttled',
] as const;

export const subscribe = operation({
  method: 'post',
  path: '/api/v1/membership/subscribe',
  access: 'person',
  tag,
  summary: 'Order a plan',
  description:
    'Makes an order; the membership begins when it is paid. The plan that is held is renewed, a dearer one replaces ' +
    'it with credit for what is left, a cheaper one follows at the end: then `order_id` is null and `scheduled` says ' +
    'when, and it is paid from the wallet within the last day. A package (`MEM0001`, period `fixed`) is extended by the ' +
    'same again; another one replaces it at once, its unused days credited as far as the price goes.',
  idempotent: true,
  body: SubscribeInput.openapi('Subscribe'),
  data: Ordered.extend({
    order_id: z.string().nullable(),
    payment: Ordered.shape.payment.nullable(),
    scheduled: Scheduled.optional(),
  }).openapi('Subscription'),
  errors: [
    'plan_not_available',
    'plan_not_for_sale',
    'credit_exceeds_price',
    'free_package_taken',
    ...BUYING_ERRORS,
  ],
});

export const renew = operation({
  method: 'post',
  path: '/api/v1/membership/renew',
  access: 'person',
  tag,
  summary: 'Order another period',
  description:
    'Of the plan that is held, or was last. Before the end it extends from there, afterwards from now.',
  idempotent: true,
  body: RenewInput.openapi('Renew'),
  data: Ordered.openapi('Renewal'),
  errors: ['membership_none', 'plan_disabled', ...BUYING_ERRORS],
});

export const resume = operation({
  method: 'post',
  path: '/api/v1/membership/resume',
  access: 'person',
  tag,
  summary: 'Renew by itself again',
  idempotent: true,
  data: z
    .object({ status: z.literal('active'), auto_renew: z.literal(true), valid_until: Time.nullable() })
    .openapi('ResumedMembership'),
  errors: ['membership_none', 'membership_changed'],
});

export const dropScheduled = operation({
  method: 'delete',
  path: '/api/v1/membership/scheduled',
  access: 'person',
  tag,
  summary: 'Drop the plan that was to follow',
  data: Done,
  errors: ['not_found', 'downgrade_paid', 'membership_changed'],
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
  errors: ['membership_none', 'enterprise_frozen', 'forbidden'],
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
  query: ProgramQuery.extend(PageQuery.shape),
  data: listOf(HistoryItem),
});
