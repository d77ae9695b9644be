import { commit } from '#db/commit';
import { DAY } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { findExpiredOrders, findSilentOrders, type OrderRow, setAskAt } from '#modules/commerce/order-store';
import { type AttemptRow, endAttempt, findStartedAttempts } from '#modules/commerce/payment-store';
import { closing } from './closing.ts';
import { applyNotice } from './settle-payment.ts';

const BATCH = 50;

/** Asks providers about orders of which nothing was heard: a notification may have been lost. */
export async function askProviders(ctx: Ctx): Promise<void> {
  for (const order of await findSilentOrders(ctx, ctx.now, BATCH)) {
    await each(ctx, order, async () => {
      // From here on it is asked about when it closes.
      await commit(ctx, [setAskAt(ctx, order.id, null)]);
      for (const attempt of await findStartedAttempts(ctx, order.id)) await ask(ctx, attempt);
    });
  }
}

/**
 * Closes orders that can no longer be paid, once every attempt was answered unpaid and ended at its provider; where a
 * provider cannot be reached, after a day all the same (what is paid then comes too late, and goes back).
 */
export async function closeExpiredOrders(ctx: Ctx): Promise<void> {
  for (const order of await findExpiredOrders(ctx, ctx.now, BATCH)) {
    await each(ctx, order, async () => {
      let open = false;
      for (const attempt of await findStartedAttempts(ctx, order.id)) {
        if (await ask(ctx, attempt)) return;
        open = !(await end(ctx, attempt)) || open;
      }
      if (!open || ctx.now >= order.createdAt + DAY) await commit(ctx, closing(ctx, order.id, 'expired'));
    });
  }
}

/** One that fails keeps no other waiting. */
async function each(ctx: Ctx, order: OrderRow, operation: () => Promise<void>): Promise<void> {
  try {
    await operation();
  } catch (error) {
    ctx.log.error('order.ask', error, { orderId: order.id });
  }
}

/** Asks about an attempt and applies the answer; whether it was paid. */
async function ask(ctx: Ctx, attempt: AttemptRow): Promise<boolean> {
  const { id, orderId, parameters, provider } = attempt;
  try {
    const notice = await ctx.payments.find(provider)?.query({ id, orderId, parameters, site: ctx.site.key });
    if (!notice) return false;
    ctx.log.info('payment.asked', { orderId, provider, outcome: await applyNotice(ctx, notice) });
    return notice.state === 'paid';
  } catch (error) {
    ctx.log.error('payment.query', error, { orderId, provider });
    return false;
  }
}

/** Ends an attempt at its provider; whether it did. */
async function end(ctx: Ctx, { id, orderId, parameters, provider }: AttemptRow): Promise<boolean> {
  try {
    await ctx.payments.find(provider)?.cancel({ id, orderId, parameters, site: ctx.site.key });
    await commit(ctx, [endAttempt(ctx, id, 'cancelled', ctx.now)]);
    return true;
  } catch (error) {
    ctx.log.error('payment.cancel', error, { orderId, provider });
    return false;
  }
}
