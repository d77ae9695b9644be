import { commit } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import {
  closeOrder,
  endAttempts,
  findOrder,
  findPayment,
  insertPayment,
  type OrderRow,
} from '#modules/commerce/order-store';
import { pushOwner } from '../quota/push-owner.ts';
import { settlement } from './settlement.ts';

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
  return apply(ctx, order, notice);
}

async function apply(ctx: Ctx, order: OrderRow, notice: PaymentNotice): Promise<PaymentOutcome> {
  try {
    await commit(ctx, [
      insertPayment(ctx, paymentRow(ctx, notice, 'applied', null)),
      endAttempts(ctx, order.id, notice.provider, 'paid', ctx.now),
      ...(await settlement(ctx, order, notice.provider)),
    ]);
  } catch (error) {
    // The batch failed as a whole: another notification won, or what the order was made for is no longer so.
    switch (error instanceof AppError ? error.code : null) {
      case 'payment_duplicate':
        return 'duplicate';
      case 'order_not_payable':
        return setAside(ctx, notice, 'surplus', 'the order is paid or closed already');
      case 'membership_changed':
        // An order that can never be settled must not take money again.
        return setAside(ctx, notice, 'refund_pending', 'the membership changed since the order was placed', [
          closeOrder(ctx, order.id, 'changed', ctx.now),
        ]);
      default:
        throw error;
    }
  }
  await pushOwner(ctx, order.owner);
  return 'applied';
}

async function setAside(
  ctx: Ctx,
  notice: PaymentNotice,
  state: 'mismatched' | 'surplus' | 'refund_pending',
  reason: string,
  also: Statement[] = [],
): Promise<PaymentOutcome> {
  const { provider, transactionId } = notice;
  try {
    await commit(ctx, [insertPayment(ctx, paymentRow(ctx, notice, state, reason)), ...also], {
      action: `payment.${state}`,
      target: notice.orderId,
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
    amount: amount ?? 0,
    currency,
    state,
    reason,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}
