import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { closeOrder, type OrderRow } from '#modules/commerce/order-store';
import { askSoon } from '#modules/commerce/payment-store';
import { releaseVouchers } from '#modules/commerce/voucher-store';
import { releaseHeld } from '#modules/commerce/wallet-store';

/**
 * A pending order ends unpaid; its voucher is free again, and the EOC that it held. Attempts that are still going are
 * asked about and ended by cron: somebody may have paid all the same. What is `guarded` comes after the close.
 */
export function closing(
  ctx: Ctx,
  { id, program }: Pick<OrderRow, 'id' | 'program'>,
  reason: NonNullable<OrderRow['closedReason']>,
  guarded: Statement[] = [],
): Statement[] {
  return [
    closeOrder(ctx, id, reason, ctx.now),
    ...guarded,
    askSoon(ctx, id, ctx.now),
    releaseVouchers(ctx, [id]),
    ...(program === 'tier' ? releaseHeld(ctx, id) : []),
  ];
}
