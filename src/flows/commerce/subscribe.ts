import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { findPackage } from '#modules/catalogue/packages/store';
import { packageOfCode } from '#modules/catalogue/rules';
import type { TokenPlan } from '#modules/catalogue/store';
import { type HoldingRow, scheduleHolding } from '#modules/commerce/holding-store';
import { findOpenOrder, type OrderRow } from '#modules/commerce/order-store';
import { nextSweepAt } from '#programs/sweep';
import { closing } from './closing.ts';
import { endBeforeClosing } from './end-attempts.ts';
import { buyerOf, placeOrder, requirePlanForSale, type Wish } from './place-order.ts';
import { packageSale, quoteFor, tokenSale } from './sale.ts';
import { voucherRefused } from './voucher-use.ts';

export const SubscribeInput = z.object({
  plan_id: z.string().min(1).max(64),
  /** `fixed` is a package's. */
  period: z.enum(['monthly', 'yearly', 'fixed']),
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

/** Orders a plan (seed 000 §8.3), or lets a cheaper one follow; or orders a package by its code (spec sites). */
export async function subscribe(ctx: Ctx, input: z.infer<typeof SubscribeInput>): Promise<Subscription> {
  const wish = { autoRenew: input.auto_renew, voucherId: input.voucher_id ?? null };
  const productId = packageOfCode(input.plan_id);
  if (productId !== null) return { order: await orderPackage(ctx, productId, input.period, wish) };

  const plan = await requirePlanForSale(ctx, input.plan_id);
  const owner = buyerOf(requirePerson(ctx.actor), plan.audience);
  const { period } = input;
  if (period === 'fixed') throw notSoldFor('is not sold');
  const sale = tokenSale(plan, period);
  const { holding, grants, quote } = await quoteFor(ctx, owner, sale);
  if (quote.kind !== 'downgrade' || !holding) return { order: await placeOrder(ctx, sale, owner, wish) };
  if (input.voucher_id) throw voucherRefused('not_here');
  await schedule(ctx, holding, plan, period, nextSweepAt(grants, true, ctx.now));
  const { amount, snapshot } = sale;
  return { scheduled: { plan, title: snapshot.title, period, amount, startsAt: quote.startsAt } };
}

/** A package is its buyer's own, also of somebody who belongs to an enterprise. */
async function orderPackage(ctx: Ctx, productId: string, period: string, wish: Wish): Promise<OrderRow> {
  const { userId } = requirePerson(ctx.actor);
  const found = await findPackage(ctx, { id: productId });
  if (found?.status !== 'active') throw new AppError('plan_not_available');
  if (period !== 'fixed') throw notSoldFor('must be fixed: it is sold for its days');
  if (wish.autoRenew) throw invalid('auto_renew', 'a package does not renew by itself');
  return placeOrder(ctx, packageSale(ctx.site, found), userId, wish);
}

function notSoldFor(message: string): AppError {
  return new AppError('period_not_for_sale', invalid('period', message).detail);
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
  if (open) await endBeforeClosing(ctx, open, 'membership_changed');
  await commit(
    ctx,
    [
      ...(open ? closing(ctx, open, 'replaced') : []),
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
