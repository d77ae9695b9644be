import { commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { hasCode, retryOn } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { findOrder } from '#modules/commerce/order-store';
import {
  findAppliedPayment,
  findPayment,
  notePaymentRefund,
  type PaymentRow,
} from '#modules/commerce/payment-store';
import { findEarlyRefunds, insertRefund, sumRefunds, takeEarlyRefund } from '#modules/commerce/refund-store';
import { pushOwner } from '../quota/push-owner.ts';
import { bookRefund, refundableOf } from './book-refund.ts';

/**
 * A refund that was made at the provider: booked like one of ours, as far as it is new. One that comes before its
 * payment is kept, and applied after it.
 */
export async function applyRefundNotice(
  ctx: Ctx,
  notice: PaymentNotice,
): Promise<'refunded' | 'duplicate' | 'early' | 'mismatched'> {
  const { provider, transactionId, orderId, currency, amount } = notice;
  if (amount === null) return 'mismatched';
  const named = await findPayment(ctx, provider, transactionId);
  const payment = named ?? (await appliedAt(ctx, provider, orderId));
  const transaction = payment?.transactionId ?? transactionId;
  // A transaction that is not the payment's is the refund's own. Where it is the payment's, the provider tells the
  // sum, and what is new of it counts.
  const refundId = notice.refundId ?? (payment && !named ? transactionId : null);
  const known = refundId === null ? await sumRefunds(ctx, provider, transaction) : 0;
  const fresh = amount - known;
  if (fresh <= 0) return 'duplicate';
  const reference = refundId ?? `${transaction}:${amount}`;
  const row = {
    id: ctx.ids.next('rf', ctx.now),
    provider,
    transactionId: transaction,
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
    if (payment) await book(ctx, payment, fresh, reference, [insertRefund(ctx, row)]);
    else await commit(ctx, [insertRefund(ctx, row)], { action: 'payment.refund_early', target: orderId });
  } catch (error) {
    if (hasCode(error, 'refund_duplicate')) return 'duplicate';
    throw error;
  }
  return payment ? 'refunded' : 'early';
}

/** Applies the refunds that came before this payment. */
export async function applyEarlyRefunds(ctx: Ctx, notice: PaymentNotice): Promise<void> {
  const { provider, transactionId, orderId } = notice;
  const early = await findEarlyRefunds(ctx, provider, transactionId, orderId);
  for (const { id, amount, reference } of early) {
    const payment = await findPayment(ctx, provider, transactionId);
    if (!payment) return;
    await book(ctx, payment, amount, reference, [
      takeEarlyRefund(ctx, id, transactionId, ctx.now),
      guard(ctx, 'refund_duplicate'),
    ]).catch((error: unknown) => {
      if (!hasCode(error, 'refund_duplicate')) throw error;
    });
  }
}

async function appliedAt(ctx: Ctx, provider: string, orderId: string): Promise<PaymentRow | null> {
  const payment = await findAppliedPayment(ctx, orderId);
  return payment?.provider === provider ? payment : null;
}

/** Of money that was kept aside only the payment changes; of an order's, the order and what it granted. */
async function book(
  ctx: Ctx,
  payment: PaymentRow,
  amount: number,
  reference: string,
  record: Statement[],
): Promise<void> {
  await retryOn('order_changed', async () => {
    const order = payment.state === 'applied' ? await findOrder(ctx, payment.orderId) : null;
    const back = order ? Math.min(amount, order.paidAmount - order.refundedAmount) : 0;
    const refund =
      order?.status === 'paid' && back > 0
        ? await bookRefund(ctx, order, {
            amount: back,
            full: back >= refundableOf(order),
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
    if (order && refund.length > 0) await pushOwner(ctx, order.owner);
  });
}
