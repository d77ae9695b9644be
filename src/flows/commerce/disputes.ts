import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { findPayment, isApplied, markDisputed } from '#modules/commerce/payment-store';

/**
 * A payer told their bank that they did not want this payment: it is listed for a person, and what it granted stays until
 * the money goes back. Decided for the merchant, it is a payment like any other again. What cannot be listed (money that
 * granted nothing, or that is not known here) is in the audit log.
 */
export async function applyDispute(
  ctx: Ctx,
  { provider, transactionId, amount, disputeId = '' }: PaymentNotice,
  to: 'disputed' | 'undisputed',
): Promise<'disputed' | 'undisputed' | 'duplicate' | 'unknown'> {
  const payment = await findPayment(ctx, provider, transactionId);
  const audit = {
    action: `payment.${to}`,
    target: payment?.orderId ?? transactionId,
    detail: { provider, transactionId, amount, disputeId },
  };
  if (!payment || !isApplied(payment)) {
    await commit(ctx, [], audit);
    return 'unknown';
  }
  try {
    const marked = markDisputed(ctx, payment.id, { disputed: to === 'disputed', disputeId }, ctx.now);
    await commit(ctx, [marked, guard(ctx, 'payment_duplicate')], audit);
    return to;
  } catch (error) {
    if (hasCode(error, 'payment_duplicate')) return 'duplicate';
    throw error;
  }
}
