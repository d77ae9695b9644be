import { z } from '@hono/zod-openapi';
import { PayOrderInput } from '#flows/commerce/pay-order';
import { idParam } from '../shared/id-param.ts';
import { operation } from './operation.ts';
import { listed, listOf, Money, PageQuery, Time } from './schemas.ts';

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

export const ORDER_EXAMPLE: z.input<typeof Order> = {
  order_id: 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  serial: 1042,
  program: 'token',
  kind: 'subscribe',
  status: 'pending',
  plan_id: 'plan_basic',
  plan_name: '基础版',
  period: 'yearly',
  original_amount: '490.00',
  discount_amount: '0.00',
  credit_amount: '0.00',
  final_amount: '490.00',
  paid_amount: '0.00',
  refunded_amount: '0.00',
  currency: 'CNY',
  provider: null,
  voucher_id: null,
  created_at: '2024-01-01T10:00:00Z',
  expires_at: '2024-01-01T10:30:00Z',
  paid_at: null,
};
export const PAID_ORDER_EXAMPLE: z.input<typeof Order> = {
  ...ORDER_EXAMPLE,
  status: 'paid',
  paid_amount: '490.00',
  provider: 'alipay',
  paid_at: '2024-01-01T10:02:41Z',
};

export const list = operation({
  method: 'get',
  path: '/api/v1/orders',
  operationId: 'listOrders',
  access: 'person',
  tag,
  summary: 'My orders',
  description:
    'Newest first, and those of the enterprise for whom may buy for it. One that is `pending` can be paid until ' +
    '`expires_at`; then it is `closed` by itself.',
  query: PageQuery,
  data: listOf(Order),
  example: { data: listed(PAID_ORDER_EXAMPLE) },
});

export const get = operation({
  method: 'get',
  path: '/api/v1/orders/{order_id}',
  operationId: 'getOrder',
  access: 'person',
  tag,
  summary: 'One of my orders',
  description: 'What to look at after the payer came back: it is `paid` once the provider has told so.',
  params: idParam('order_id'),
  data: Order,
  example: { data: PAID_ORDER_EXAMPLE },
});

export const pay = operation({
  method: 'post',
  path: '/api/v1/orders/{order_id}/pay',
  operationId: 'payOrder',
  access: 'person',
  tag,
  summary: 'Begin to pay an order',
  description:
    'Where to pay is in `parameters`: `url` (Stripe, Alipay’s `page` and `wap`), `code_url`, `h5_url` or the fields of ' +
    '`jsapi` (WeChat), `order_string` (Alipay’s `app`), `pay_url` (the sandbox). The wallet pays at once. An attempt ' +
    'that is still open elsewhere is ended first.',
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
  example: {
    body: { provider: 'wxpay', method: 'native' },
    data: {
      order_id: ORDER_EXAMPLE.order_id,
      provider: 'wxpay',
      expires_at: ORDER_EXAMPLE.expires_at,
      parameters: { code_url: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz' },
    },
  },
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
  operationId: 'cancelOrder',
  access: 'person',
  tag,
  summary: 'Cancel a pending order',
  description:
    'Ends what was begun at a provider, and gives a voucher back. Where it was paid there meanwhile, it is paid, and ' +
    'this is 409.',
  idempotent: true,
  params: idParam('order_id'),
  data: Order,
  example: { data: { ...ORDER_EXAMPLE, status: 'closed' } },
  errors: ['order_not_cancellable', 'enterprise_frozen', 'service_unavailable'],
});
