import { commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import type { Program } from '#kernel/programs';
import { advanceHolding, findHolding, insertEvent, insertGrant } from '#modules/commerce/holding-store';
import {
  endAttempts,
  findOrder,
  findPayment,
  insertPayment,
  markOrderPaid,
  type OrderRow,
} from '#modules/commerce/order-store';
import { membershipAt, nextSpan, PERIOD_MONTHS } from '#modules/commerce/rules';
import { requestPush } from '#modules/operations/store';
import { pushOwner } from './push-owner.ts';

/** What became of a notification. All but `applied` grant nothing; all are acknowledged to the provider. */
export type PaymentOutcome = 'applied' | 'duplicate' | 'failed' | 'mismatched' | 'surplus' | 'refund_pending';

/**
 * Applies a provider's verified notification: the one way in which a purchase takes effect. The same
 * transaction twice does nothing; money that fits no order, or no longer, is kept aside for a person.
 */
export async function applyNotice(ctx: Ctx, notice: PaymentNotice): Promise<PaymentOutcome> {
  if (await findPayment(ctx, notice.provider, notice.transactionId)) return 'duplicate';
  const order = await findOrder(ctx, notice.orderId);
  if (notice.state === 'failed') {
    if (order) await commit(ctx, [endAttempts(ctx, order.id, notice.provider, 'failed', ctx.now)]);
    return 'failed';
  }
  if (!order || notice.amount !== order.finalAmount || notice.currency !== order.currency) {
    return setAside(ctx, notice, 'mismatched', order ? 'amount or currency differ' : 'no such order');
  }
  if (order.status === 'paid' || order.status === 'refunded') {
    return setAside(ctx, notice, 'surplus', 'the order is paid already');
  }
  if (order.status === 'closed') return setAside(ctx, notice, 'refund_pending', 'the order is closed');
  try {
    await settle(ctx, order, notice.provider, [
      insertPayment(ctx, paymentRow(ctx, notice, notice.amount, 'applied', null)),
      endAttempts(ctx, order.id, notice.provider, 'paid', ctx.now),
    ]);
  } catch (error) {
    return afterRace(ctx, notice, error);
  }
  await pushOwner(ctx, order.owner);
  return 'applied';
}

/** An order that costs nothing is paid by being placed. */
export async function settleFreeOrder(ctx: Ctx, id: string): Promise<void> {
  const order = await findOrder(ctx, id);
  if (order?.status !== 'pending' || order.finalAmount !== 0) throw new AppError('order_not_payable');
  await settle(ctx, order, 'wallet', []);
  await pushOwner(ctx, order.owner);
}

/** Order, grant, holding and event in one batch, guarded by the holding's version that the order was made for. */
async function settle(ctx: Ctx, order: OrderRow, provider: string, also: Statement[]): Promise<void> {
  const { productId, period } = order;
  if (order.program !== 'token' || !productId || !isCalendarPeriod(period)) {
    throw new Error(`an order of program ${order.program} cannot be settled`);
  }
  const program: Program = order.program;
  const { grants } = await findHolding(ctx, order.owner, program);
  const span = nextSpan(grants, period, ctx.now);
  if (!span) throw new AppError('membership_changed');
  await commit({ ...ctx, idempotency: null }, [
    ...also,
    markOrderPaid(ctx, order.id, { provider, paidAmount: order.finalAmount, paidAt: ctx.now }),
    guard(ctx, 'order_not_payable'),
    advanceHolding(ctx, {
      owner: order.owner,
      program,
      version: order.holdingVersion,
      autoRenew: order.autoRenew,
      sweepAt: span.untilAt,
      now: ctx.now,
    }),
    guard(ctx, 'membership_changed'),
    insertGrant(ctx, {
      id: ctx.ids.next('gr', ctx.now),
      owner: order.owner,
      program,
      productId,
      source: 'order',
      orderId: order.id,
      period,
      ...span,
      paid: order.finalAmount + order.creditAmount,
      createdAt: ctx.now,
    }),
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner: order.owner,
      program,
      action: membershipAt(grants, false, ctx.now).status === 'active' ? 'renew' : 'subscribe',
      reference: order.id,
      productId,
      productName: order.snapshot.productName,
      period,
      amount: order.finalAmount,
      originalAmount: order.originalAmount,
      startedAt: span.fromAt,
      endsAt: span.untilAt,
      orderId: order.id,
      createdAt: ctx.now,
    }),
    requestPush(ctx, order.owner, ctx.now),
  ]);
}

/** The batch failed as a whole: another notification won, or what the order was made for is no longer so. */
async function afterRace(ctx: Ctx, notice: PaymentNotice, error: unknown): Promise<PaymentOutcome> {
  if (await findPayment(ctx, notice.provider, notice.transactionId)) return 'duplicate';
  const code = error instanceof AppError ? error.code : null;
  if (code === 'order_not_payable') return setAside(ctx, notice, 'surplus', 'the order is paid already');
  if (code === 'membership_changed') {
    return setAside(ctx, notice, 'refund_pending', 'the membership changed since the order was placed');
  }
  throw error;
}

async function setAside(
  ctx: Ctx,
  notice: PaymentNotice,
  state: 'mismatched' | 'surplus' | 'refund_pending',
  reason: string,
): Promise<PaymentOutcome> {
  await commit(ctx, [insertPayment(ctx, paymentRow(ctx, notice, notice.amount ?? 0, state, reason))], {
    action: `payment.${state}`,
    target: notice.orderId,
    detail: { provider: notice.provider, transactionId: notice.transactionId, reason },
  });
  return state;
}

function paymentRow(
  ctx: Ctx,
  notice: PaymentNotice,
  amount: number,
  state: 'applied' | 'mismatched' | 'surplus' | 'refund_pending',
  reason: string | null,
) {
  return {
    id: ctx.ids.next('pay', ctx.now),
    provider: notice.provider,
    transactionId: notice.transactionId,
    orderId: notice.orderId,
    amount,
    currency: notice.currency,
    state,
    reason,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

function isCalendarPeriod(period: string | null): period is keyof typeof PERIOD_MONTHS {
  return period !== null && Object.hasOwn(PERIOD_MONTHS, period);
}
