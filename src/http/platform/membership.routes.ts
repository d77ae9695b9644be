import { z } from '@hono/zod-openapi';
import { RenewInput } from '#flows/commerce/membership-acts';
import { SubscribeInput } from '#flows/commerce/subscribe';
import { PROGRAMS } from '#kernel/programs';
import { KNOWN_BENEFITS } from '#modules/catalogue/rules';
import {
  CANCELLED,
  MEMBERSHIP,
  RENEW,
  RENEWAL,
  RESUMED,
  SUBSCRIBE,
  SUBSCRIBED,
  SUBSCRIPTION,
} from './membership.examples.ts';
import { operation, QUOTA_BUSY } from './operation.ts';
import { Done, listed, listOf, Money, PageQuery, Time } from './schemas.ts';

const tag = 'Membership';
const Period = z.string().nullable().openapi({
  description: '`monthly`, `yearly`, `fixed` of packages; null where it was given until a date',
  example: 'yearly',
});

export const Membership = z
  .object({
    plan_id: z.string().nullable(),
    plan_name: z.string().nullable(),
    plan_type: z.enum(['personal', 'enterprise']).nullable(),
    status: z.enum(['none', 'active', 'cancelled', 'expired']),
    period: Period,
    started_at: Time.nullable().openapi({ description: 'Of the unbroken chain of periods that is held' }),
    expired_at: Time.nullable().openapi({
      description: 'The last second that still belongs to it; null = for ever',
    }),
    auto_renew: z.boolean(),
    scheduled: z
      .object({ plan_id: z.string(), period: z.string().nullable(), starts_at: Time })
      .nullable()
      .openapi({ description: 'Another plan that follows: paid already, or to be paid from the wallet' }),
    usage_this_month: z.object({
      tokens_used: z.int(),
      tokens_limit: z
        .int()
        .nullable()
        .openapi({ description: '`tokens_per_month`, else `tpd` × the days of this month; null = no limit' }),
      usage_percent: z.int().openapi({ description: 'Rounded down; 0 without a limit' }),
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
const ProgramQuery = z.object({
  program: z.enum(PROGRAMS).default('token').openapi({
    description: 'Token plans, packages (`package`), alliance tiers (`tier`) or storefront levels (`vip`).',
  }),
});

export const me = operation({
  method: 'get',
  path: '/api/v1/membership/me',
  operationId: 'getMembership',
  access: 'person',
  tag,
  summary: 'My membership',
  description:
    'Of token plans whoever belongs to an enterprise sees its. After the end plan and times stay (`expired`); with ' +
    '`none` they are null. `effective_benefits` are those that count now, of `plan_free` where nothing is held; other ' +
    'programs have neither benefits nor usage.',
  query: ProgramQuery,
  data: Membership,
  example: { data: MEMBERSHIP },
  errors: [...QUOTA_BUSY],
});

export const Ordered = z.object({
  order_id: z.string(),
  plan_name: z.string().openapi({ example: '基础版(年付)' }),
  original_amount: Money,
  discount_amount: Money.openapi({
    description: 'What the voucher takes off, after credit',
    example: '20.00',
  }),
  credit_amount: Money.openapi({
    description: 'Of an upgrade: what is left of what was paid',
    example: '0.00',
  }),
  final_amount: Money.openapi({ description: 'To be paid; 0.00 is paid already', example: '470.00' }),
  currency: z.string(),
  payment: z.object({ providers: z.array(z.string()), expires_at: Time }).openapi({
    description: 'What `POST /api/v1/orders/{order_id}/pay` takes as `provider`, and until when',
  }),
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
  'service_unavailable',
] as const;

export const subscribe = operation({
  method: 'post',
  path: '/api/v1/membership/subscribe',
  operationId: 'subscribeToPlan',
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
  example: { body: SUBSCRIBE, data: SUBSCRIPTION },
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
  operationId: 'renewMembership',
  access: 'person',
  tag,
  summary: 'Order another period',
  description:
    'Of the plan that is held, or was last. Before the end it extends from there, afterwards from now. What is used ' +
    'of the quota stays used, and a cancelled membership stays cancelled until it is resumed.',
  idempotent: true,
  body: RenewInput.openapi('Renew'),
  data: Ordered.openapi('Renewal'),
  example: { body: RENEW, data: RENEWAL },
  errors: ['membership_none', 'plan_disabled', 'forbidden', ...BUYING_ERRORS],
});

export const resume = operation({
  method: 'post',
  path: '/api/v1/membership/resume',
  operationId: 'resumeMembership',
  access: 'person',
  tag,
  summary: 'Renew by itself again',
  description:
    'Of a running membership of a token plan: nothing is charged now; from a day before the end what was bought last is ' +
    'paid for again from the wallet, at that day’s price. A plan that `cancel` dropped does not come back. Twice is the same answer.',
  idempotent: true,
  data: z
    .object({ status: z.literal('active'), auto_renew: z.literal(true), valid_until: Time.nullable() })
    .openapi('ResumedMembership'),
  example: { data: RESUMED },
  errors: ['membership_none', 'membership_changed', 'enterprise_frozen', 'forbidden'],
});

export const dropScheduled = operation({
  method: 'delete',
  path: '/api/v1/membership/scheduled',
  operationId: 'dropScheduledPlan',
  access: 'person',
  tag,
  summary: 'Drop the plan that was to follow',
  description:
    'The cheaper plan that `subscribe` scheduled, while it is not paid; paid, it begins (409). What is held then ' +
    'renews by itself again where it did before. Without one: 404.',
  data: Done,
  example: { data: {} },
  errors: ['not_found', 'downgrade_paid', 'membership_changed', 'enterprise_frozen', 'forbidden'],
});

export const cancel = operation({
  method: 'post',
  path: '/api/v1/membership/cancel',
  operationId: 'cancelMembership',
  access: 'person',
  tag,
  summary: 'Stop the automatic renewal',
  description:
    'Of the token plan. Benefits stay to `valid_until`, nothing is paid back; a cheaper plan that was to follow and is ' +
    'not paid yet is dropped. Twice is the same answer; `resume` takes it back.',
  idempotent: true,
  body: z
    .object({
      reason: z
        .string()
        .max(200)
        .nullish()
        .openapi({ description: 'Shown in the history', example: '暂时不需要了' }),
    })
    .openapi('CancelMembership'),
  data: z
    .object({
      status: z.literal('cancelled'),
      auto_renew: z.literal(false),
      valid_until: Time.nullable().openapi({
        description: 'The last second of the benefits; null = for ever',
      }),
      message: z.string().openapi({ description: 'For people, in the language of Accept-Language' }),
    })
    .openapi('CancelledMembership'),
  example: { body: { reason: '暂时不需要了' }, data: CANCELLED },
  errors: ['membership_none', 'enterprise_frozen', 'forbidden'],
});

export const HistoryItem = z
  .object({
    history_id: z.string(),
    action: z.enum(['subscribe', 'renew', 'upgrade', 'downgrade', 'cancel', 'expired', 'pause', 'unpause']),
    plan_name: z.string(),
    period: Period,
    amount: Money.openapi({ description: 'What was paid; 0.00 where nothing was', example: '470.00' }),
    original_amount: Money.openapi({ description: 'The price before credit and discount' }),
    started_at: Time,
    expired_at: Time.nullable(),
    order_id: z.string().nullable(),
    reason: z.string().optional().openapi({
      description: '`refunded` of an end by refund; else what who cancelled or gave it wrote',
      example: 'refunded',
    }),
    auto: z.literal(true).optional().openapi({ description: 'Paid from the wallet by itself' }),
    created_at: Time,
  })
  .openapi('MembershipEvent');

export const history = operation({
  method: 'get',
  path: '/api/v1/membership/history',
  operationId: 'listMembershipHistory',
  access: 'person',
  tag,
  summary: 'What happened to my membership',
  description:
    'Newest first. A refund is `expired` with `reason` `refunded`; `pause` and `unpause` are a personal plan’s while its ' +
    'holder belongs to an enterprise; a cheaper plan is a `downgrade` once it has begun. Resuming leaves nothing here.',
  query: ProgramQuery.extend(PageQuery.shape),
  data: listOf(HistoryItem),
  example: { data: listed(SUBSCRIBED) },
});
