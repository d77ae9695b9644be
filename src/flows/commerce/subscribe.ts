import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { TokenPlan } from '#modules/catalogue/store';
import { type HoldingRow, scheduleHolding } from '#modules/commerce/holding-store';
import { findOpenOrder, type OrderRow } from '#modules/commerce/order-store';
import { nextSweepAt } from '#programs/token/sweep';
import { closing } from './closing.ts';
import { buyerOf, placeOrder, priceOf, quoteFor, requirePlanForSale, snapshotOf } from './place-order.ts';
import { voucherRefused } from './voucher-use.ts';

export const SubscribeInput = z.object({
  plan_id: z.string().min(1).max(64),
  period: z.enum(['monthly', 'yearly']),
  auto_renew: z.boolean().default(false),
  voucher_id: z.string().min(1).max(64).nullish(),
});

/** An order, or (a cheaper plan) what follows at the end of what is held. */
export type Subscription =
  | { order: OrderRow }
  | {
      scheduled: {
        plan: TokenPlan;
        title: string;
        period: 'monthly' | 'yearly';
        amount: number;
        startsAt: number;
      };
    };

/** Orders a plan (seed 000 §8.3), or lets a cheaper one follow. */
export async function subscribe(ctx: Ctx, input: z.infer<typeof SubscribeInput>): Promise<Subscription> {
  const plan = await requirePlanForSale(ctx, input.plan_id);
  const owner = buyerOf(requirePerson(ctx.actor), plan.audience);
  const amount = priceOf(plan, input.period);
  const { holding, grants, quote } = await quoteFor(ctx, owner, plan, input.period);
  if (quote.kind !== 'downgrade' || !holding) {
    const wish = {
      period: input.period,
      autoRenew: input.auto_renew,
      voucherId: input.voucher_id ?? null,
    };
    return { order: await placeOrder(ctx, plan, owner, wish) };
  }
  if (input.voucher_id) throw voucherRefused('not_here');
  await schedule(ctx, holding, plan, input.period, nextSweepAt(grants, true, ctx.now));
  const { title } = snapshotOf(plan, input.period);
  return { scheduled: { plan, title, period: input.period, amount, startsAt: quote.startsAt } };
}

/** Paid from the wallet within the last day of what is held; until then it can be dropped. */
async function schedule(
  ctx: Ctx,
  holding: HoldingRow,
  plan: TokenPlan,
  period: string,
  sweepAt: number | null,
): Promise<void> {
  const open = await findOpenOrder(ctx, holding.owner, 'token');
  await commit(
    ctx,
    [
      ...(open ? closing(ctx, open.id, 'replaced') : []),
      scheduleHolding(ctx, holding, { productId: plan.id, period }, sweepAt, ctx.now),
      guard(ctx, 'membership_changed'),
    ],
    holding.owner.startsWith('ent_')
      ? { action: 'enterprise.downgrade_scheduled', target: holding.owner, detail: { plan: plan.id } }
      : undefined,
  );
}

/** Drops the plan that was to follow. 404 where none was, 409 once it is paid. */
export async function unschedule(
  ctx: Ctx,
  holding: HoldingRow | null,
  following: { productId: string } | null,
): Promise<void> {
  if (!holding?.scheduledProductId) throw new AppError(following ? 'downgrade_paid' : 'not_found');
  await commit(ctx, [
    scheduleHolding(ctx, holding, null, holding.sweepAt, ctx.now),
    guard(ctx, 'membership_changed'),
  ]);
}
