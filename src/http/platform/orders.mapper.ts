import type { z } from '@hono/zod-openapi';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import { planIdOf } from '#modules/catalogue/rules';
import type { OrderRow } from '#modules/commerce/order-store';
import type * as routes from './orders.routes.ts';

export function toOrder(order: OrderRow): z.infer<typeof routes.Order> {
  return {
    order_id: order.id,
    serial: order.serial,
    program: order.program,
    kind: order.kind,
    status: order.status,
    plan_id: order.productId === null ? null : planIdOf(order.productId),
    plan_name: order.snapshot.productName,
    period: order.period,
    original_amount: formatDecimal(order.originalAmount),
    discount_amount: formatDecimal(order.discountAmount),
    credit_amount: formatDecimal(order.creditAmount),
    final_amount: formatDecimal(order.finalAmount),
    paid_amount: formatDecimal(order.paidAmount),
    refunded_amount: formatDecimal(order.refundedAmount),
    currency: order.currency,
    provider: order.provider,
    voucher_id: order.voucherId,
    created_at: toIso(order.createdAt),
    expires_at: toIso(order.expiresAt),
    paid_at: order.paidAt === null ? null : toIso(order.paidAt),
  };
}
