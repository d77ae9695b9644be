import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import type { OrderRow } from '#modules/commerce/order-store';
import {
  findLevelOrder,
  hideOrder,
  type LevelOrderStatus,
  listLevelOrders,
  statusOf,
} from '#modules/storefront/order-store';
import { findProfitsOf, type ProfitRow } from '#modules/storefront/store';
import { cancelOrder } from '../commerce/orders.ts';
import { type PaymentStart, payOrder } from '../commerce/pay-order.ts';

/** An order with what inviters earn of it. */
export interface LevelOrder {
  order: OrderRow;
  profits: ProfitRow[];
}

export async function listOwnLevelOrders(
  ctx: Ctx,
  filter: { status?: LevelOrderStatus; keywords?: string },
  page: Page,
): Promise<Slice<LevelOrder>> {
  const { userId } = requirePerson(ctx.actor);
  const found = await listLevelOrders(ctx, userId, { ...filter, now: ctx.now }, page);
  const profits =
    found.items.length > 0
      ? await findProfitsOf(
          ctx,
          found.items.map(({ id }) => id),
        )
      : [];
  return {
    ...found,
    items: found.items.map((order) => ({
      order,
      profits: profits.filter(({ orderId }) => orderId === order.id),
    })),
  };
}

export async function getLevelOrder(ctx: Ctx, id: string): Promise<LevelOrder> {
  const order = await requireOwn(ctx, id);
  return { order, profits: await findProfitsOf(ctx, [order.id]) };
}

/** Only what still is to be paid. */
export async function cancelLevelOrder(ctx: Ctx, id: string): Promise<void> {
  const order = await requireOwn(ctx, id);
  if (statusOf(order, ctx.now) !== 0) throw new AppError('vip_order_state');
  await cancelOrder(ctx, order.id);
}

/** Takes one that was cancelled or closed out of the list. */
export async function deleteLevelOrder(ctx: Ctx, id: string): Promise<void> {
  const order = await requireOwn(ctx, id);
  if (![2, 3].includes(statusOf(order, ctx.now))) throw new AppError('vip_order_state');
  await commit(ctx, [hideOrder(ctx, order.id, ctx.now), guard(ctx, 'vip_order_state')]);
}

/** Begins to pay, or pays from the wallet. */
export async function payLevelOrder(
  ctx: Ctx,
  id: string,
  provider: string,
  returnUrl: string | null,
): Promise<PaymentStart> {
  const order = await requireOwn(ctx, id);
  if (statusOf(order, ctx.now) !== 0) throw new AppError('order_not_payable');
  return payOrder(ctx, order.id, { provider, return_url: returnUrl });
}

/** Whether it is paid by now: `vip_payment_pending` where it may still be. */
export async function checkPayment(ctx: Ctx, orderNo: string): Promise<OrderRow> {
  if (orderNo === '') throw invalid('order_no', 'is required');
  const order = await requireOwn(ctx, orderNo);
  switch (statusOf(order, ctx.now)) {
    case 1:
      return order;
    case 0:
      throw new AppError('vip_payment_pending');
    default:
      throw new AppError('order_not_payable');
  }
}

async function requireOwn(ctx: Ctx, id: string): Promise<OrderRow> {
  const order = await findLevelOrder(ctx, requirePerson(ctx.actor).userId, id);
  if (!order) throw new AppError('not_found');
  return order;
}
