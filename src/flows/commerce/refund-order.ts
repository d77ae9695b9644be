import { z } from 'zod';
import { commit } from '#db/commit';
import type { Statement } from '#db/statement';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, retryOn } from '#kernel/errors';
import { formatDecimal, isDecimal, parseDecimal } from '#kernel/money';
import { findOrder, type OrderRow } from '#modules/commerce/order-store';
import { findAppliedPayment, notePaymentRefund } from '#modules/commerce/payment-store';
import { insertRefund } from '#modules/commerce/refund-store';
import { findBalance, post } from '#modules/commerce/wallet-store';
import { pushHolder } from '../quota/push-owner.ts';
import { type Booking, bookRefund, refundableOf } from './book-refund.ts';
import { sendDueRefunds } from './send-refunds.ts';

export const RefundInput = z.object({
  amount: z
    .string()
    .refine((text) => isDecimal(text) && parseDecimal(text) > 0, 'must be an amount such as "49.00"')
    .optional(),
  reason: z.string().trim().min(1).max(200),
  force: z.boolean().default(false),
});

/** Sends an order's money back, the whole rest where no amount is given. */
export async function refundOrder(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof RefundInput>,
): Promise<OrderRow> {
  requireAdmin(ctx.actor);
  await retryOn('membership_changed', () => retryOn('order_changed', () => refund(ctx, id, input)));
  ctx.defer(sendDueRefunds(ctx));
  const order = await findOrder(ctx, id);
  if (!order) throw new AppError('not_found');
  await pushHolder(ctx, order);
  return order;
}

async function refund(ctx: Ctx, id: string, input: z.infer<typeof RefundInput>): Promise<void> {
  const order = await findOrder(ctx, id);
  if (!order) throw new AppError('not_found');
  const rest = refundableOf(order);
  // A tier that nobody paid for is set by hand.
  if (order.kind === 'promotion' || order.kind === 'manual') throw new AppError('order_not_refundable');
  // What was credited to an upgrade that was refunded since can go back in its turn.
  const open = order.status === 'paid' || (order.status === 'refunded' && rest > 0);
  if (!open) throw new AppError('order_not_refundable');
  if (rest === 0 && order.paidAmount + order.creditedAmount > 0) throw new AppError('order_not_refundable');
  // What was topped up can go back as far as it is still there.
  const most =
    order.program === 'wallet' ? Math.min(rest, await findBalance(ctx, order.owner, order.currency)) : rest;
  const amount = input.amount === undefined ? most : parseDecimal(input.amount);
  if (amount > most || (most === 0 && rest > 0)) throw exceeds(most);
  const reference = ctx.ids.next('rf', ctx.now);
  const booking = {
    amount,
    full: amount === rest,
    excess: 0,
    reason: input.reason,
    reference,
    forced: false,
    despiteGift: input.force,
  };
  await commit(ctx, [...(await bookRefund(ctx, order, booking)), ...(await sendBack(ctx, order, booking))], {
    action: 'order.refunded',
    target: order.id,
    detail: { amount: formatDecimal(amount), reason: input.reason, full: booking.full },
  });
}

function exceeds(most: number): AppError {
  const message = `is more than ${formatDecimal(most)}, which can be refunded`;
  return new AppError('refund_exceeds', {
    faults: [{ path: 'amount', message }],
    data: { refundable: formatDecimal(most) },
  });
}

/** Queues the money for its provider, or books it into the wallet that it came from. */
async function sendBack(
  ctx: Ctx,
  order: OrderRow,
  { amount, reason, reference }: Booking,
): Promise<Statement[]> {
  if (amount === 0) return [];
  const payment = await findAppliedPayment(ctx, order.id);
  if (!payment) throw new Error(`order ${order.id} is paid without a payment`);
  const wallet = order.provider === 'wallet';
  const { owner, currency: asset } = order;
  return [
    ...(wallet
      ? [
          ...post(ctx, { owner, asset, amount, reason: 'refund', reference }, 'force'),
          notePaymentRefund(ctx, payment.id, amount, ctx.now),
        ]
      : []),
    insertRefund(ctx, {
      id: reference,
      provider: payment.provider,
      transactionId: payment.transactionId,
      orderId: order.id,
      reference,
      amount,
      currency: order.currency,
      state: wallet ? 'done' : 'pending',
      reason,
      dueAt: wallet ? null : ctx.now,
      doneAt: wallet ? ctx.now : null,
      createdAt: ctx.now,
    }),
  ];
}
