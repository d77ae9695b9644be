import { z } from 'zod';
import { abortIf, commit } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { listTiers, type Tier } from '#modules/catalogue/tiers/store';
import { requireTier } from '#modules/catalogue/tiers/tiers';
import {
  endTiersAbove,
  findRank,
  grantTier,
  holdsExactly,
  insertGivenOrder,
} from '#modules/referral/tier-store';
import { checkPromotions, promotions } from './promote.ts';
import { requireUser } from './require-user.ts';
import { snapshotOfTier } from './tier-snapshot.ts';

export const SetTierInput = z.object({
  member_id: z.union([z.int().min(1), z.string().min(1).max(64)]),
});

/**
 * Sets somebody's tier by hand, also a lower one: what they hold above it ends. No reward; a gift as usual. It counts at
 * once, so the inviter's promotion is in the same batch; who is above follows.
 */
export async function setTier(ctx: Ctx, userId: string, memberId: string | number): Promise<Tier> {
  requireAdmin(ctx.actor);
  const user = await requireUser(ctx, userId);
  const tiers = await listTiers(ctx);
  const tier = requireTier(tiers, memberId);
  const before = await findRank(ctx, user.id);
  if (before === tier.rank) throw new AppError('tier_same');
  const order = {
    orderId: ctx.ids.next('ord', ctx.now),
    userId: user.id,
    productId: tier.id,
    kind: 'manual' as const,
    currency: ctx.site.currency,
    snapshot: snapshotOfTier(tier, { mode: 'admin' }),
    now: ctx.now,
  };
  await commit(
    ctx,
    [
      // Of two at once one wins; the other finds it done.
      abortIf(ctx, holdsExactly(user.id, tier.rank), 'tier_same'),
      endTiersAbove(ctx, user.id, tier.rank, ctx.now),
      insertGivenOrder(ctx, order),
      ...grantTier(ctx, {
        ...order,
        grantId: ctx.ids.next('gr', ctx.now),
        eventId: ctx.ids.next('mh', ctx.now),
        productName: tier.name,
        source: 'manual',
        action: tier.rank < before ? 'downgrade' : 'upgrade',
        paid: 0,
        originalAmount: 0,
        firmAt: null,
      }),
      ...(user.inviterId ? promotions(ctx, user.inviterId, tiers) : []),
    ],
    { action: 'tier.set', target: user.id, detail: { level: tier.level, order_no: order.orderId } },
  );
  ctx.defer(checkPromotions(ctx));
  return tier;
}
