import { commitApart } from '#db/commit';
import type { Ctx } from '#kernel/context';
import type { StartedAttempt } from '#kernel/ports';
import { findOrder } from '#modules/commerce/order-store';
import { type AttemptRow, findStartedAttempts, updateAttempt } from '#modules/commerce/payment-store';
import { applyNotice } from './settle-payment.ts';

/**
 * Ends what is going of an order at its providers, where they can be reached; cron asks about the rest. What cannot be
 * ended may have been paid: that is applied, and where the order is not open any more for it, true.
 */
export async function endAttempts(ctx: Ctx, orderId: string): Promise<boolean> {
  let told = false;
  for (const attempt of await findStartedAttempts(ctx, orderId)) {
    try {
      await ctx.payments.find(attempt.provider)?.cancel(startedOf(ctx, attempt));
      await noteAttempt(ctx, attempt, { state: 'cancelled' });
    } catch (error) {
      ctx.log.error('payment.cancel', error, { orderId, provider: attempt.provider });
      told = (await askWhetherPaid(ctx, attempt)) || told;
    }
  }
  return told && (await findOrder(ctx, orderId))?.status !== 'pending';
}

async function askWhetherPaid(ctx: Ctx, attempt: AttemptRow): Promise<boolean> {
  try {
    const notice = await ctx.payments.find(attempt.provider)?.query(startedOf(ctx, attempt));
    if (notice) {
      await applyNotice(ctx, notice);
      await noteAttempt(ctx, attempt, { state: 'paid' });
      return true;
    }
  } catch (error) {
    ctx.log.error('payment.ask', error, { orderId: attempt.orderId, provider: attempt.provider });
  }
  await noteAttempt(ctx, attempt, { askAt: ctx.now });
  return false;
}

/** Notes what became of an attempt, whatever becomes of the request. */
export async function noteAttempt(
  ctx: Ctx,
  { id }: AttemptRow,
  set: Partial<Pick<AttemptRow, 'state' | 'askAt'>>,
): Promise<void> {
  await commitApart(ctx, [updateAttempt(ctx, id, { ...set, updatedAt: ctx.now })]);
}

/** An attempt as its provider is told of it. */
export function startedOf(ctx: Ctx, { id, orderId, parameters }: AttemptRow): StartedAttempt {
  return { id, orderId, parameters, site: ctx.site.key };
}
