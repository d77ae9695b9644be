import type { z } from '@hono/zod-openapi';
import { ORDER_EXAMPLE } from './orders.routes.ts';
import type { Balances, TopupOrder, Voucher, WalletEntry } from './wallet.routes.ts';

const TOPUP_ID = 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0B8';

export const BALANCES = [{ asset: 'CNY', balance: '510.00', debt: '0.00' }] satisfies z.input<
  typeof Balances
>;

export const SPENT = {
  entry_id: 'we_01JKZ7M0V3Q4T5W6X7Y8Z9A0BD',
  asset: 'CNY',
  amount: '-490.00',
  balance_after: '510.00',
  reason: 'order',
  reference: 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0BE',
  created_at: '2024-12-20T08:03:10Z',
} satisfies z.input<typeof WalletEntry>;

export const FILLED = {
  entry_id: 'we_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  asset: 'CNY',
  amount: '1000.00',
  balance_after: '1000.00',
  reason: 'topup',
  reference: TOPUP_ID,
  created_at: '2024-01-01T09:01:30Z',
} satisfies z.input<typeof WalletEntry>;

export const TOPUP = {
  ...ORDER_EXAMPLE,
  order_id: TOPUP_ID,
  serial: 1040,
  program: 'wallet',
  kind: 'topup',
  plan_id: null,
  plan_name: '钱包充值',
  period: null,
  original_amount: '1000.00',
  final_amount: '1000.00',
  created_at: '2024-01-01T09:00:00Z',
  expires_at: '2024-01-01T09:30:00Z',
  payment: { providers: ['stripe', 'wxpay', 'alipay'], expires_at: '2024-01-01T09:30:00Z' },
} satisfies z.input<typeof TopupOrder>;

export const VOUCHER = {
  voucher_id: 'v_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  type: 'fixed',
  value: '20.00',
  min_amount: '100.00',
  plans: ['plan_basic', 'plan_premium'],
  programs: ['token'],
  status: 'unused',
  order_id: null,
  starts_at: '2023-12-01T00:00:00Z',
  ends_at: '2030-01-01T00:00:00Z',
  used_at: null,
} satisfies z.input<typeof Voucher>;
