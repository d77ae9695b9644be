import { commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { type Person, requirePerson } from '#kernel/actor';
import { addMonths } from '#kernel/calendar';
import { HOUR, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, invalid, retryOn } from '#kernel/errors';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { findTokenPlan, type TokenPlan } from '#modules/catalogue/store';
import { findHolding } from '#modules/commerce/holding-store';
import { findOpenOrder, findOrder, insertOrder, type OrderRow } from '#modules/commerce/order-store';
import {
  type CalendarPeriod,
  isTooFarAhead,
  membershipAt,
  nextSpan,
  PERIOD_MONTHS,
} from '#modules/commerce/rules';
import { discountOf } from '#modules/commerce/voucher-rules';
import { lockVoucher, type VoucherRow } from '#modules/commerce/voucher-store';
import { mayAct } from '#modules/enterprise/acting';
import { type Quote, quoteOf } from '#programs/token/quote';
import { pushOwner } from '../quota/push-owner.ts';
import { closing } from './closing.ts';
import { endAttempts } from './end-attempts.ts';
import { orderAudit } from './orders.ts';
import { settlement } from './settlement.ts';
import { requireVoucher } from './voucher-use.ts';

/** What somebody wants to buy. */
export interface Wish {
  period: CalendarPeriod;
  autoRenew: boolean;
  voucherId: string | null;
  /** Asked for as a renewal: also after the end it is one, and follows the wish of before. */
  renews?: boolean;
}

/** How long an order of a plan can be paid. */
export const PAYABLE = 30 * MINUTE;
export const MOST_ORDERS_AN_HOUR = 30;

const PERIOD_WORDS = { monthly: '月付', yearly: '年付' } as const;

/** A plan that is sold, and not the free one. */
export async function requirePlanForSale(ctx: Ctx, id: string): Promise<TokenPlan> {
  const plan = await findTokenPlan(ctx, id);
  if (plan?.status !== 'active') throw new AppError('plan_not_available');
  if (plan.id === FREE_PLAN_ID) throw new AppError('plan_not_for_sale');
  return plan;
}

/** Who buys: a verified enterprise through those who buy for it, or a person who belongs to none. */
export function buyerOf({ enterprise, userId }: Person, audience: TokenPlan['audience']): string {
  if (audience === 'personal') {
    if (enterprise) throw new AppError('personal_plan_forbidden');
    return userId;
  }
  if (enterprise?.frozen) throw new AppError('enterprise_frozen');
  if (!enterprise?.verified || !mayAct(enterprise, 'plan.buy')) {
    throw new AppError('enterprise_plan_forbidden');
  }
  return enterprise.id;
}

/** What a period of a plan costs today; 400 where it is not sold. */
export function priceOf(plan: TokenPlan, period: CalendarPeriod): number {
  const amount = plan[period];
  if (amount === null) throw new AppError('period_not_for_sale', invalid('period', 'is not sold').detail);
  return amount;
}

/** What buying a plan would mean now, from what is held. */
export async function quoteFor(ctx: Ctx, owner: string, plan: TokenPlan, period: CalendarPeriod) {
  const { holding, grants } = await findHolding(ctx, owner, 'token');
  const { status, current } = membershipAt(grants, false, ctx.now);
  const other = status === 'active' && current && current.productId !== plan.id;
  const held = other ? await findTokenPlan(ctx, current.productId) : plan;
  const quote = quoteOf(grants, status === 'active' ? held : null, plan, period, ctx.now);
  if (!quote) throw new AppError('membership_too_long');
  return { holding, grants, quote };
}

/**
 * Places an order; nothing is held before it is paid. A newer wish closes the open order and frees its voucher in the
 * same batch; the same wish again is the same order.
 */
export function placeOrder(ctx: Ctx, plan: TokenPlan, owner: string, wish: Wish): Promise<OrderRow> {
  return retryOn('order_open', () => place(ctx, plan, owner, wish));
}

async function place(ctx: Ctx, plan: TokenPlan, owner: string, wish: Wish): Promise<OrderRow> {
  const { userId } = requirePerson(ctx.actor);
  const originalAmount = priceOf(plan, wish.period);
  const { holding, grants, quote } = await quoteFor(ctx, owner, plan, wish.period);
  const until =
    quote.kind === 'upgrade'
      ? addMonths(ctx.now, PERIOD_MONTHS[wish.period])
      : nextSpan(grants, wish.period, ctx.now)?.untilAt;
  if (until === undefined || isTooFarAhead(until, ctx.now)) throw new AppError('membership_too_long');
  if (quote.credit.total > originalAmount) throw creditExceeds(plan, quote.credit.total);

  const version = holding?.version ?? 0;
  const open = await findOpenOrder(ctx, owner, 'token');
  const payable = open !== null && open.expiresAt > ctx.now;
  const kind = wish.renews && quote.kind === 'subscribe' ? 'renew' : quote.kind;
  if (payable && isSameWish(open, { kind, plan, wish, version, originalAmount })) return open;

  const purchase = { program: 'token' as const, planId: plan.id, originalAmount };
  const voucher =
    wish.voucherId === null ? null : await requireVoucher(ctx, wish.voucherId, userId, purchase, open);
  const row = orderRow(ctx, { plan, owner, userId, wish, kind, quote, voucher, version, originalAmount });
  const free = row.finalAmount === 0;
  if (open) await endAttempts(ctx, open.id);
  const statements: Statement[] = [
    // Only the order that was read is closed: where another one came between, UNIQUE says `order_open`.
    ...(open ? closing(ctx, open.id, 'replaced') : []),
    insertOrder(ctx, row, ctx.now - HOUR, MOST_ORDERS_AN_HOUR),
    guard(ctx, 'order_throttled'),
    ...(voucher
      ? [
          lockVoucher(ctx, { id: voucher.id, userId, orderId: row.id, now: ctx.now }),
          guard(ctx, 'voucher_taken'),
        ]
      : []),
    // What costs nothing is paid by being placed, in the same batch.
    ...(free ? await settlement(ctx, row, 'wallet') : []),
  ];
  await commit(ctx, statements, orderAudit(row, 'plan_ordered'));
  if (free) await pushOwner(ctx, owner);
  const order = await findOrder(ctx, row.id);
  if (!order) throw new Error('an order vanished after it was placed');
  return order;
}

interface Draft {
  plan: TokenPlan;
  owner: string;
  userId: string;
  wish: Wish;
  kind: Quote['kind'];
  quote: Quote;
  voucher: VoucherRow | null;
  version: number;
  originalAmount: number;
}

function orderRow(
  ctx: Ctx,
  { plan, owner, userId, wish, kind, quote, voucher, version, originalAmount }: Draft,
) {
  const creditAmount = quote.credit.total;
  const discountAmount = voucher ? discountOf(voucher, originalAmount - creditAmount) : 0;
  return {
    ...orderOf(ctx, plan, wish.period),
    userId,
    owner,
    kind,
    originalAmount,
    discountAmount,
    creditAmount,
    finalAmount: originalAmount - creditAmount - discountAmount,
    voucherId: voucher?.id ?? null,
    autoRenew: wish.autoRenew,
    holdingVersion: version,
    snapshot: {
      ...snapshotOf(plan, wish.period),
      ...(quote.credit.shares.length > 0 ? { credits: quote.credit.shares } : {}),
    },
  };
}

/** What every order of a plan has, whoever places it. */
export function orderOf(ctx: Ctx, plan: TokenPlan, period: CalendarPeriod) {
  return {
    id: ctx.ids.next('ord', ctx.now),
    program: 'token' as const,
    productId: plan.id,
    period,
    currency: plan.currency,
    createdAt: ctx.now,
    expiresAt: ctx.now + PAYABLE,
  };
}

export function snapshotOf(plan: TokenPlan, period: CalendarPeriod) {
  return { productName: plan.name, title: `${plan.name}(${PERIOD_WORDS[period]})`, days: null };
}

/** Names the shortest period whose price takes the credit, if one does. */
function creditExceeds(plan: TokenPlan, credit: number): AppError {
  const period = (['monthly', 'yearly'] as const).find((one) => (plan[one] ?? -1) >= credit) ?? null;
  const message =
    period === null ? 'costs less than the credit' : `costs less than the credit: take ${period}`;
  return new AppError('credit_exceeds_price', {
    faults: [{ path: 'period', message }],
    data: { period },
  });
}

function isSameWish(
  open: OrderRow,
  want: { kind: Quote['kind']; plan: TokenPlan; wish: Wish; version: number; originalAmount: number },
): boolean {
  return (
    open.kind === want.kind &&
    open.productId === want.plan.id &&
    open.period === want.wish.period &&
    open.autoRenew === want.wish.autoRenew &&
    open.voucherId === want.wish.voucherId &&
    open.holdingVersion === want.version &&
    open.originalAmount === want.originalAmount
  );
}
