import type { z } from '@hono/zod-openapi';
import type { OrderDetail } from '#flows/commerce/admin-orders';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import type { OrderRow } from '#modules/commerce/order-store';
import type { PaymentRow } from '#modules/commerce/payment-store';
import type { AdminOrderDetail, Payment } from './admin-commerce.routes.ts';
import { toOrder } from './orders.mapper.ts';

export function toAdminOrder(order: OrderRow) {
  return {
    ...toOrder(order),
    user_id: order.userId,
    owner: order.owner,
    credited_amount: formatDecimal(order.creditedAmount),
    closed_reason: order.closedReason,
    automatic: order.automatic,
  };
}

export function toPayment(row: PaymentRow): z.infer<typeof Payment> {
  return {
    payment_id: row.id,
    provider: row.provider,
    transaction_id: row.transactionId,
    order_id: row.orderId,
    amount: formatDecimal(row.amount),
    refunded_amount: formatDecimal(row.refundedAmount),
    currency: row.currency,
    state: row.state,
    reason: row.reason,
    created_at: toIso(row.createdAt),
    updated_at: toIso(row.updatedAt),
  };
}

export function toAdminOrderDetail({
  order,
  attempts,
  payments,
  refunds,
}: OrderDetail): z.infer<typeof AdminOrderDetail> {
  return {
    ...toAdminOrder(order),
    attempts: attempts.map((row) => ({
      provider: row.provider,
      method: row.method,
      state: row.state,
      created_at: toIso(row.createdAt),
      updated_at: toIso(row.updatedAt),
    })),
    payments: payments.map(toPayment),
    refunds: refunds.map((row) => ({
      refund_id: row.id,
      provider: row.provider,
      amount: formatDecimal(row.amount),
      state: row.state,
      reason: row.reason,
      created_at: toIso(row.createdAt),
      done_at: row.doneAt === null ? null : toIso(row.doneAt),
    })),
  };
}
