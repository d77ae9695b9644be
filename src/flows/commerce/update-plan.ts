import type { z } from 'zod';
import { commit } from '#db/commit';
import type { Statement } from '#db/statement';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { parseDecimal } from '#kernel/money';
import type { UpdatePlanInput } from '#modules/catalogue/inputs';
import { FREE_PLAN_ID, getPlan } from '#modules/catalogue/plans';
import { setOffer, type TokenPlan, updateProduct, updateTokenPlan } from '#modules/catalogue/store';
import { requestPushesOfPlan } from '#modules/operations/store';
import { drainPushes } from '../quota/push-owner.ts';

/** Pushes that are drained before an admin is answered; cron drains the rest within a minute. */
const DRAINED_AT_ONCE = 200;

/**
 * Changes a token plan; what is left out stays. Changed benefits reach live members at once, changed prices
 * touch new orders only.
 */
export async function updatePlan(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof UpdatePlanInput>,
): Promise<{ plan: TokenPlan; pushed: { applied: number; of: number } }> {
  requireAdmin(ctx.actor);
  await getPlan(ctx, id);
  if (id === FREE_PLAN_ID && input.status === 'disabled') throw new AppError('plan_protected');
  if (input.currency !== undefined && input.currency !== ctx.site.currency) {
    throw invalid('currency', `this site sells in ${ctx.site.currency}`);
  }
  const benefitsChange = input.benefits !== undefined;
  const results = await commit(
    ctx,
    [
      ...(benefitsChange ? [requestPushesOfPlan(ctx, id, FREE_PLAN_ID, ctx.now)] : []),
      updateProduct(ctx, id, { name: input.name, status: input.status, updatedAt: ctx.now }),
      ...(input.type !== undefined || input.benefits !== undefined
        ? [updateTokenPlan(ctx, id, { audience: input.type, benefits: input.benefits })]
        : []),
      ...priceChanges(ctx, id, input),
    ],
    { action: 'plan.updated', target: id, detail: { ...input } },
  );
  const of = benefitsChange ? ((results[0] as D1Result).meta.changes ?? 0) : 0;
  const applied = of > 0 ? await drainPushes(ctx, DRAINED_AT_ONCE) : 0;
  return { plan: await getPlan(ctx, id), pushed: { applied: Math.min(applied, of), of } };
}

function priceChanges(ctx: Ctx, id: string, input: z.infer<typeof UpdatePlanInput>): Statement[] {
  const prices = [
    ['monthly', input.price_monthly],
    ['yearly', input.price_yearly],
  ] as const;
  return prices.flatMap(([period, price], position) =>
    price === undefined
      ? []
      : [setOffer(ctx, id, period, price === null ? null : parseDecimal(price), position)],
  );
}
