import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { type GrantRow, insertEvent } from '#modules/commerce/holding-store';
import { findOrder } from '#modules/commerce/order-store';

/** A downgrade was paid before; its event is written when it has started, once, by whoever comes first. */
export async function startedDowngrade(ctx: Ctx, current: GrantRow | null): Promise<Statement[]> {
  const order = current?.orderId ? await findOrder(ctx, current.orderId) : null;
  if (!current || order?.kind !== 'downgrade') return [];
  return [
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner: current.owner,
      program: current.program,
      action: 'downgrade',
      reference: order.id,
      productId: current.productId,
      productName: order.snapshot.productName,
      period: current.period,
      amount: order.paidAmount,
      originalAmount: order.originalAmount,
      startedAt: current.fromAt,
      endsAt: current.untilAt,
      orderId: order.id,
      createdAt: current.fromAt,
    }),
  ];
}
