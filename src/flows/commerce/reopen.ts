import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findTokenPlan } from '#modules/catalogue/store';
import type { OrderRow } from '#modules/commerce/order-store';
import { isCalendarPeriod } from '#modules/commerce/rules';
import { quoteFor } from './place-order.ts';

/** A closed order as it would be if it were placed now; null where that were another one. */
export async function asOfToday(ctx: Ctx, order: OrderRow): Promise<OrderRow | null> {
  const { productId, period } = order;
  if (order.program !== 'token') return order;
  const plan = productId ? await findTokenPlan(ctx, productId) : null;
  if (!plan || !isCalendarPeriod(period)) return null;
  try {
    const { quote, holding } = await quoteFor(ctx, order.owner, plan, period);
    const kind = order.kind === 'renew' && quote.kind === 'subscribe' ? 'renew' : quote.kind;
    if (kind !== order.kind || quote.credit.total !== order.creditAmount) return null;
    const snapshot = { ...order.snapshot, credits: quote.credit.shares };
    return { ...order, snapshot, holdingVersion: holding?.version ?? 0 };
  } catch (error) {
    // What is held has no end by now: there is nothing to add.
    if (error instanceof AppError) return null;
    throw error;
  }
}
