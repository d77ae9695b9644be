import type { z } from '@hono/zod-openapi';
import type { RenewInput } from '#flows/commerce/membership-acts';
import type { SubscribeInput } from '#flows/commerce/subscribe';
import type { HistoryItem, Membership, Ordered } from './membership.routes.ts';

const EXPIRES = '2024-12-31T23:59:59Z';
const STARTED = '2024-01-01T00:00:00Z';
const ORDER_ID = 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0BD';
const PROVIDERS = ['wallet', 'stripe', 'wxpay', 'alipay'];

export const MEMBERSHIP = {
  plan_id: 'plan_basic',
  plan_name: '基础版',
  plan_type: 'personal',
  status: 'active',
  period: 'yearly',
  started_at: STARTED,
  expired_at: EXPIRES,
  auto_renew: true,
  scheduled: null,
  usage_this_month: { tokens_used: 1_200_000, tokens_limit: 62_000_000, usage_percent: 1 },
  effective_benefits: {
    tpm: 100_000,
    tpd: 2_000_000,
    models: ['gpt-4o', 'qwen-turbo'],
    token_discount: '20%',
    priority: 'P1',
    support: 'email',
    member_seats: null,
    tokens_per_month: null,
    requests_per_day: null,
  },
} satisfies z.input<typeof Membership>;

export const SUBSCRIBE = {
  plan_id: 'plan_basic',
  period: 'yearly',
  auto_renew: true,
  voucher_id: null,
} satisfies z.input<typeof SubscribeInput>;

export const SUBSCRIPTION = {
  order_id: ORDER_ID,
  plan_name: '基础版(年付)',
  original_amount: '490.00',
  discount_amount: '0.00',
  credit_amount: '0.00',
  final_amount: '490.00',
  currency: 'CNY',
  payment: { providers: PROVIDERS, expires_at: '2024-01-01T00:28:12Z' },
} satisfies z.input<typeof Ordered>;

export const RENEW = { period: 'yearly', voucher_id: null } satisfies z.input<typeof RenewInput>;

export const RENEWAL = {
  ...SUBSCRIPTION,
  order_id: 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0BE',
  discount_amount: '0.00',
  final_amount: '490.00',
  payment: { providers: PROVIDERS, expires_at: '2024-12-20T08:30:00Z' },
} satisfies z.input<typeof Ordered>;

export const RESUMED = { status: 'active', auto_renew: true, valid_until: EXPIRES } as const;

export const CANCELLED = {
  status: 'cancelled',
  auto_renew: false,
  valid_until: EXPIRES,
  message: '您的会员权益将保留至 2024-12-31',
} as const;

export const SUBSCRIBED = {
  history_id: 'mh_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  action: 'subscribe',
  plan_name: '基础版',
  period: 'yearly',
  amount: '470.00',
  original_amount: '490.00',
  started_at: STARTED,
  expired_at: EXPIRES,
  order_id: ORDER_ID,
  created_at: STARTED,
} satisfies z.input<typeof HistoryItem>;
