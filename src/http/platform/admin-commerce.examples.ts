import type { z } from '@hono/zod-openapi';
import type { GrantInput } from '#flows/commerce/grant-membership';
import type { CreateVoucherInput } from '#flows/commerce/vouchers';
import type { AdjustInput } from '#flows/commerce/wallet';
import type { AdminOrder, AdminOrderDetail, Payment, VoucherType } from './admin-commerce.routes.ts';
import { PAID_ORDER_EXAMPLE } from './orders.routes.ts';

export const USER = 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC';
const PAID_AT = '2024-01-01T10:02:41Z';

export const ADMIN_ORDER = {
  ...PAID_ORDER_EXAMPLE,
  user_id: USER,
  owner: USER,
  credited_amount: '0.00',
  closed_reason: null,
  automatic: false,
} satisfies z.input<typeof AdminOrder>;

export const REFUND = { amount: '100.00', reason: '服务中断补偿', force: false };

export const REFUNDED = {
  ...ADMIN_ORDER,
  refunded_amount: '100.00',
} satisfies z.input<typeof AdminOrder>;

const PAYMENT = {
  payment_id: 'pay_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  provider: 'alipay',
  transaction_id: '2024010122001404521000000001',
  order_id: ADMIN_ORDER.order_id,
  amount: '490.00',
  refunded_amount: '100.00',
  currency: 'CNY',
  state: 'applied',
  reason: null,
  created_at: PAID_AT,
  updated_at: '2024-01-05T03:00:04Z',
} satisfies z.input<typeof Payment>;

export const DETAIL = {
  ...REFUNDED,
  attempts: [
    {
      provider: 'alipay',
      method: 'page',
      state: 'paid',
      created_at: '2024-01-01T10:01:05Z',
      updated_at: PAID_AT,
    },
  ],
  payments: [PAYMENT],
  refunds: [
    {
      refund_id: 'rf_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
      provider: 'alipay',
      amount: '100.00',
      state: 'done',
      reason: REFUND.reason,
      created_at: '2024-01-05T03:00:00Z',
      done_at: '2024-01-05T03:00:04Z',
    },
  ],
} satisfies z.input<typeof AdminOrderDetail>;

export const SURPLUS = {
  ...PAYMENT,
  payment_id: 'pay_01JKZ7M0V3Q4T5W6X7Y8Z9A0BD',
  provider: 'wxpay',
  transaction_id: '4200002093202401011234567890',
  refunded_amount: '490.00',
  state: 'surplus',
  reason: 'the order is paid already',
  created_at: '2024-01-01T10:03:02Z',
  updated_at: '2024-01-01T10:03:04Z',
} satisfies z.input<typeof Payment>;

export const GRANT = {
  plan_id: 'plan_basic',
  period: 'monthly',
  reason: '服务中断补偿',
} satisfies z.input<typeof GrantInput>;

/** The order's year, and a month after it. */
export const GIVEN = {
  owner: USER,
  plan_id: 'plan_basic',
  plan_name: '基础版',
  started_at: '2025-01-01T10:02:41Z',
  expired_at: '2025-02-01T10:02:40Z',
};

export const NEW_VOUCHER = {
  type: 'fixed',
  value: '20.00',
  min_amount: '100.00',
  plans: ['plan_basic', 'plan_premium'],
  programs: ['token'],
  starts_at: '2023-12-01T00:00:00Z',
  ends_at: '2030-01-01T00:00:00Z',
} satisfies z.input<typeof CreateVoucherInput>;

export const VOUCHER_TYPE = {
  ...NEW_VOUCHER,
  voucher_type_id: 'vt_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  issued: 0,
  used: 0,
  voided_at: null,
  created_at: '2023-11-28T02:00:00Z',
} satisfies z.input<typeof VoucherType>;

export const ADJUSTMENT = {
  asset: 'CNY',
  amount: '50.00',
  reason: '活动补偿',
  reference: 'campaign-2024-01-0007',
} satisfies z.input<typeof AdjustInput>;
