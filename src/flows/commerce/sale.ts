import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import type { Package } from '#modules/catalogue/packages/store';
import { planIdOf } from '#modules/catalogue/rules';
import { findTokenPlan, type TokenPlan } from '#modules/catalogue/store';
import { findHolding } from '#modules/commerce/holding-store';
import { type CalendarPeriod, membershipAt } from '#modules/commerce/rules';
import type { GrantState, OrderSnapshot } from '#modules/commerce/types';
import * as packages from '#programs/package/quote';
import type { Quote } from '#programs/quote';
import * as tokens from '#programs/token/quote';

interface Offered {
  productId: string;
  /** What the product is called on the wire. */
  planId: string;
  currency: string;
  /** Minor units, today. */
  amount: number;
  snapshot: OrderSnapshot;
}

/** What somebody may buy: a token plan for a calendar period, or a package for its days. */
export type Sale =
  | (Offered & { program: 'token'; period: CalendarPeriod; plan: TokenPlan })
  | (Offered & { program: 'package'; period: 'fixed' });
export type TokenSale = Extract<Sale, { program: 'token' }>;

const PERIOD_WORDS = { monthly: '月付', yearly: '年付' } as const;

/** A token plan for a period; 400 where it is not sold for it. */
export function tokenSale(plan: TokenPlan, period: CalendarPeriod): TokenSale {
  const amount = plan[period];
  if (amount === null) throw new AppError('period_not_for_sale', invalid('period', 'is not sold').detail);
  return soldPlan(plan, period, amount);
}

/** A token plan for a period at a price, whatever it costs today. */
export function soldPlan(plan: TokenPlan, period: CalendarPeriod, amount: number): TokenSale {
  const title = `${plan.name}(${PERIOD_WORDS[period]})`;
  const { id, currency } = plan;
  return {
    program: 'token',
    plan,
    productId: id,
    planId: id,
    period,
    currency,
    amount,
    snapshot: { productName: plan.name, title, days: null },
  };
}

/** A package at its price; 400 where it has none. */
export function packageSale(site: Ctx['site'], { id, name, price, validityDays: days }: Package): Sale {
  if (price === null) throw new AppError('plan_not_for_sale');
  const title = `${name}(${days === null ? '永久' : `${days}天`})`;
  return {
    program: 'package',
    productId: id,
    planId: planIdOf(id),
    period: 'fixed',
    currency: site.currency,
    amount: price,
    snapshot: { productName: name, title, days },
  };
}

/** What buying would mean now, from what is held. Null where that has no end, or (a token plan) is too far ahead. */
export async function quoteFor(ctx: Ctx, owner: string, sale: Sale) {
  const { holding, grants } = await findHolding(ctx, owner, sale.program);
  const quote = await quoteSale(ctx, sale, grants);
  if (!quote) throw new AppError('membership_too_long');
  return { holding, grants, quote };
}

async function quoteSale(ctx: Ctx, sale: Sale, grants: GrantState[]): Promise<Quote | null> {
  if (sale.program === 'package') {
    const { productId, amount: price, snapshot } = sale;
    return packages.quoteOf(grants, { productId, price, days: snapshot.days }, ctx.now);
  }
  const { plan, period } = sale;
  const { status, current } = membershipAt(grants, false, ctx.now);
  const other = status === 'active' && current && current.productId !== plan.id;
  const held = other ? await findTokenPlan(ctx, current.productId) : plan;
  return tokens.quoteOf(grants, status === 'active' ? held : null, plan, period, ctx.now);
}
