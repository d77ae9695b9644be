import type { z } from '@hono/zod-openapi';
import { API_KEY } from './api-keys.examples.ts';
import type { HistoryItem } from './membership.routes.ts';
import type { Order } from './orders.routes.ts';
import type { Account, AccountExport, AdminUser, AdminUserDetail, Me } from './users.schemas.ts';
import { REALNAME_VERIFIED } from './verification.examples.ts';

/** The beginnings of what a client encrypts (RSA-OAEP, 512 characters of Base64): each is accepted once. */
export const KEY_ID = 'rsa_key_20240101_001';
export const CIPHERTEXT = 'mJ4kQ0f2xVd8sN7yLr1TzB6uHc3WgE9oPaKi5XtDvMqFbSjRwYh0ZnGe2UlC7OpA…';
export const NEW_CIPHERTEXT = 'Zt8wRb3nHyK5cVx0GqLd7JfPs2MuTe9oWaXi4NjBzQkEgSvCrUm6YhFl1DpO3IA7…';

/** Of ALTCHA: `{"challenge":{"parameters":{…`. */
export const CAPTCHA_TOKEN = 'eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6eyJhbGdvcml0aG0iOiJQQktERjIvU0hBLTI1NiIs…';

/** Seed 002 §1.1. */
export const ACCOUNT = {
  user_id: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  email: 'user@example.com',
  user_type: 'personal',
  created_at: '2024-01-01T00:00:00Z',
} satisfies z.input<typeof Account>;

const PROFILE = {
  email_verified: true,
  nickname: '张三',
  avatar: 'https://oss.example.com/avatars/xxx.jpg',
  realname_verified: true,
};
const LEVEL = { membership_level: 'basic', membership_expires_at: '2024-12-31T23:59:59Z' };

export const ME = {
  ...ACCOUNT,
  ...PROFILE,
  phone: '138****8000',
  ...LEVEL,
} satisfies z.input<typeof Me>;

export const ADMIN_USER = {
  ...ACCOUNT,
  role: 'user',
  status: 'active',
  ...PROFILE,
  phone: '13800138000',
} satisfies z.input<typeof AdminUser>;

export const ADMIN_USER_DETAIL = {
  ...ADMIN_USER,
  ...LEVEL,
  systems: [],
  permissions: [],
} satisfies z.input<typeof AdminUserDetail>;

const ORDER = {
  order_id: 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  serial: 1042,
  program: 'token',
  kind: 'subscribe',
  status: 'paid',
  plan_id: 'plan_basic',
  plan_name: '基础版',
  period: 'yearly',
  original_amount: '490.00',
  discount_amount: '0.00',
  credit_amount: '0.00',
  final_amount: '490.00',
  paid_amount: '490.00',
  refunded_amount: '0.00',
  currency: 'CNY',
  provider: 'alipay',
  voucher_id: null,
  created_at: '2024-01-01T00:00:00Z',
  expires_at: '2024-01-01T00:30:00Z',
  paid_at: '2024-01-01T00:00:00Z',
} satisfies z.input<typeof Order>;

const HISTORY_ITEM = {
  history_id: 'mh_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  action: 'subscribe',
  plan_name: ORDER.plan_name,
  period: 'yearly',
  amount: ORDER.paid_amount,
  original_amount: ORDER.original_amount,
  started_at: ORDER.paid_at,
  expired_at: LEVEL.membership_expires_at,
  order_id: ORDER.order_id,
  created_at: ORDER.paid_at,
} satisfies z.input<typeof HistoryItem>;

export const SESSION_ID = 'ses_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC';
export const DEVICE = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0';

export const ACCOUNT_EXPORT = {
  user: {
    ...ACCOUNT,
    ...PROFILE,
    phone: '13800138000',
    role: 'user',
    referral_code: 'k7Qm2XvB',
    inviter_id: null,
    systems: [],
    permissions: [],
  },
  enterprise: null,
  verifications: [REALNAME_VERIFIED],
  sessions: [
    {
      session_id: SESSION_ID,
      device: DEVICE,
      address: '203.0.113.7',
      created_at: '2024-01-01T09:00:00Z',
      last_used_at: '2024-01-01T12:00:00Z',
      ended_at: null,
    },
  ],
  api_keys: [API_KEY],
  orders: [ORDER],
  grants: [
    {
      program: 'token',
      plan_id: ORDER.plan_id,
      source: 'order',
      order_id: ORDER.order_id,
      from: ORDER.paid_at,
      until: '2025-01-01T00:00:00Z',
    },
  ],
  membership_history: [HISTORY_ITEM],
  wallet_entries: [],
  rewards: [],
  storefront: null,
  gifts: [],
  withdrawals: [],
} satisfies z.input<typeof AccountExport>;
