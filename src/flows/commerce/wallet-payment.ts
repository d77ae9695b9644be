import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { OrderRow } from '#modules/commerce/order-store';
import { insertPayment } from '#modules/commerce/payment-store';
import { post } from '#modules/commerce/wallet-store';

/** The debit of an order's owner, and the payment that it is; `wallet_short` where it does not cover the order. */
export function walletPayment(
  ctx: Ctx,
  order: Pick<OrderRow, 'id' | 'owner' | 'currency' | 'finalAmount'>,
  transactionId: string,
): Statement[] {
  const { id, owner, currency, finalAmount } = order;
  return [
    ...post(ctx, { owner, asset: currency, amount: -finalAmount, reason: 'order', reference: id }, 'spend'),
    insertPayment(ctx, {
      id: ctx.ids.next('pay', ctx.now),
      provider: 'wallet',
      transactionId,
      orderId: id,
      amount: finalAmount,
      currency,
      state: 'applied',
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }),
  ];
}
