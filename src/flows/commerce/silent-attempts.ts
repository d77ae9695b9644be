import { commitApart } from '#db/commit';
import { DAY, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { closeExpiredOrders, findExpiredHolders, findOrder } from '#modules/commerce/order-store';
import { type AttemptRow, findSilentAttempts } from '#modules/commerce/payment-store';
import { closing } from './closing.ts';
import { noteAttempt, startedOf } from './end-attempts.ts';
import { applyNotice } from './settle-payment.ts';

const BATCH = 50;
const ASK_AGAIN = 5 * MINUTE;

/**
 * Asks providers about attempts of which nothing was heard: at five minutes, when their order can no longer be paid, and
 * when it is closed or paid otherwise. What was not paid by then is ended there, so that it never will be.
 */
export async function askProviders(ctx: Ctx): Promise<void> {
  for (const attempt of await findSilentAttempts(ctx, ctx.now, BATCH)) {
    try {
      await ask(ctx, attempt);
    } catch (error) {
      // A provider that cannot be reached is asked again; after a day its attempts are given up.
      ctx.log.error('payment.ask', error, { orderId: attempt.orderId, provider: attempt.provider });
      const given = ctx.now >= attempt.createdAt + DAY;
      await noteAttempt(ctx, attempt, given ? { state: 'failed' } : { askAt: ctx.now + ASK_AGAIN });
    }
  }
}

async function ask(ctx: Ctx, attempt: AttemptRow): Promise<void> {
  const provider = ctx.payments.find(attempt.provider);
  if (!provider) throw new Error(`the provider ${attempt.provider} is off`);
  const notice = await provider.query(startedOf(ctx, attempt));
  if (notice) {
    const outcome = await applyNotice(ctx, notice);
    ctx.log.info('payment.asked', { orderId: attempt.orderId, provider: attempt.provider, outcome });
    // Whatever became of the money, this attempt has had it.
    if (notice.state === 'paid') return noteAttempt(ctx, attempt, { state: 'paid' });
  }
  const order = await findOrder(ctx, attempt.orderId);
  if (order?.status === 'pending' && order.expiresAt > ctx.now) {
    return noteAttempt(ctx, attempt, { askAt: order.expiresAt });
  }
  await provider.cancel(startedOf(ctx, attempt));
  await noteAttempt(ctx, attempt, { state: 'cancelled' });
}

/** Closes orders that can no longer be paid, once nothing of them is going any more. */
export async function closeOrders(ctx: Ctx): Promise<void> {
  const dayBefore = ctx.now - DAY;
  for (const order of await findExpiredHolders(ctx, ctx.now, dayBefore, BATCH)) {
    try {
      await commitApart(ctx, closing(ctx, order, 'expired'));
    } catch (error) {
      ctx.log.error('order.close', error, { orderId: order.id });
    }
  }
  await commitApart(ctx, closeExpiredOrders(ctx, ctx.now, dayBefore));
}
