import type { Ctx } from '#kernel/context';
import type { GrantRow } from '#modules/commerce/holding-store';

/** The event of an end: once for each end, whoever writes it first. */
export function expiredEvent(
  ctx: Ctx,
  last: GrantRow,
  startedAt: number | null,
  endsAt: number,
  productName: string,
) {
  return {
    id: ctx.ids.next('mh', ctx.now),
    owner: last.owner,
    program: last.program,
    action: 'expired' as const,
    reference: String(endsAt),
    productId: last.productId,
    productName,
    period: last.period,
    startedAt: startedAt ?? last.fromAt,
    endsAt,
    createdAt: ctx.now,
  };
}
