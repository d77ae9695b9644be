import { commitApart } from '#db/commit';
import { DAY, HOUR, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { closeExpiredOrders, findExpiredHolders, findOrder } from '#modules/commerce/order-store';
import { type AttemptRow, findSilentAttempts } from '#modules/commerce/payment-store';
import { closing } from './closing.ts';
import { endAttempt, noteAttempt, startedOf } from './end-attempts.ts';
import { applyNotice } from './settle-payment.ts';

const BATCH = 50;
const ASK_AGAIN = 5 * MINUTE;
/** How long an order that has expired waits for providers that do not answer: then it is closed all the same. */
const LONGEST_WAIT = DAY - 30 * MINUTE;
/** Money may be there all the same: its attempts are asked about, hourly then, for as long. */
const GIVEN_UP = 30 * DAY;

/**
 * Asks providers about attempts of which nothing was heard: at five minutes, when their order can no longer be paid, and
 * when it is closed or paid otherwise. What was not paid by then is ended there, so that it never will be.
 */
export async function askProviders(ctx: Ctx): Promise<void> {
  for (const attempt of await findSilentAttempts(ctx, ctx.now, BATCH)) {
    try {
      await ask(ctx, attempt);
    } catch (error) {
      ctx.log.error('payment.ask', error, { orderId: attempt.orderId, provider: attempt.provider });
      const silence = ctx.now - ((await findOrder(ctx, attempt.orderId))?.expiresAt ?? 0);
      const askAt = ctx.now + (silence < DAY ? ASK_AGAIN : HOUR);
      await noteAttempt(ctx, attempt, silence < GIVEN_UP ? { askAt } : { state: 'failed', askAt: null });
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
    if (notice.state === 'paid') return noteAttempt(ctx, attempt, { state: 'paid', askAt: null });
  }
  const order = await findOrder(ctx, attempt.orderId);
  const payable = order?.status === 'pending' && order.expiresAt > ctx.now;
  if (payable && attempt.state !== 'cancelled') {
    return noteAttempt(ctx, attempt, { askAt: order.expiresAt });
  }
  await endAttempt(ctx, attempt, order ?? { id: attempt.orderId, expiresAt: ctx.now });
}

/** Closes orders that can no longer be paid, once nothing of them is going any more. */
export async function closeOrders(ctx: Ctx): Promise<void> {
  const lastWait = ctx.now - LONGEST_WAIT;
  for (const order of await findExpiredHolders(ctx, ctx.now, lastWait, BATCH)) {
    try {
      await commitApart(ctx, closing(ctx, order, 'expired'));
    } catch (error) {
      ctx.log.error('order.close', error, { orderId: order.id });
    }
  }
  await commitApart(ctx, closeExpiredOrders(ctx, ctx.now, lastWait));
}
