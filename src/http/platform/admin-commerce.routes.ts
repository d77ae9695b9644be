import { z } from '@hono/zod-openapi';
import { ListOrdersInput, ListPaymentsInput } from '#flows/commerce/admin-orders';
import { GrantInput } from '#flows/commerce/grant-membership';
import { RefundInput } from '#flows/commerce/refund-order';
import { CreateVoucherInput, IssueInput } from '#flows/commerce/vouchers';
import { AdjustInput } from '#flows/commerce/wallet';
import { operation } from './operation.ts';
import { Order } from './orders.routes.ts';
import { idParam, listOf, Money, PageQuery, Time } from './schemas.ts';
import { Balances, Voucher } from './wallet.routes.ts';

const access = 'admin';
const orders = 'Admin: orders';
const vouchers = 'Admin: vouchers and wallets';

const AdminOrder = Order.extend({
  user_id: z.string(),
  owner: z.string().openapi({ description: 'Who gets what was bought: a user or an enterprise' }),
  credited_amount: Money.openapi({ description: 'Credit of upgrades that was taken out of it' }),
  closed_reason: z.string().nullable(),
  automatic: z.boolean(),
}).openapi('AdminOrder');

export const Payment = z
  .object({
    payment_id: z.string(),
    provider: z.string(),
    transaction_id: z.string(),
    order_id: z.string(),
    amount: Money,
    refunded_amount: Money,
    currency: z.string(),
    state: z.enum(['applied', 'mismatched', 'surplus', 'refund_pending', 'refunded', 'disputed']),
    reason: z.string().nullable(),
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
      state: z.enum(['pending', 'done', 'early']),
      reason: z.string(),
      created_at: Time,
      done_at: Time.nullable(),
    }),
  ),
}).openapi('AdminOrderDetail');

export const listOrders = operation({
  method: 'get',
  path: '/admin/v1/orders',
  access,
  tag: orders,
  summary: 'Find orders',
  query: ListOrdersInput.extend(PageQuery.shape),
  data: listOf(AdminOrder),
});

export const getOrder = operation({
  method: 'get',
  path: '/admin/v1/orders/{order_id}',
  access,
  tag: orders,
  summary: 'One order with its money',
  params: idParam('order_id'),
  data: AdminOrderDetail,
});

export const refund = operation({
  method: 'post',
  path: '/admin/v1/orders/{order_id}/refund',
  access,
  tag: orders,
  summary: 'Refund an order',
  description:
    'Without `amount` the rest. A refund of the whole refundable rest takes back what the order granted; later time ' +
    'moves up, and what an upgrade replaced is there again. A partial one touches only amounts.',
  idempotent: true,
  params: idParam('order_id'),
  body: RefundInput.openapi('RefundOrder'),
  data: AdminOrder,
  errors: [
    'order_not_refundable',
    'refund_exceeds',
    'refund_needs_force',
    'order_changed',
    'membership_changed',
    'wallet_short',
  ],
});

export const listPayments = operation({
  method: 'get',
  path: '/admin/v1/payments',
  access,
  tag: orders,
  summary: 'Money that was kept aside',
  description: 'What needs a person, and what went back by itself. `applied` ones are with their orders.',
  query: ListPaymentsInput.extend(PageQuery.shape),
  data: listOf(Payment),
});

export const grant = operation({
  method: 'post',
  path: '/admin/v1/users/{user_id}/grants',
  access,
  tag: 'Admin: users',
  summary: 'Give or extend a membership by hand',
  idempotent: true,
  params: idParam('user_id'),
  body: GrantInput.openapi('GrantMembership'),
  data: z
    .object({
      owner: z.string(),
      plan_id: z.string(),
      plan_name: z.string(),
      started_at: Time,
      expired_at: Time.openapi({ description: 'The last second that still belongs to it' }),
    })
    .openapi('GivenMembership'),
  errors: ['personal_plan_forbidden', 'membership_too_long', 'membership_changed'],
});

export const VoucherType = Voucher.omit({ voucher_id: true, status: true, order_id: true, used_at: true })
  .extend({
    voucher_type_id: z.string().openapi({ example: 'vt_01HX…' }),
    issued: z.int(),
    used: z.int(),
    voided_at: Time.nullable(),
    created_at: Time,
  })
  .openapi('VoucherType');

const path = '/admin/v1/vouchers';

export const createVoucher = operation({
  method: 'post',
  path,
  access,
  tag: vouchers,
  summary: 'Make a kind of voucher',
  idempotent: true,
  body: CreateVoucherInput.openapi('CreateVoucher'),
  data: VoucherType,
});

export const listVouchers = operation({
  method: 'get',
  path,
  access,
  tag: vouchers,
  summary: 'Kinds of vouchers',
  query: PageQuery,
  data: listOf(VoucherType),
});

export const issueVouchers = operation({
  method: 'post',
  path: `${path}/{voucher_type_id}/issue`,
  access,
  tag: vouchers,
  summary: 'Give one to each of these users',
  idempotent: true,
  params: idParam('voucher_type_id'),
  body: IssueInput.openapi('IssueVouchers'),
  data: z
    .object({ items: z.array(z.object({ voucher_id: z.string(), user_id: z.string() })) })
    .openapi('IssuedVouchers'),
  errors: ['voucher_void'],
});

export const voidVoucher = operation({
  method: 'post',
  path: `${path}/{voucher_type_id}/void`,
  access,
  tag: vouchers,
  summary: 'Make a kind of voucher worthless',
  params: idParam('voucher_type_id'),
  data: VoucherType,
});

export const adjustWallet = operation({
  method: 'post',
  path: '/admin/v1/wallets/{owner}/adjust',
  access,
  tag: vouchers,
  summary: 'Book an amount by hand',
  description: 'Signed, once for each reference; a debit that is not covered is refused.',
  idempotent: true,
  params: idParam('owner'),
  body: AdjustInput.openapi('AdjustWallet'),
  data: z.object({ items: Balances }).openapi('AdjustedWallet'),
  errors: ['wallet_short', 'wallet_duplicate'],
});
