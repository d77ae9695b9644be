import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { getPlan, isVisible } from '#modules/catalogue/plans';
import type { TokenPlan } from '#modules/catalogue/store';
import { selectGrantsOfUser } from '#modules/commerce/holding-store';
import { heldAt } from '#modules/commerce/rules';

/** A plan that the caller may see: active, or disabled and held by them, or any to an admin. */
export async function getVisiblePlan(ctx: Ctx, id: string): Promise<TokenPlan> {
  const { actor } = ctx;
  const plan = await getPlan(ctx, id);
  const admin = actor.kind === 'admin';
  const holds =
    plan.status !== 'active' && !admin && 'userId' in actor && (await isHeld(ctx, actor.userId, id));
  if (!isVisible(plan, { admin, holds })) throw new AppError('not_found');
  return plan;
}

async function isHeld(ctx: Ctx, owner: string, planId: string): Promise<boolean> {
  return heldAt(await selectGrantsOfUser(ctx, owner, 'token'), ctx.now)?.productId === planId;
}
