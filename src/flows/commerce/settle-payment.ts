import { commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { findOrder, isOutdated, type OrderRow } from '#modules/commerce/order-store';
import { failAttempts, findPayment, insertPayment, markAttemptsPaid } from '#modules/commerce/payment-store';
import { insertRefund } from '#modules/commerce/refund-store';
import { lockVoucher } from '#modules/commerce/voucher-store';
import { holdTokens } from '../alliance/hold-tokens.ts';
import { pushHolder } from '../quota/push-owner.ts';
import { closing } from './closing.ts';
import { applyDispute } from './disputes.ts';
import { applyEarlyRefunds, applyRefundNotice } from './external-refund.ts';
import { asOfToday } from './reopen.ts';
import { sendDueRefunds } from './send-refunds.ts';
import { settlement, settling } from './settlement.ts';

/** What became of a notification. All but `applied` grant nothing; all are acknowledged to the provider. */
export type PaymentOutcome =
  | 'applied'
  | 'duplicate'
  | 'failed'
  | 'mismatched'
  | 'surplus'
  | 'refund_pending'
  | 'refunded'
  | 'early'
  | 'disputed'
  | 'undisputed'
  | 'unknown';

/**
 * Applies a provider's verified notification or answer: the one way in which a purchase takes effect. The same
 * transaction twice does nothing; money that fits no order is kept aside, money that comes too late or twice goes back.
 */
export async function applyNotice(ctx: Ctx, notice: PaymentNotice): Promise<PaymentOutcome> {
  switch (notice.state) {
    case 'failed':
      // The order stays payable.
      await commit(ctx, [failAttempts(ctx, notice.orderId, notice, ctx.now)]);
      return 'failed';
    case 'refunded':
      return applyRefundNotice(ctx, notice);
    case 'disputed':
    case 'undisputed':
      return applyDispute(ctx, notice, notice.state);
  }
  const outcome = await applyPayment(ctx, notice);
  // Also where the payment is known: a run that ended half way left them.
  await applyEarlyRefunds(ctx, notice.provider, notice.transactionId);
  if (notice.refunded) {
    await applyRefundNotice(ctx, { ...notice, state: 'refunded', amount: notice.refunded, refundId: null });
  }
  if (outcome === 'surplus' || outcome === 'refund_pending') ctx.defer(sendDueRefunds(ctx));
  return outcome;
}

async function applyPayment(ctx: Ctx, notice: PaymentNotice, again = true): Promise<PaymentOutcome> {
  if (await findPayment(ctx, notice.provider, notice.transactionId)) return 'duplicate';
  if (notice.mismatch) return setAside(ctx, notice, 'mismatched', notice.mismatch);
  if (notice.amount === null || notice.amount < 0) {
    return setAside(ctx, notice, 'mismatched', `the amount ${notice.amount ?? ''} cannot be read`);
  }
  const order = await findOrder(ctx, notice.orderId);
  if (!order || notice.amount !== order.finalAmount || notice.currency !== order.currency) {
    return setAside(ctx, notice, 'mismatched', order ? 'amount or currency differ' : 'no such order');
  }
  switch (order.status) {
    case 'paid':
    case 'refunded':
      return setAside(ctx, notice, 'surplus', 'the order is paid already');
    case 'closed':
      return reopen(ctx, order, notice);
    case 'pending': {
      const outcome = await apply(ctx, order, notice, 'pending');
      if (outcome !== 'moved') return outcome;
      // It was paid or closed in between, which decides what this money is.
      return again
        ? applyPayment(ctx, notice, false)
        : setAside(ctx, notice, 'refund_pending', 'the order kept changing');
    }
  }
}

async function apply(
  ctx: Ctx,
  order: OrderRow,
  notice: PaymentNotice,
  from: 'pending' | 'closed',
  before: Statement[] = [],
): Promise<PaymentOutcome | 'moved'> {
  try {
    await settling(order, async () =>
      commit(ctx, [
        insertPayment(ctx, paymentRow(ctx, notice, 'applied', null)),
        markAttemptsPaid(ctx, order.id, notice, ctx.now),
        ...before,
        ...(await settlement(ctx, order, notice.provider, from)),
      ]),
    );
  } catch (error) {
    // The batch failed as a whole: another notification won, or what the order was made for is no longer so.
    switch (error instanceof AppError ? error.code : null) {
      case 'payment_duplicate':
        return 'duplicate';
      case 'order_not_payable':
        return 'moved';
      case 'voucher_taken':
        return setAside(ctx, notice, 'refund_pending', 'the voucher was used elsewhere');
      case 'wallet_short':
        return setAside(ctx, notice, 'refund_pending', 'the EOC that it held were spent elsewhere');
      case 'vip_for_ever_already':
      case 'plan_not_available':
      case 'membership_changed':
        // An order that can never be settled must not take money again.
        return setAside(
          ctx,
          notice,
          'refund_pending',
          'the membership changed since the order was placed',
          closing(ctx, order, 'changed'),
        );
      default:
        throw error;
    }
  }
  await pushHolder(ctx, order);
  return 'applied';
}

/**
 * Paid after closing: good all the same where nothing newer was ordered, its voucher can be had again, and the order
 * would come out as it did; else the money goes back. A top-up is as good late.
 */
async function reopen(ctx: Ctx, order: OrderRow, notice: PaymentNotice): Promise<PaymentOutcome> {
  const late = (why: string) => setAside(ctx, notice, 'refund_pending', `paid after closing; ${why}`);
  const membership = order.program !== 'wallet';
  if (membership && order.closedReason === 'changed') return late('what it was for has changed');
  if (membership && (await isOutdated(ctx, order))) return late('something newer was ordered');
  const today = await asOfToday(ctx, order);
  if (!today) return late('it would be another order today');
  const lock = [
    ...(order.voucherId
      ? [
          lockVoucher(ctx, {
            id: order.voucherId,
            userId: order.userId,
            orderId: order.id,
            now: ctx.now,
          }),
          guard(ctx, 'voucher_taken'),
        ]
      : []),
    ...holdTokens(ctx, order, `${order.id}:late`),
  ];
  const outcome = await apply(ctx, today, notice, 'closed', lock);
  return outcome === 'moved' ? late('it was paid meanwhile') : outcome;
}

/** Records money that grants nothing; what must go back is queued with it. */
async function setAside(
  ctx: Ctx,
  notice: PaymentNotice,
  state: 'mismatched' | 'surplus' | 'refund_pending',
  reason: string,
  also: Statement[] = [],
): Promise<PaymentOutcome> {
  const { provider, transactionId, orderId, currency } = notice;
  const payment = paymentRow(ctx, notice, state, reason);
  const refundId = ctx.ids.next('rf', ctx.now);
  const refund =
    state === 'mismatched'
      ? []
      : [
          insertRefund(ctx, {
            id: refundId,
            provider,
            transactionId,
            orderId,
            reference: refundId,
            amount: payment.amount,
            currency,
            state: 'pending' as const,
            reason,
            dueAt: ctx.now,
            createdAt: ctx.now,
          }),
        ];
  try {
    await commit(ctx, [insertPayment(ctx, payment), ...refund, ...also], {
      action: `payment.${state}`,
      target: orderId,
      detail: { provider, transactionId, reason },
    });
  } catch (error) {
    if (hasCode(error, 'payment_duplicate')) return 'duplicate';
    throw error;
  }
  return state;
}

function paymentRow(
  ctx: Ctx,
  notice: PaymentNotice,
  state: 'applied' | 'mismatched' | 'surplus' | 'refund_pending',
  reason: string | null,
) {
  const { provider, transactionId, orderId, amount, currency } = notice;
  return {
    id: ctx.ids.next('pay', ctx.now),
    provider,
    transactionId,
    orderId,
    // What cannot be an amount is in the reason.
    amount: Math.max(0, amount ?? 0),
    currency,
    state,
    reason,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}
