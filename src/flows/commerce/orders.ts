import { type AuditEntry, commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { findOrder, listOrders, type OrderRow } from '#modules/commerce/order-store';
import { buyersOf, requireBuying } from '#modules/enterprise/acting';
import { closing } from './closing.ts';
import { endBeforeClosing } from './end-attempts.ts';

/** The caller's orders and, where they buy for it, their enterprise's; newest first. */
export async function listOwnOrders(ctx: Ctx, page: Page): Promise<Slice<OrderRow>> {
  return listOrders(ctx, buyersOf(requirePerson(ctx.actor)), page);
}

/** An order that the caller deals with. Somebody else's is not found. */
export async function getOwnOrder(ctx: Ctx, id: string): Promise<OrderRow> {
  const owners = buyersOf(requirePerson(ctx.actor));
  const order = await findOrder(ctx, id);
  if (!order || !owners.includes(order.owner) || order.hiddenAt !== null) throw new AppError('not_found');
  return order;
}

/** {@link getOwnOrder} to do something about it: not for an enterprise whose owner is frozen. */
export async function getOrderToDealWith(ctx: Ctx, id: string): Promise<OrderRow> {
  const order = await getOwnOrder(ctx, id);
  requireBuying(requirePerson(ctx.actor), order.owner);
  return order;
}

/** What the audit log keeps of an act on an order, where it is an enterprise's: its managers' acts leave a row. */
export function orderAudit(
  { id, owner }: Pick<OrderRow, 'id' | 'owner'>,
  action: string,
): AuditEntry | undefined {
  return owner.startsWith('ent_')
    ? { action: `enterprise.${action}`, target: owner, detail: { order: id } }
    : undefined;
}

/** Pending → closed, by its buyer. */
export async function cancelOrder(ctx: Ctx, id: string): Promise<OrderRow> {
  const order = await getOrderToDealWith(ctx, id);
  if (order.status !== 'pending') throw new AppError('order_not_cancellable');
  await endBeforeClosing(ctx, order, 'order_not_cancellable');
  await commit(
    ctx,
    closing(ctx, order, 'cancelled', [guard(ctx, 'order_not_cancellable')]),
    orderAudit(order, 'order_cancelled'),
  );
  return { ...order, status: 'closed', closedAt: ctx.now, closedReason: 'cancelled' };
}
