import { abortIf, commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { hasCode, retryOn } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { findOrder } from '#modules/commerce/order-store';
import {
  findAppliedPayment,
  findPayment,
  hasPayment,
  isApplied,
  notePaymentRefund,
  type PaymentRow,
} from '#modules/commerce/payment-store';
import {
  coveredAmount,
  findEarlyRefunds,
  findRefundsOf,
  findWaitingRefunds,
  insertRefund,
  isSumOther,
  lowerRefund,
  markPendingDone,
  type RefundRow,
  takeEarlyRefund,
} from '#modules/commerce/refund-store';
import { pushHolder } from '../quota/push-owner.ts';
import { bookRefund, refundableOf } from './book-refund.ts';

/** What an early refund is kept under whose payment has no name yet: it goes by its order. */
const UNKNOWN = '';

/** How many refunds of one payment may be told at once before one of them has to be told again. */
const MOST_AT_ONCE = 10;

type RefundOutcome = 'refunded' | 'duplicate' | 'early' | 'mismatched';

/**
 * A refund that was made at the provider: booked like one of ours, as far as it is new. One that comes before its
 * payment is kept, and applied after it.
 */
export function applyRefundNotice(ctx: Ctx, notice: PaymentNotice): Promise<RefundOutcome> {
  return retryOn('payment_duplicate', () => applyOnce(ctx, notice), MOST_AT_ONCE);
}

async function applyOnce(ctx: Ctx, notice: PaymentNotice): Promise<RefundOutcome> {
  const { provider, transactionId, orderId, currency, amount } = notice;
  if (notice.mismatch) return mismatched(ctx, notice, notice.mismatch);
  const named = await findPayment(ctx, provider, transactionId);
  const payment = named ?? (isLoose(notice) ? await appliedAt(ctx, provider, orderId) : null);
  const fits = !payment || (payment.currency === currency && payment.orderId === orderId);
  if (amount === null || !fits) return mismatched(ctx, notice, 'amount, currency or order differ');
  const transaction = payment?.transactionId ?? (isLoose(notice) ? UNKNOWN : transactionId);
  const refundId = notice.refundId ?? (payment && !named ? transactionId : null);
  // Where the provider tells a sum, what is new of it counts; else each refund by its own id.
  const told = refundId === null ? await findRefundsOf(ctx, { provider, transactionId: transaction }) : [];
  const known = sumOf(told.filter((one) => one.orderId === orderId));
  const fresh = amount - known;
  const byHand = refundId === null && payment ? takenFromPending(ctx, payment, told, amount) : null;
  if (byHand) {
    const since = abortIf(ctx, isSumOther(provider, transaction, orderId, known), 'payment_duplicate');
    await commit(ctx, [since, ...byHand], refunded(payment ?? notice, amount));
    return 'refunded';
  }
  if (fresh <= 0) {
    // One of ours has gone, or was made by hand before it was sent: it must not be sent again.
    await commit(ctx, payment ? sending(ctx, payment, amount) : []);
    return 'duplicate';
  }
  const reference = notice.refundId ?? `${transactionId}:${amount}`;
  // Two sums told at once: the second one counts from the first.
  const since =
    refundId === null
      ? [abortIf(ctx, isSumOther(provider, transaction, orderId, known), 'payment_duplicate')]
      : [];
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
    if (payment) {
      const covered = refundId === null ? sending(ctx, payment, amount) : [];
      await book(ctx, payment, fresh, reference, [...since, insertRefund(ctx, row), ...covered]);
      return 'refunded';
    }
    await commit(
      ctx,
      [
        // Its payment may have come in between: then it is not early any more.
        abortIf(ctx, hasPayment(provider, transactionId), 'payment_duplicate'),
        ...since,
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

/** A refund that is none of ours changes nothing; somebody should know that it was told here. */
async function mismatched(ctx: Ctx, notice: PaymentNotice, reason: string): Promise<'mismatched'> {
  const { provider, transactionId, orderId, amount } = notice;
  await commit(ctx, [], {
    action: 'payment.refund_mismatched',
    target: orderId,
    detail: { provider, transactionId, amount, reason },
  });
  return 'mismatched';
}

function refunded(
  { provider, transactionId, orderId }: Pick<PaymentRow, 'provider' | 'transactionId' | 'orderId'>,
  amount: number,
) {
  return { action: 'payment.refunded', target: orderId, detail: { provider, transactionId, amount } };
}

/**
 * All the rest of a payment is on its way back, and a part of it went by other hands: as much less is to be sent. Null
 * where the provider's sum says nothing of the kind.
 */
function takenFromPending(ctx: Ctx, payment: PaymentRow, rows: RefundRow[], sum: number): Statement[] | null {
  const [pending, ...more] = rows.filter(({ state }) => state === 'pending');
  if (!pending || more.length > 0) return null;
  const gone = sumOf(rows.filter(({ state }) => state === 'done'));
  const taken = sum - gone;
  const isAll = gone + pending.amount >= payment.amount;
  if (!isAll || taken <= 0 || sum >= payment.amount) return null;
  return [
    lowerRefund(ctx, pending, payment.amount - sum),
    guard(ctx, 'payment_duplicate'),
    insertRefund(ctx, {
      ...pending,
      id: ctx.ids.next('rf', ctx.now),
      reference: `${payment.transactionId}:${sum}`,
      amount: taken,
      state: 'done',
      reason: 'refunded at the provider',
      attempts: 0,
      dueAt: null,
      createdAt: ctx.now,
      doneAt: ctx.now,
    }),
    notePaymentRefund(ctx, payment.id, taken, ctx.now),
  ];
}

function sumOf(rows: RefundRow[]): number {
  return rows.reduce((total, { amount }) => total + amount, 0);
}

/** A provider's sum tells what became of refunds that were on their way. */
function sending(ctx: Ctx, payment: PaymentRow, sum: number): Statement[] {
  return [
    notePaymentRefund(ctx, payment.id, coveredAmount(payment, sum), ctx.now),
    markPendingDone(ctx, payment, sum, ctx.now),
  ];
}

/**
 * A provider that says nothing about whose id it is (the sandbox): a transaction that is not known may be the refund's
 * own, of the order's one payment.
 */
function isLoose({ refundId }: PaymentNotice): boolean {
  return refundId === undefined;
}

async function appliedAt(ctx: Ctx, provider: string, orderId: string): Promise<PaymentRow | null> {
  const payment = await findAppliedPayment(ctx, orderId);
  return payment?.provider === provider ? payment : null;
}

/** Applies the refunds that came before this payment. */
export async function applyEarlyRefunds(ctx: Ctx, provider: string, transactionId: string): Promise<void> {
  const payment = await findPayment(ctx, provider, transactionId);
  if (!payment) return;
  const early = await findEarlyRefunds(ctx, payment);
  for (const { id, amount, reference } of early) {
    const taken = [takeEarlyRefund(ctx, id, transactionId, ctx.now), guard(ctx, 'refund_duplicate')];
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
  const again = (attempt: () => Promise<void>) => retryOn('order_changed', attempt, MOST_AT_ONCE);
  await retryOn('membership_changed', () =>
    again(async () => {
      const order = isApplied(payment) ? await findOrder(ctx, payment.orderId) : null;
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
              despiteGift: true,
            })
          : [];
      await commit(
        ctx,
        [...record, notePaymentRefund(ctx, payment.id, amount, ctx.now), ...refund],
        refunded(payment, amount),
      );
      if (order && refund.length > 0) await pushHolder(ctx, order);
    }),
  );
}
