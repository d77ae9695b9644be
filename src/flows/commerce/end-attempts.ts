import { commitApart } from '#db/commit';
import type { Ctx } from '#kernel/context';
import type { StartedAttempt } from '#kernel/ports';
import { type AttemptRow, findStartedAttempts, updateAttempt } from '#modules/commerce/payment-store';
import { applyNotice } from './settle-payment.ts';

/**
 * Ends what is going of an order at its providers, where they can be reached; cron asks about the rest. What cannot be
 * ended may have been paid: then the order is, before this returns.
 */
export async function endAttempts(ctx: Ctx, orderId: string): Promise<void> {
  for (const attempt of await findStartedAttempts(ctx, orderId)) {
    try {
      await ctx.payments.find(attempt.provider)?.cancel(startedOf(ctx, attempt));
      await noteAttempt(ctx, attempt, { state: 'cancelled' });
    } catch (error) {
      ctx.log.error('payment.cancel', error, { orderId, provider: attempt.provider });
      await askWhetherPaid(ctx, attempt);
    }
  }
}

async function askWhetherPaid(ctx: Ctx, attempt: AttemptRow): Promise<void> {
  try {
    const notice = await ctx.payments.find(attempt.provider)?.query(startedOf(ctx, attempt));
    if (notice) {
      await applyNotice(ctx, notice);
      return await noteAttempt(ctx, attempt, { state: 'paid' });
    }
  } catch (error) {
    ctx.log.error('payment.ask', error, { orderId: attempt.orderId, provider: attempt.provider });
  }
  await noteAttempt(ctx, attempt, { askAt: ctx.now });
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
