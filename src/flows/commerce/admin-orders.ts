import { z } from 'zod';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { findOrder, type OrderRow, searchOrderRows } from '#modules/commerce/order-store';
import {
  type AttemptRow,
  listAttempts,
  listPaymentsAside,
  listPaymentsOf,
  type PaymentRow,
} from '#modules/commerce/payment-store';
import { findRefundsOfOrder, type RefundRow } from '#modules/commerce/refund-store';

const Instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const ListOrdersInput = z.object({
  user: z.string().max(64).optional(),
  status: z.enum(['pending', 'paid', 'closed', 'refunded']).optional(),
  program: z.enum(['token', 'package', 'tier', 'vip', 'wallet']).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});
export const ListPaymentsInput = z.object({
  state: z.enum(['mismatched', 'surplus', 'refund_pending', 'refunded', 'disputed']).optional(),
});

/** An order with everything that happened to its money. */
export interface OrderDetail {
  order: OrderRow;
  attempts: AttemptRow[];
  payments: PaymentRow[];
  refunds: RefundRow[];
}

/** Orders of the site, newest first; `user` is who placed it or whose it is. */
export async function searchOrders(
  ctx: Ctx,
  input: z.infer<typeof ListOrdersInput>,
  page: Page,
): Promise<Slice<OrderRow>> {
  requireAdmin(ctx.actor);
  return searchOrderRows(ctx, input, page);
}

/** One order, also where its user has hidden it. */
export async function getOrderDetail(ctx: Ctx, id: string): Promise<OrderDetail> {
  requireAdmin(ctx.actor);
  const order = await findOrder(ctx, id);
  if (!order) throw new AppError('not_found');
  const [attempts, payments, refunds] = await Promise.all([
    listAttempts(ctx, id),
    listPaymentsOf(ctx, id),
    findRefundsOfOrder(ctx, id),
  ]);
  return { order, attempts, payments, refunds };
}

/** Money that was kept aside, newest first: what needs a person, and what went back by itself. */
export async function searchPayments(
  ctx: Ctx,
  input: z.infer<typeof ListPaymentsInput>,
  page: Page,
): Promise<Slice<PaymentRow>> {
  requireAdmin(ctx.actor);
  return listPaymentsAside(ctx, input.state, page);
}
