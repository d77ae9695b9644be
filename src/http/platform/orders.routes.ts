import { z } from '@hono/zod-openapi';
import { PayOrderInput } from '#flows/commerce/pay-order';
import { operation } from './operation.ts';
import { idParam, listOf, Money, PageQuery, Time } from './schemas.ts';

const tag = 'Orders';

export const Order = z
  .object({
    order_id: z.string(),
    serial: z.int(),
    program: z.enum(['token', 'package', 'tier', 'vip', 'wallet']),
    kind: z.enum(['subscribe', 'renew', 'upgrade', 'downgrade', 'purchase', 'topup', 'promotion', 'manual']),
    status: z.enum(['pending', 'paid', 'closed', 'refunded']),
    plan_id: z.string().nullable(),
    plan_name: z.string(),
    period: z.string().nullable(),
    original_amount: Money,
    discount_amount: Money,
    credit_amount: Money,
    final_amount: Money,
    paid_amount: Money,
    refunded_amount: Money,
    currency: z.string(),
    provider: z.string().nullable(),
    voucher_id: z.string().nullable(),
    created_at: Time,
    expires_at: Time,
    paid_at: Time.nullable(),
  })
  .openapi('Order');

export const list = operation({
  method: 'get',
  path: '/api/v1/orders',
  access: 'person',
  tag,
  summary: 'My orders',
  query: PageQuery,
  data: listOf(Order),
});

export const get = operation({
  method: 'get',
  path: '/api/v1/orders/{order_id}',
  access: 'person',
  tag,
  summary: 'One of my orders',
  params: idParam('order_id'),
  data: Order,
});

export const pay = operation({
  method: 'post',
  path: '/api/v1/orders/{order_id}/pay',
  access: 'person',
  tag,
  summary: 'Begin to pay an order',
  idempotent: true,
  params: idParam('order_id'),
  body: PayOrderInput.openapi('PayOrder'),
  data: z
    .object({
      order_id: z.string(),
      provider: z.string(),
      expires_at: Time,
      parameters: z.record(z.string(), z.unknown()),
    })
    .openapi('PaymentStart'),
  errors: [
    'provider_unavailable',
    'order_not_payable',
    'wallet_short',
    'membership_changed',
    'voucher_taken',
    'enterprise_frozen',
    'service_unavailable',
  ],
});

export const cancel = operation({
  method: 'post',
  path: '/api/v1/orders/{order_id}/cancel',
  access: 'person',
  tag,
  summary: 'Cancel a pending order',
  idempotent: true,
  params: idParam('order_id'),
  data: Order,
  errors: ['order_not_cancellable', 'enterprise_frozen', 'service_unavailable'],
});
