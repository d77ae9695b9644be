import { commit, guard } from '#db/commit';
import { type Person, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { cancelAttempts, closeOrder, findOrder, listOrders, type OrderRow } from './order-store.ts';

/** Whose orders a person sees: their own, and as a manager their enterprise's. */
function ownersFor({ userId, enterprise }: Person): string[] {
  return enterprise && enterprise.role !== 'member' ? [userId, enterprise.id] : [userId];
}

/** The caller's orders, newest first. */
export async function listOwnOrders(ctx: Ctx, page: Page): Promise<Slice<OrderRow>> {
  return listOrders(ctx, ownersFor(requirePerson(ctx.actor)), page);
}

/** An order of the caller. Somebody else's is not found. */
export async function getOwnOrder(ctx: Ctx, id: string): Promise<OrderRow> {
  const owners = ownersFor(requirePerson(ctx.actor));
  const order = await findOrder(ctx, id);
  if (!order || !owners.includes(order.owner) || order.hiddenAt !== null) throw new AppError('not_found');
  return order;
}

/** Pending → closed, by its buyer. */
export async function cancelOrder(ctx: Ctx, id: string): Promise<OrderRow> {
  const order = await getOwnOrder(ctx, id);
  if (order.status !== 'pending') throw new AppError('order_not_cancellable');
  await commit(ctx, [
    closeOrder(ctx, id, 'cancelled', ctx.now),
    guard(ctx, 'order_not_cancellable'),
    cancelAttempts(ctx, id, ctx.now),
  ]);
  return { ...order, status: 'closed', closedAt: ctx.now, closedReason: 'cancelled' };
}
