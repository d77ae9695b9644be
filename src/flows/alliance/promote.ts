import { commitApart } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { rankOf } from '#modules/catalogue/tiers/levels';
import type { Tier } from '#modules/catalogue/tiers/store';
import { listTiers } from '#modules/catalogue/tiers/store';
import {
  deleteCheck,
  findDueChecks,
  type GivenTier,
  grantTier,
  insertGivenOrder,
  isPromoted,
} from '#modules/referral/tier-store';
import { snapshotOfTier } from './tier-snapshot.ts';

const BATCH = 10;
/** Of D1's thousand queries an invocation; what is left is due at the next run. */
const MOST = 20;

/**
 * Promotes somebody to every tier that they have reached by now, lowest first: one log, one gift and one grant each. The
 * count of their invitees is a condition of the write, so it holds whatever else is committed at the same time.
 */
export function promotions(ctx: Ctx, memberId: string, tiers: Tier[]): Statement[] {
  return tiers.flatMap((tier) => {
    const indirect = tier.condition?.indirect;
    if (!indirect) return [];
    const order: GivenTier = {
      orderId: ctx.ids.next('ord', ctx.now),
      userId: memberId,
      productId: tier.id,
      kind: 'promotion',
      currency: ctx.site.currency,
      snapshot: snapshotOfTier(tier, { mode: 'indirect' }),
      now: ctx.now,
    };
    const condition = { num: indirect.num, leastRank: rankOf(indirect.level) };
    return [
      insertGivenOrder(ctx, order, isPromoted(memberId, tier.rank, condition, ctx.now)),
      ...grantTier(ctx, {
        ...order,
        grantId: ctx.ids.next('gr', ctx.now),
        eventId: ctx.ids.next('mh', ctx.now),
        productName: tier.name,
        source: 'promotion',
        action: 'upgrade',
        paid: 0,
        originalAmount: 0,
        firmAt: null,
      }),
    ];
  });
}

/**
 * Looks at whom a tier promotes that counts from now on, and at whom that promotes in turn, until nothing changes.
 * Idempotent: a check that is done is gone, and what it would promote again is there already.
 */
export async function checkPromotions(ctx: Ctx): Promise<void> {
  for (let checked = 0; checked < MOST; ) {
    const due = await findDueChecks(ctx, ctx.now, BATCH);
    if (due.length === 0) return;
    const tiers = await listTiers(ctx);
    for (const { userId, dueAt, inviterId } of due) {
      try {
        await commitApart(ctx, [
          ...(inviterId ? promotions(ctx, inviterId, tiers) : []),
          deleteCheck(ctx, userId, dueAt),
        ]);
      } catch (error) {
        // It stays due; the others do not wait for it.
        ctx.log.error('promotion.failed', error, { userId });
      }
    }
    checked += due.length;
  }
}
