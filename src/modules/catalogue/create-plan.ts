import type { z } from 'zod';
import { commit } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { invalid } from '#kernel/errors';
import { parseDecimal } from '#kernel/money';
import type { CreatePlanInput } from './inputs.ts';
import { findTokenPlan, insertProduct, insertTokenPlan, setOffer, type TokenPlan } from './store.ts';

/** Adds a token plan to the catalogue (seed 000 §8.1). Without a `code` one is made from its id. */
export async function createPlan(ctx: Ctx, input: z.infer<typeof CreatePlanInput>): Promise<TokenPlan> {
  requireAdmin(ctx.actor);
  const currency = input.currency ?? ctx.site.currency;
  if (currency !== ctx.site.currency) throw invalid('currency', `this site sells in ${ctx.site.currency}`);
  const code = input.code ?? ctx.ids.next('p', ctx.now).slice(2).toLowerCase();
  const id = `plan_${code}`;
  await commit(
    ctx,
    [
      ...insertProduct(ctx, {
        id,
        program: 'token',
        code,
        name: input.name,
        status: input.status,
        now: ctx.now,
      }),
      insertTokenPlan(ctx, { productId: id, audience: input.type, currency, benefits: input.benefits }),
      ...[input.price_monthly, input.price_yearly].flatMap((price, position) =>
        price
          ? [setOffer(ctx, id, position === 0 ? 'monthly' : 'yearly', parseDecimal(price), position)]
          : [],
      ),
    ],
    { action: 'plan.created', target: id, detail: { ...input } },
  );
  const plan = await findTokenPlan(ctx, id);
  if (!plan) throw new Error('a plan vanished after it was made');
  return plan;
}
