import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { findPayment, markDisputed } from '#modules/commerce/payment-store';

/**
 * A payer told their bank that they did not want this payment: it is listed for a person, and what it granted stays until
 * the money goes back. Decided for the merchant, it is a payment like any other again.
 */
export async function applyDispute(
  ctx: Ctx,
  { provider, transactionId, amount }: PaymentNotice,
  to: 'disputed' | 'undisputed',
): Promise<'disputed' | 'undisputed' | 'duplicate' | 'unknown'> {
  const payment = await findPayment(ctx, provider, transactionId);
  // The account may sell other things too.
  if (!payment) return 'unknown';
  try {
    await commit(
      ctx,
      [markDisputed(ctx, payment.id, to === 'disputed', ctx.now), guard(ctx, 'payment_duplicate')],
      { action: `payment.${to}`, target: payment.orderId, detail: { provider, transactionId, amount } },
    );
    return to;
  } catch (error) {
    if (hasCode(error, 'payment_duplicate')) return 'duplicate';
    throw error;
  }
}
