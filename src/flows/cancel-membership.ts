import { commit } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findTokenPlan } from '#modules/catalogue/store';
import { cancelHolding, findHolding, insertEvent } from '#modules/commerce/holding-store';
import { lastSecondOf, membershipAt } from '#modules/commerce/rules';

export interface Cancellation {
  /** The last second of the benefits; null = for ever. */
  validUntil: number | null;
}

/** Stops the automatic renewal; benefits stay to the end (seed 000 §8.5). Twice gives the same answer. */
export async function cancelMembership(ctx: Ctx, reason: string | null): Promise<Cancellation> {
  const { userId } = requirePerson(ctx.actor);
  const { holding, grants } = await findHolding(ctx, userId, 'token');
  const { status, current, startedAt, endsAt } = membershipAt(grants, false, ctx.now);
  if (!holding || status !== 'active' || !current) throw new AppError('membership_none');
  if (holding.cancelledAt === null) {
    const plan = await findTokenPlan(ctx, current.productId);
    await commit(ctx, [
      cancelHolding(ctx, userId, 'token', ctx.now),
      insertEvent(ctx, {
        id: ctx.ids.next('mh', ctx.now),
        owner: userId,
        program: 'token',
        action: 'cancel',
        // A membership can be cancelled again after a resume or a renewal: once for each second of wishing so.
        reference: `${holding.version}:${ctx.now}`,
        productId: current.productId,
        productName: plan?.name ?? current.productId,
        period: current.period,
        startedAt: startedAt ?? current.fromAt,
        endsAt,
        reason,
        createdAt: ctx.now,
      }),
    ]);
  }
  return { validUntil: endsAt === null ? null : lastSecondOf(endsAt) };
}
