import { z } from '@hono/zod-openapi';
import { ListOrdersInput, ListPaymentsInput } from '#flows/commerce/admin-orders';
import { GrantInput } from '#flows/commerce/grant-membership';
import { RefundInput } from '#flows/commerce/refund-order';
import { CreateVoucherInput, IssueInput } from '#flows/commerce/vouchers';
import { AdjustInput } from '#flows/commerce/wallet';
import * as examples from './admin-commerce.examples.ts';
import { operation } from './operation.ts';
import { Order } from './orders.routes.ts';
import { listed, listOf, Money, PageQuery, Time } from './schemas.ts';
import { Balances, Voucher } from './wallet.routes.ts';

const access = 'admin';
const orders = 'Admin: orders';
const vouchers = 'Admin: vouchers and wallets';

export const AdminOrder = Order.extend({
  user_id: z.string().openapi({ description: 'Who placed it' }),
  owner: z.string().openapi({ description: 'Who gets what was bought: a user or an enterprise' }),
  credited_amount: Money.openapi({ description: 'Credit of upgrades that was taken out of it' }),
  closed_reason: z.string().nullable().openapi({
    description:
      '`expired`, `cancelled`, `replaced` (by a newer order), `changed` (what it was for is no longer so) or `admin`',
    example: 'expired',
  }),
  automatic: z.boolean().openapi({ description: 'Placed by an automatic renewal' }),
}).openapi('AdminOrder');

export const Payment = z
  .object({
    payment_id: z.string(),
    provider: z.string(),
    transaction_id: z.string().openapi({ description: 'The provider’s own' }),
    order_id: z.string().openapi({ description: 'As the provider named it; it may be none of ours' }),
    amount: Money,
    refunded_amount: Money,
    currency: z.string(),
    state: z.enum(['applied', 'mismatched', 'surplus', 'refund_pending', 'refunded', 'disputed']),
    reason: z.string().nullable().openapi({ description: 'Why it was kept aside' }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Payment');

export const AdminOrderDetail = AdminOrder.extend({
  attempts: z.array(
    z.object({
      provider: z.string(),
      method: z.string().nullable(),
      state: z.enum(['started', 'paid', 'failed', 'cancelled']),
      created_at: Time,
      updated_at: Time,
    }),
  ),
  payments: z.array(Payment),
  refunds: z.array(
    z.object({
      refund_id: z.string(),
      provider: z.string(),
      amount: Money,
      state: z.enum(['pending', 'done', 'early']).openapi({
        description: '`early`: the provider told of it before it told of the payment',
      }),
      reason: z.string(),
      created_at: Time,
      done_at: Time.nullable(),
    }),
  ),
}).openapi('AdminOrderDetail');

const orderId = z.object({ order_id: z.string().openapi({ example: examples.ADMIN_ORDER.order_id }) });
const from = ListOrdersInput.shape.from.meta({
  description: 'Placed then or later.',
  example: '2024-01-01T00:00:00Z',
});
const to = ListOrdersInput.shape.to.meta({
  description: 'Placed then or before.',
  example: '2024-01-31T23:59:59Z',
});

export const listOrders = operation({
  method: 'get',
  path: '/admin/v1/orders',
  operationId: 'adminListOrders',
  access,
  tag: orders,
  summary: 'Find orders',
  description:
    'Newest first, of all programs and surfaces; also those that their users have hidden, and what was given by hand ' +
    'or by promotion in the alliance. Without filters all of the site.',
  query: ListOrdersInput.extend({
    user: ListOrdersInput.shape.user.meta({
      description: 'Who placed it or whose it is: the id of a user or an enterprise.',
      example: examples.USER,
    }),
    from,
    to,
    ...PageQuery.shape,
  }),
  data: listOf(AdminOrder),
  example: { data: listed(examples.ADMIN_ORDER) },
});

export const getOrder = operation({
  method: 'get',
  path: '/admin/v1/orders/{order_id}',
  operationId: 'adminGetOrder',
  access,
  tag: orders,
  summary: 'One order with its money',
  description:
    'Every attempt to pay it, every payment that named it (also those kept aside) and every refund, oldest first. An ' +
    'order that its user has hidden is shown too.',
  params: orderId,
  data: AdminOrderDetail,
  example: { data: examples.DETAIL },
});

export const refund = operation({
  method: 'post',
  path: '/admin/v1/orders/{order_id}/refund',
  operationId: 'refundOrder',
  access,
  tag: orders,
  summary: 'Refund an order',
  description:
    'Without `amount` the rest. A refund of the whole refundable rest takes back what the order granted; later time ' +
    'moves up, and what an upgrade replaced is there again. A partial one touches only amounts. The money goes the way ' +
    'it came, to a provider after this answer (`refunds` of the order says when it is `done`); of a top-up at most ' +
    'what is still in the wallet. `force` is for a tier whose gift was claimed.',
  idempotent: true,
  params: orderId,
  body: RefundInput.openapi('RefundOrder'),
  data: AdminOrder,
  example: { body: examples.REFUND, data: examples.REFUNDED },
  errors: [
    'order_not_refundable',
    'refund_exceeds',
    'refund_needs_force',
    'order_changed',
    'membership_changed',
    'wallet_short',
    'service_unavailable',
  ],
});

export const listPayments = operation({
  method: 'get',
  path: '/admin/v1/payments',
  operationId: 'listPayments',
  access,
  tag: orders,
  summary: 'Money that was kept aside',
  description:
    'Newest first. `mismatched` and `disputed` need a person; `surplus` (a second payment) and `refund_pending` go back ' +
    'by themselves, the latter is `refunded` then and only listed where `state` asks for it. `applied` ones are with ' +
    'their orders.',
  query: ListPaymentsInput.extend({
    state: ListPaymentsInput.shape.state.meta({ description: 'Left out: all but `refunded`.' }),
    ...PageQuery.shape,
  }),
  data: listOf(Payment),
  example: { data: listed(examples.SURPLUS) },
});

export const grant = operation({
  method: 'post',
  path: '/admin/v1/users/{user_id}/grants',
  operationId: 'grantMembership',
  access,
  tag: 'Admin: users',
  summary: 'Give or extend a membership by hand',
  description:
    'A token plan for a `period`, or `until` (the first second after it): one of the two. The plan that is held goes on ' +
    'after its end; another one counts from now on. There is no order and nothing to pay; an enterprise plan goes to ' +
    'the enterprise that the user owns.',
  idempotent: true,
  params: z.object({ user_id: z.string().openapi({ example: examples.USER }) }),
  body: GrantInput.openapi('GrantMembership'),
  data: z
    .object({
      owner: z.string().openapi({ description: 'Who holds it now: the user, or their enterprise' }),
      plan_id: z.string(),
      plan_name: z.string(),
      started_at: Time,
      expired_at: Time.openapi({ description: 'The last second that still belongs to it' }),
    })
    .openapi('GivenMembership'),
  example: { body: examples.GRANT, data: examples.GIVEN },
  errors: ['personal_plan_forbidden', 'membership_too_long', 'membership_changed', 'service_unavailable'],
});

export const VoucherType = Voucher.omit({ voucher_id: true, status: true, order_id: true, used_at: true })
  .extend({
    voucher_type_id: z.string().openapi({ example: 'vt_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    issued: z.int(),
    used: z.int(),
    voided_at: Time.nullable().openapi({ description: 'Since when it is worthless' }),
    created_at: Time,
  })
  .openapi('VoucherType');

const path = '/admin/v1/vouchers';
const voucherTypeId = z.object({
  voucher_type_id: z.string().openapi({ example: examples.VOUCHER_TYPE.voucher_type_id }),
});

export const createVoucher = operation({
  method: 'post',
  path,
  operationId: 'createVoucherType',
  access,
  tag: vouchers,
  summary: 'Make a kind of voucher',
  description:
    'Nobody has one before it is issued. `value` is money (`fixed`) or `"1"` to `"100"` percent taken off; without ' +
    '`programs` it is for token plans, without `plans` for all of them. Its terms do not change afterwards.',
  idempotent: true,
  body: CreateVoucherInput.openapi('CreateVoucher'),
  data: VoucherType,
  example: { body: examples.NEW_VOUCHER, data: examples.VOUCHER_TYPE },
});

export const listVouchers = operation({
  method: 'get',
  path,
  operationId: 'listVoucherTypes',
  access,
  tag: vouchers,
  summary: 'Kinds of vouchers',
  description: 'Newest first, worthless ones included, with how many of each were issued and used.',
  query: PageQuery,
  data: listOf(VoucherType),
  example: { data: listed({ ...examples.VOUCHER_TYPE, issued: 120, used: 35 }) },
});

export const issueVouchers = operation({
  method: 'post',
  path: `${path}/{voucher_type_id}/issue`,
  operationId: 'issueVouchers',
  access,
  tag: vouchers,
  summary: 'Give one to each of these users',
  description:
    'To all of them, or to none where one is not known (400 says which); at most 100 at once, and one for who is named ' +
    'twice. The next call gives them another. Nobody is sent a mail.',
  idempotent: true,
  params: voucherTypeId,
  body: IssueInput.openapi('IssueVouchers'),
  data: z
    .object({ items: z.array(z.object({ voucher_id: z.string(), user_id: z.string() })) })
    .openapi('IssuedVouchers'),
  example: {
    body: { user_ids: [examples.USER] },
    data: { items: [{ voucher_id: 'v_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC', user_id: examples.USER }] },
  },
  errors: ['voucher_void'],
});

export const voidVoucher = operation({
  method: 'post',
  path: `${path}/{voucher_type_id}/void`,
  operationId: 'voidVoucherType',
  access,
  tag: vouchers,
  summary: 'Make a kind of voucher worthless',
  description:
    'For good: unused ones read `expired` and no more are issued. An order that has locked one keeps its discount. ' +
    'Twice is the same answer.',
  params: voucherTypeId,
  data: VoucherType,
  example: { data: { ...examples.VOUCHER_TYPE, voided_at: '2024-02-01T00:00:00Z' } },
});

export const adjustWallet = operation({
  method: 'post',
  path: '/admin/v1/wallets/{owner}/adjust',
  operationId: 'adjustWallet',
  access,
  tag: vouchers,
  summary: 'Book an amount by hand',
  description:
    'Signed, once for each reference; a debit that is not covered is refused. What comes in pays an open debt first. ' +
    'The answer has all assets of the owner; `reason` is in the audit log, the ledger says `adjustment`.',
  idempotent: true,
  params: z.object({
    owner: z.string().openapi({ description: 'The id of a user or an enterprise.', example: examples.USER }),
  }),
  body: AdjustInput.openapi('AdjustWallet'),
  data: z.object({ items: Balances }).openapi('AdjustedWallet'),
  example: {
    body: examples.ADJUSTMENT,
    data: { items: [{ asset: 'CNY', balance: '560.00', debt: '0.00' }] },
  },
  errors: ['wallet_short', 'wallet_duplicate'],
});
