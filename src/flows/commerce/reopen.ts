import type { Ctx } from '#kernel/context';
import { findTokenPlan } from '#modules/catalogue/store';
import type { OrderRow } from '#modules/commerce/order-store';
import { PERIOD_MONTHS } from '#modules/commerce/rules';
import { quoteFor } from './place-order.ts';

/** Whether an order that was closed would have the same kind and credit if it were placed now. */
export async function wouldBeTheSame(ctx: Ctx, order: OrderRow): Promise<boolean> {
  const { productId, period } = order;
  if (order.program !== 'token') return true;
  if (!productId || !isCalendar(period)) return false;
  const plan = await findTokenPlan(ctx, productId);
  if (!plan) return false;
  const { quote } = await quoteFor(ctx, order.owner, plan, period);
  return quote.kind === order.kind && quote.credit.total === order.creditAmount;
}

function isCalendar(period: string | null): period is keyof typeof PERIOD_MONTHS {
  return period !== null && Object.hasOwn(PERIOD_MONTHS, period);
}
