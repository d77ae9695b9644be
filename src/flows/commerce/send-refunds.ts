import { commitApart, guard } from '#db/commit';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import { findPayment, notePaymentRefund, type PaymentRow } from '#modules/commerce/payment-store';
import { claimRefund, findDueRefunds, markRefundDone, type RefundRow } from '#modules/commerce/refund-store';

const BATCH = 50;
/** Minutes until the next try; the last one again and again: money that is owed is never given up. */
const BACKOFF = [5, 10, 30, 120, 360];

/** Sends money back that is due. What fails is due again later; cron asks every five minutes. */
export async function sendDueRefunds(ctx: Ctx): Promise<number> {
  let sent = 0;
  for (const refund of await findDueRefunds(ctx, ctx.now, BATCH)) {
    try {
      sent += (await send(ctx, refund)) ? 1 : 0;
    } catch (error) {
      ctx.log.error('refund.failed', error, { refundId: refund.id, attempts: refund.attempts + 1 });
    }
  }
  return sent;
}

/** The rest of a payment, where a part of it went back by other hands, is all that can be sent of it. */
function restOf({ amount }: RefundRow, payment: PaymentRow | null): number {
  return payment ? Math.min(amount, payment.amount - payment.refundedAmount) : amount;
}

/** The claim is taken first, so that two senders at once send once; the provider knows the refund by its id. */
async function send(ctx: Ctx, refund: RefundRow): Promise<boolean> {
  const wait = BACKOFF[Math.min(refund.attempts, BACKOFF.length - 1)] ?? 360;
  try {
    await commitApart(ctx, [
      claimRefund(ctx, refund, ctx.now + wait * MINUTE),
      guard(ctx, 'refund_duplicate'),
    ]);
  } catch {
    return false;
  }
  const provider = ctx.payments.find(refund.provider);
  if (!provider) throw new Error(`the provider ${refund.provider} is off`);
  const payment = await findPayment(ctx, refund.provider, refund.transactionId);
  const amount = restOf(refund, payment);
  const outcome =
    amount === 0
      ? 'done'
      : await provider.refund({
          refundId: refund.id,
          transactionId: refund.transactionId,
          orderId: refund.orderId,
          amount,
          paid: payment?.amount ?? refund.amount,
          currency: refund.currency,
          reason: refund.reason,
          publicUrl: ctx.publicUrl,
          site: ctx.site.key,
        });
  // Not certain yet: it is asked again with the same id.
  if (outcome === 'pending') return false;
  try {
    await commitApart(ctx, [
      markRefundDone(ctx, refund, amount, ctx.now),
      guard(ctx, 'refund_duplicate'),
      ...(payment ? [notePaymentRefund(ctx, payment.id, amount, ctx.now)] : []),
    ]);
  } catch (error) {
    // Its notification was here first, and has noted all of this.
    if (!hasCode(error, 'refund_duplicate')) throw error;
  }
  return true;
}
