import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { closeOrder, type OrderRow } from '#modules/commerce/order-store';
import { cancelAttempts } from '#modules/commerce/payment-store';
import { releaseVouchers } from '#modules/commerce/voucher-store';

/** A pending order ends unpaid: its attempts with it, and its voucher is free again. The first may be guarded. */
export function closing(
  ctx: Ctx,
  id: string,
  reason: NonNullable<OrderRow['closedReason']>,
  guarded: Statement[] = [],
): Statement[] {
  return [
    closeOrder(ctx, id, reason, ctx.now),
    ...guarded,
    cancelAttempts(ctx, id, ctx.now),
    releaseVouchers(ctx, [id]),
  ];
}
