import type { z } from '@hono/zod-openapi';
import type { LevelInput } from '#flows/storefront/edit-levels';
import type { Held, Level } from './admin-storefront.routes.ts';

export const EXAMPLE: z.input<typeof Level> = {
  id: '7',
  name: 'VIPX',
  images_url: '',
  rules_min: '0',
  rules_max: '0',
  order_price: '0.00',
  full_reduction_price: '0.00',
  discount_rate: '0.8',
  is_enable: '1',
  is_supported_pay_buy: '1',
  is_supported_renew: '0',
  pay_period_rules: [
    { number: '365', value: '1', unit: '年', price: '1', commission: '' },
    { number: '1000', value: '2.74', unit: '年', price: '0.01', commission: '' },
  ],
  created_at: '2021-02-26T12:08:02Z',
  updated_at: '2021-10-19T11:39:21Z',
};
export const PAID: z.input<typeof Held> = {
  level_id: '7',
  level_name: 'VIPX',
  model: 'pay',
  expires_at: '2022-10-19T12:04:59Z',
};

/** A level of one's own: the request, and what becomes of it. */
export const CREATE: z.input<typeof LevelInput> = {
  name: '年卡',
  order_price: '100.00',
  full_reduction_price: '5.00',
  discount_rate: '0.9',
  pay_period_rules: [{ number: '365', price: '288', commission: 'r|5;s|2' }],
};
export const CREATED: z.input<typeof Level> = {
  ...EXAMPLE,
  id: '9',
  name: '年卡',
  order_price: '100.00',
  full_reduction_price: '5.00',
  discount_rate: '0.9',
  pay_period_rules: [{ number: '365', value: '1', unit: '年', price: '288', commission: 'r|5;s|2' }],
  created_at: '2024-01-01T10:00:00Z',
  updated_at: null,
};
