import { abortIf, commitApart } from '#db/commit';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, type ErrorCode, hasCode } from '#kernel/errors';
import type { StartedAttempt } from '#kernel/ports';
import { findOrder, type OrderRow } from '#modules/commerce/order-store';
import {
  type AttemptRow,
  findOpenAttempts,
  hasOtherParameters,
  updateAttempt,
} from '#modules/commerce/payment-store';
import { applyNotice } from './settle-payment.ts';

type Order = Pick<OrderRow, 'id' | 'expiresAt'>;

/** How long after its order's end an address may still be open at a provider that knows of no payment there. */
const GRACE = MINUTE;

/**
 * Ends what is going of an order at its providers. What cannot be ended may have been paid: that is applied, and where
 * the order is not open any more for it, `settled`. `going` where a provider could not be reached: cron ends it then.
 */
export async function endAttempts(ctx: Ctx, order: Order): Promise<'ended' | 'going' | 'settled'> {
  let told = false;
  let going = false;
  for (const attempt of await findOpenAttempts(ctx, order.id)) {
    try {
      await endAttempt(ctx, attempt, order);
    } catch (error) {
      ctx.log.error('payment.cancel', error, { orderId: order.id, provider: attempt.provider });
      const paid = await askWhetherPaid(ctx, attempt);
      told ||= paid;
      going ||= !paid;
    }
  }
  if (told && (await findOrder(ctx, order.id))?.status !== 'pending') return 'settled';
  return going ? 'going' : 'ended';
}

/** {@link endAttempts} before an order is closed: throws `settled` where it is paid, 503 where that is not certain. */
export async function endBeforeClosing(ctx: Ctx, order: Order, settled: ErrorCode): Promise<void> {
  switch (await endAttempts(ctx, order)) {
    case 'settled':
      throw new AppError(settled);
    case 'going':
      throw new AppError('service_unavailable', { retryAfter: 10 });
  }
}

/**
 * Ends one attempt. Where its provider knows nothing of it yet, its address may be open until the order ends: it is
 * looked at once more then. Throws where it cannot be ended.
 */
export async function endAttempt(ctx: Ctx, attempt: AttemptRow, order: Order): Promise<void> {
  const end = await ctx.payments.find(attempt.provider)?.cancel(startedOf(ctx, attempt));
  if (end !== 'unknown') return noteAttempt(ctx, attempt, { state: 'cancelled', askAt: null });
  const last = order.expiresAt + GRACE;
  const set = { state: 'cancelled' as const, askAt: last > ctx.now ? last : null, updatedAt: ctx.now };
  try {
    await commitApart(ctx, [
      abortIf(ctx, hasOtherParameters(attempt), 'order_changed'),
      updateAttempt(ctx, attempt.id, set),
    ]);
  } catch (error) {
    if (!hasCode(error, 'order_changed')) throw error;
    // It was just being begun, and its provider knows of it by now.
    const begun = (await findOpenAttempts(ctx, attempt.orderId)).find(({ id }) => id === attempt.id);
    if (begun) await endAttempt(ctx, begun, order);
  }
}

async function askWhetherPaid(ctx: Ctx, attempt: AttemptRow): Promise<boolean> {
  try {
    const notice = await ctx.payments.find(attempt.provider)?.query(startedOf(ctx, attempt));
    if (notice) {
      await applyNotice(ctx, notice);
      await noteAttempt(ctx, attempt, { state: 'paid', askAt: null });
      return true;
    }
  } catch (error) {
    ctx.log.error('payment.ask', error, { orderId: attempt.orderId, provider: attempt.provider });
  }
  // Not wanted any more, whatever becomes of its order: cron ends it.
  await noteAttempt(ctx, attempt, { state: 'cancelled', askAt: ctx.now });
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
