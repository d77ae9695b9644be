import { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { insertAttempt, type OrderRow } from '#modules/commerce/order-store';
import { getOrderToDealWith, orderAudit } from './orders.ts';

export const PayOrderInput = z.object({
  provider: z.string().min(1).max(32),
  method: z.string().min(1).max(32).nullish(),
  return_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .nullish(),
});

export interface PaymentStart {
  order: OrderRow;
  provider: string;
  parameters: Record<string, unknown>;
}

/** Begins an attempt to pay an own order at a provider, and gives what the client needs to pay. */
export async function payOrder(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof PayOrderInput>,
): Promise<PaymentStart> {
  const order = await getOrderToDealWith(ctx, id);
  const provider = ctx.payments.find(input.provider);
  if (!provider) {
    throw new AppError(
      'provider_unavailable',
      invalid('provider', `must be one of: ${ctx.payments.names()}`).detail,
    );
  }
  if (order.status !== 'pending' || order.expiresAt <= ctx.now) throw new AppError('order_not_payable');
  const parameters = await provider.start({
    order: {
      id: order.id,
      title: order.snapshot.title,
      amount: order.finalAmount,
      currency: order.currency,
      expiresAt: order.expiresAt,
    },
    method: input.method ?? null,
    returnUrl: input.return_url ?? null,
    publicUrl: ctx.publicUrl,
    site: ctx.site.key,
    locale: ctx.locale,
  });
  await commit(
    ctx,
    [
      insertAttempt(ctx, {
        id: ctx.ids.next('att', ctx.now),
        orderId: order.id,
        provider: provider.name,
        method: input.method ?? null,
        parameters,
        createdAt: ctx.now,
        updatedAt: ctx.now,
      }),
      guard(ctx, 'order_not_payable'),
    ],
    orderAudit(order, 'payment_started'),
  );
  return { order, provider: provider.name, parameters };
}
