import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { closeOrder, type OrderRow } from '#modules/commerce/order-store';
import { askSoon } from '#modules/commerce/payment-store';
import { releaseVouchers } from '#modules/commerce/voucher-store';

/**
 * A pending order ends unpaid, and its voucher is free again. Attempts that are still going are asked about and ended
 * by cron: somebody may have paid all the same. What is `guarded` comes after the close.
 */
export function closing(
  ctx: Ctx,
  id: string,
  reason: NonNullable<OrderRow['closedReason']>,
  guarded: Statement[] = [],
): Statement[] {
  return [
    closeOrder(ctx, id, reason, ctx.now),
    ...guarded,
    askSoon(ctx, id, ctx.now),
    releaseVouchers(ctx, [id]),
  ];
}
