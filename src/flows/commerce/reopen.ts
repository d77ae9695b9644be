import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import { findPackage } from '#modules/catalogue/packages/store';
import { findTokenPlan } from '#modules/catalogue/store';
import type { OrderRow } from '#modules/commerce/order-store';
import { isCalendarPeriod } from '#modules/commerce/rules';
import { isReached } from '../alliance/settle-tier.ts';
import { packageSale, quoteFor, soldPlan } from './sale.ts';

/** A closed order as it would be if it were placed now; null where that were another one. */
export async function asOfToday(ctx: Ctx, order: OrderRow): Promise<OrderRow | null> {
  if (order.program === 'wallet' || order.program === 'vip') return order;
  if (order.program === 'tier') return (await isReached(ctx, order)) ? null : order;
  const sale = await saleOf(ctx, order);
  if (!sale) return null;
  try {
    const { quote, holding } = await quoteFor(ctx, order.owner, sale);
    const kind = order.kind === 'renew' && quote.kind === 'subscribe' ? 'renew' : quote.kind;
    if (kind !== order.kind || quote.credit.total !== order.creditAmount) return null;
    const snapshot = { ...order.snapshot, credits: quote.credit.shares };
    return { ...order, snapshot, holdingVersion: holding?.version ?? 0 };
  } catch (error) {
    // What is held has no end by now: there is nothing to add.
    if (hasCode(error, 'membership_too_long')) return null;
    throw error;
  }
}

/** What was sold, at the price and for the days that it was sold at; null where the product is gone. */
async function saleOf(ctx: Ctx, { program, productId, period, originalAmount, snapshot }: OrderRow) {
  if (!productId) return null;
  if (program === 'package') {
    const found = await findPackage(ctx, { id: productId });
    return found && packageSale(ctx.site, { ...found, price: originalAmount, validityDays: snapshot.days });
  }
  const plan = await findTokenPlan(ctx, productId);
  return plan && isCalendarPeriod(period) ? soldPlan(plan, period, originalAmount) : null;
}
