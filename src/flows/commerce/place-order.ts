import { abortIf, commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { type Person, requirePerson } from '#kernel/actor';
import { HOUR, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, retryOn } from '#kernel/errors';
import { isNotActive } from '#modules/catalogue/packages/store';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { findTokenPlan, type TokenPlan } from '#modules/catalogue/store';
import { hadFree } from '#modules/commerce/holding-store';
import {
  countOrders,
  findOpenOrder,
  findOrder,
  insertOrder,
  type OrderRow,
} from '#modules/commerce/order-store';
import { isTooFarAhead } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { discountOf } from '#modules/commerce/voucher-rules';
import { lockVoucher, type VoucherRow } from '#modules/commerce/voucher-store';
import { mayAct } from '#modules/enterprise/acting';
import type { Quote } from '#programs/quote';
import { settled } from '#programs/settle';
import { pushHolder } from '../quota/push-owner.ts';
import { closing } from './closing.ts';
import { endBeforeClosing } from './end-attempts.ts';
import { orderAudit } from './orders.ts';
import { quoteFor, type Sale } from './sale.ts';
import { isGift, settlement } from './settlement.ts';
import { requireVoucher } from './voucher-use.ts';

/** What somebody wants to buy. */
export interface Wish {
  autoRenew: boolean;
  voucherId: string | null;
  /** Asked for as a renewal: also after the end it is one, and follows the wish of before. */
  renews?: boolean;
}

/** How long an order of a plan can be paid. */
export const PAYABLE = 30 * MINUTE;
export const MOST_ORDERS_AN_HOUR = 30;

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

/**
 * Places an order; nothing is held before it is paid. A newer wish closes the open order and frees its voucher in the
 * same batch; the same wish again is the same order.
 */
export function placeOrder(ctx: Ctx, sale: Sale, owner: string, wish: Wish): Promise<OrderRow> {
  return retryOn('order_open', () => place(ctx, sale, owner, wish));
}

async function place(ctx: Ctx, sale: Sale, owner: string, wish: Wish): Promise<OrderRow> {
  const { userId } = requirePerson(ctx.actor);
  const { program, productId, amount } = sale;
  const { holding, grants, quote } = await quoteFor(ctx, owner, sale);
  if (reachesTooFar(sale, quote, grants, ctx.now)) throw new AppError('membership_too_long');
  if (quote.credit.total > amount) throw creditExceeds(sale, quote.credit.total);

  const version = holding?.version ?? 0;
  const open = await findOpenOrder(ctx, owner, program);
  const payable = open !== null && open.expiresAt > ctx.now;
  const kind = wish.renews && quote.kind === 'subscribe' ? 'renew' : quote.kind;
  if (payable && isSameWish(open, { kind, sale, wish, version })) return open;

  const purchase = { program, planId: sale.planId, originalAmount: amount };
  const voucher =
    wish.voucherId === null ? null : await requireVoucher(ctx, wish.voucherId, userId, purchase, open);
  const row = orderRow(ctx, { sale, owner, userId, wish, kind, quote, voucher, version });
  const free = row.finalAmount === 0;
  if (open) {
    // What would be refused must not end the payment that is going on.
    await assertPlaceable(ctx, row);
    await endBeforeClosing(ctx, open, 'membership_changed');
  }
  const statements: Statement[] = [
    // Only the order that was read is closed: where another one came between, UNIQUE says `order_open`.
    ...(open ? closing(ctx, open, 'replaced') : []),
    insertOrder(ctx, row, ctx.now - HOUR, MOST_ORDERS_AN_HOUR),
    guard(ctx, 'order_throttled'),
    ...(program === 'package' ? [abortIf(ctx, isNotActive(productId), 'plan_not_available')] : []),
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
  if (free) await pushHolder(ctx, row);
  const order = await findOrder(ctx, row.id);
  if (!order) throw new Error('an order vanished after it was placed');
  return order;
}

/** What the batch would refuse, as far as it is known before. */
async function assertPlaceable(
  ctx: Ctx,
  { owner, userId, productId, program, originalAmount }: ReturnType<typeof orderRow>,
): Promise<void> {
  if (isGift({ program, originalAmount }) && (await hadFree(ctx, owner, productId))) {
    throw new AppError('free_package_taken');
  }
  const placed = await countOrders(ctx, userId, ctx.now - HOUR);
  if (placed >= MOST_ORDERS_AN_HOUR) throw new AppError('order_throttled');
}

/** At most 36 months are paid ahead. A package may be longer by itself, but is not stacked past that. */
function reachesTooFar(sale: Sale, { kind }: Quote, grants: readonly GrantState[], now: number): boolean {
  if (sale.program === 'package' && kind !== 'renew') return false;
  const { program, productId, period, snapshot } = sale;
  const order = { id: '', program, kind, productId, period, days: snapshot.days, paid: 0 };
  const until = settled(order, grants, now)?.insert[0]?.untilAt;
  return until === undefined || (until !== null && isTooFarAhead(until, now));
}

interface Draft {
  sale: Sale;
  owner: string;
  userId: string;
  wish: Wish;
  kind: Quote['kind'];
  quote: Quote;
  voucher: VoucherRow | null;
  version: number;
}

function orderRow(ctx: Ctx, { sale, owner, userId, wish, kind, quote, voucher, version }: Draft) {
  const creditAmount = quote.credit.total;
  const discountAmount = voucher ? discountOf(voucher, sale.amount - creditAmount) : 0;
  return {
    ...orderOf(ctx, sale),
    userId,
    owner,
    kind,
    discountAmount,
    creditAmount,
    finalAmount: sale.amount - creditAmount - discountAmount,
    voucherId: voucher?.id ?? null,
    autoRenew: wish.autoRenew,
    holdingVersion: version,
    snapshot: {
      ...sale.snapshot,
      ...(quote.credit.shares.length > 0 ? { credits: quote.credit.shares } : {}),
    },
  };
}

/** What every order of a product has, whoever places it. */
export function orderOf(ctx: Ctx, { program, productId, period, currency, amount, snapshot }: Sale) {
  return {
    id: ctx.ids.next('ord', ctx.now),
    program,
    productId,
    period,
    currency,
    originalAmount: amount,
    snapshot,
    createdAt: ctx.now,
    expiresAt: ctx.now + PAYABLE,
  };
}

/** Names the shortest period whose price takes the credit, if one does. */
function creditExceeds(sale: Sale, credit: number): AppError {
  const plan = sale.program === 'token' ? sale.plan : null;
  const period = (['monthly', 'yearly'] as const).find((one) => (plan?.[one] ?? -1) >= credit) ?? null;
  const message =
    period === null ? 'costs less than the credit' : `costs less than the credit: take ${period}`;
  return new AppError('credit_exceeds_price', {
    faults: [{ path: 'period', message }],
    data: { period },
  });
}

function isSameWish(
  open: OrderRow,
  { kind, sale, wish, version }: { kind: Quote['kind']; sale: Sale; wish: Wish; version: number },
): boolean {
  return (
    open.kind === kind &&
    open.productId === sale.productId &&
    open.period === sale.period &&
    open.snapshot.days === sale.snapshot.days &&
    open.autoRenew === wish.autoRenew &&
    open.voucherId === wish.voucherId &&
    open.holdingVersion === version &&
    open.originalAmount === sale.amount
  );
}
