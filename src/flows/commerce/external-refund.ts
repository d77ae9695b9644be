import { abortIf, commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { hasCode, retryOn } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { findOrder } from '#modules/commerce/order-store';
import { findPayment, hasPayment, notePaymentRefund, type PaymentRow } from '#modules/commerce/payment-store';
import {
  findEarlyRefunds,
  findWaitingRefunds,
  insertRefund,
  markPendingDone,
  sumRefunds,
  takeEarlyRefund,
} from '#modules/commerce/refund-store';
import { pushOwner } from '../quota/push-owner.ts';
import { bookRefund, refundableOf } from './book-refund.ts';

type RefundOutcome = 'refunded' | 'duplicate' | 'early' | 'mismatched';

/**
 * A refund that was made at the provider: booked like one of ours, as far as it is new. One that comes before its
 * payment is kept, and applied after it.
 */
export function applyRefundNotice(ctx: Ctx, notice: PaymentNotice): Promise<RefundOutcome> {
  return retryOn('payment_duplicate', () => applyOnce(ctx, notice));
}

async function applyOnce(ctx: Ctx, notice: PaymentNotice): Promise<RefundOutcome> {
  const { provider, transactionId, orderId, currency, amount } = notice;
  const payment = await findPayment(ctx, provider, transactionId);
  if (amount === null || (payment && payment.currency !== currency)) return 'mismatched';
  // Where the provider tells a sum, what is new of it counts; else each refund by its own id.
  const known = notice.refundId ? 0 : await sumRefunds(ctx, provider, transactionId);
  const fresh = amount - known;
  if (fresh <= 0) {
    // One of ours that is still on its way was made by hand: it must not be sent again.
    await commit(ctx, [markPendingDone(ctx, provider, transactionId, amount, ctx.now)]);
    return 'duplicate';
  }
  const reference = notice.refundId ?? `${transactionId}:${amount}`;
  const row = {
    id: ctx.ids.next('rf', ctx.now),
    provider,
    transactionId,
    orderId,
    reference,
    amount: fresh,
    currency,
    state: payment ? ('done' as const) : ('early' as const),
    reason: 'refunded at the provider',
    createdAt: ctx.now,
    doneAt: payment ? ctx.now : null,
  };
  try {
    if (payment) {
      await book(ctx, payment, fresh, reference, [insertRefund(ctx, row)]);
      return 'refunded';
    }
    await commit(
      ctx,
      [
        // Its payment may have come in between: then it is not early any more.
        abortIf(ctx, hasPayment(provider, transactionId), 'payment_duplicate'),
        insertRefund(ctx, row),
      ],
      { action: 'payment.refund_early', target: orderId },
    );
    return 'early';
  } catch (error) {
    if (hasCode(error, 'refund_duplicate')) return 'duplicate';
    throw error;
  }
}

/** Applies the refunds that came before this payment. */
export async function applyEarlyRefunds(ctx: Ctx, provider: string, transactionId: string): Promise<void> {
  const early = await findEarlyRefunds(ctx, provider, transactionId);
  const payment = early.length > 0 ? await findPayment(ctx, provider, transactionId) : null;
  if (!payment) return;
  for (const { id, amount, reference } of early) {
    const taken = [takeEarlyRefund(ctx, id, ctx.now), guard(ctx, 'refund_duplicate')];
    await book(ctx, payment, amount, reference, taken).catch((error: unknown) => {
      if (!hasCode(error, 'refund_duplicate')) throw error;
    });
  }
}

/** {@link applyEarlyRefunds} for whatever a run that ended half way has left. */
export async function applyWaitingRefunds(ctx: Ctx): Promise<void> {
  for (const { provider, transactionId } of await findWaitingRefunds(ctx)) {
    await applyEarlyRefunds(ctx, provider, transactionId);
  }
}

/**
 * Of money that was kept aside only the payment changes; of an order's, the order and what it granted. What goes back
 * beyond what could be refunded (its value is in an upgrade) is owed.
 */
async function book(
  ctx: Ctx,
  payment: PaymentRow,
  amount: number,
  reference: string,
  record: Statement[],
): Promise<void> {
  await retryOn('membership_changed', () =>
    retryOn('order_changed', async () => {
      const order = payment.state === 'applied' ? await findOrder(ctx, payment.orderId) : null;
      const back = order?.status === 'paid' ? Math.min(amount, order.paidAmount - order.refundedAmount) : 0;
      const refund =
        order && back > 0
          ? await bookRefund(ctx, order, {
              amount: back,
              full: order.refundedAmount + back === order.paidAmount && order.creditedAmount === 0,
              excess: Math.max(0, back - refundableOf(order)),
              reason: 'refunded at the provider',
              reference,
              forced: true,
            })
          : [];
      await commit(ctx, [...record, notePaymentRefund(ctx, payment.id, amount, ctx.now), ...refund], {
        action: 'payment.refunded',
        target: payment.orderId,
        detail: { provider: payment.provider, transactionId: payment.transactionId, amount },
      });
      if (order?.program === 'token' && refund.length > 0) await pushOwner(ctx, order.owner);
    }),
  );
}
