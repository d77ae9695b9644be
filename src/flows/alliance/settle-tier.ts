import { abortIf } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { findUserById } from '#modules/accounts/store';
import { listTiers } from '#modules/catalogue/tiers/store';
import { type OrderRow, spendHeld } from '#modules/commerce/order-store';
import { insertReward } from '#modules/referral/reward-store';
import { findRank, grantTier, isAtLeast } from '#modules/referral/tier-store';
import { promotions } from './promote.ts';

type TierOrder = Pick<OrderRow, 'id' | 'owner' | 'finalAmount' | 'originalAmount' | 'snapshot'> & {
  productId?: string | null;
};

/** Whether the buyer holds what was ordered, or more, by now: then it can never be settled. */
export async function isReached(ctx: Ctx, { owner, snapshot }: TierOrder): Promise<boolean> {
  return (await findRank(ctx, owner)) >= (snapshot.tier?.rank ?? 0);
}

/**
 * What paying a tier's order does: the tier is held, its inviter's rewards wait for the hold, and so does what it counts
 * for in the inviter's promotion. `membership_changed` where that tier or a higher one is held by now.
 */
export async function settleTier(ctx: Ctx, order: TierOrder): Promise<Statement[]> {
  const { id, owner, productId, snapshot } = order;
  const { tier } = snapshot;
  if (!productId || !tier) throw new Error(`order ${id} is of no tier`);
  const hold = tier.holdMs ?? 0;
  const availableAt = ctx.now + hold;
  const [user] = await findUserById(ctx, owner);
  const before = await findRank(ctx, owner);
  return [
    abortIf(ctx, isAtLeast(owner, tier.rank), 'membership_changed'),
    spendHeld(ctx, id),
    ...grantTier(ctx, {
      grantId: ctx.ids.next('gr', ctx.now),
      eventId: ctx.ids.next('mh', ctx.now),
      orderId: id,
      userId: owner,
      productId,
      productName: snapshot.productName,
      source: 'order',
      action: before > 1 ? 'upgrade' : 'subscribe',
      paid: order.finalAmount,
      originalAmount: order.originalAmount,
      firmAt: hold > 0 ? availableAt : null,
      now: ctx.now,
    }),
    ...(tier.rewards ?? []).map((share) =>
      insertReward(ctx, {
        ...share,
        id: ctx.ids.next('rw', ctx.now),
        sourceUserId: owner,
        kind: 'tier',
        orderNo: id,
        availableAt,
        createdAt: ctx.now,
        updatedAt: ctx.now,
      }),
    ),
    // Without a hold it counts at once.
    ...(hold === 0 && user?.inviterId ? promotions(ctx, user.inviterId, await listTiers(ctx)) : []),
  ];
}
