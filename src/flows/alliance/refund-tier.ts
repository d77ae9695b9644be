import { abortIf } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { insertEvent } from '#modules/commerce/holding-store';
import type { OrderRow } from '#modules/commerce/order-store';
import { post } from '#modules/commerce/wallet-store';
import { isClaimed } from '#modules/referral/gift-store';
import { findRewards } from '#modules/referral/reward-store';
import { voidTierGrants } from '#modules/referral/tier-store';
import { TOKEN_UNIT } from '#programs/tier/rules';
import { takeBackRewards } from './rewards.ts';

/**
 * A full refund of a tier: its buyer falls to the highest one that still stands, the EOC that paid a part come back,
 * and the inviter's rewards go. A gift that was claimed must be meant (`refund_needs_force`). A partial one touches only
 * amounts.
 */
export async function takeBackTier(
  ctx: Ctx,
  order: OrderRow,
  { full, despiteGift }: { full: boolean; despiteGift: boolean },
): Promise<Statement[]> {
  if (!full) return [];
  const { id, owner, snapshot } = order;
  const eoc = snapshot.tier?.eoc ?? 0;
  return [
    ...(despiteGift ? [] : [abortIf(ctx, isClaimed(id), 'refund_needs_force')]),
    ...voidTierGrants(ctx, id, owner, ctx.now),
    ...(eoc > 0
      ? post(
          ctx,
          { owner, asset: 'EOC', amount: eoc * TOKEN_UNIT, reason: 'tier_refund', reference: id },
          'force',
        )
      : []),
    ...takeBackRewards(ctx, await findRewards(ctx, 'tier', id)),
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner,
      program: 'tier',
      action: 'expired',
      reference: `refund:${id}`,
      productId: order.productId ?? '',
      productName: snapshot.productName,
      period: order.period,
      startedAt: order.paidAt ?? ctx.now,
      endsAt: ctx.now,
      orderId: id,
      reason: 'refunded',
      createdAt: ctx.now,
    }),
  ];
}
