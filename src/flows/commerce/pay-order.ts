import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode, invalid } from '#kernel/errors';
import type { PaymentProvider } from '#kernel/ports';
import { findOrder, type OrderRow, setAskAt } from '#modules/commerce/order-store';
import { endAttempt, findStartedAttempts, insertAttempt } from '#modules/commerce/payment-store';
import { pushOwner } from '../quota/push-owner.ts';
import { getOrderToDealWith, orderAudit } from './orders.ts';
import { settlement } from './settlement.ts';
import { walletPayment } from './wallet-payment.ts';

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

/** When a provider that has said nothing is asked. */
const ASK_AFTER = 5 * MINUTE;

/** What an order can be paid with: the wallet, unless it fills one, and whichever providers are on. */
export function providersFor(ctx: Ctx, { program }: Pick<OrderRow, 'program'>): string[] {
  return program === 'wallet' ? ctx.payments.names() : ['wallet', ...ctx.payments.names()];
}

/** Pays an own order from the wallet, or begins an attempt at a provider and gives what the client needs to pay. */
export async function payOrder(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof PayOrderInput>,
): Promise<PaymentStart> {
  const order = await getOrderToDealWith(ctx, id);
  const names = providersFor(ctx, order);
  if (!names.includes(input.provider)) {
    throw new AppError(
      'provider_unavailable',
      invalid('provider', `must be one of: ${names.join(', ')}`).detail,
    );
  }
  if (order.status !== 'pending' || order.expiresAt <= ctx.now) throw new AppError('order_not_payable');
  const provider = ctx.payments.find(input.provider);
  return provider ? startAt(ctx, provider, order, input) : payFromWallet(ctx, order);
}

/** The debit and what it buys are one batch: the same order is never paid twice. */
async function payFromWallet(ctx: Ctx, order: OrderRow): Promise<PaymentStart> {
  try {
    await commit(
      ctx,
      [...walletPayment(ctx, order, order.id), ...(await settlement(ctx, order, 'wallet'))],
      orderAudit(order, 'order_paid'),
    );
  } catch (error) {
    const lost = hasCode(error, 'payment_duplicate') || hasCode(error, 'wallet_duplicate');
    throw lost ? new AppError('order_not_payable') : error;
  }
  await pushOwner(ctx, order.owner);
  const paid = await findOrder(ctx, order.id);
  return { order: paid ?? order, provider: 'wallet', parameters: {} };
}

async function startAt(
  ctx: Ctx,
  provider: PaymentProvider,
  order: OrderRow,
  input: z.infer<typeof PayOrderInput>,
): Promise<PaymentStart> {
  await cancelOthers(ctx, order.id);
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
      setAskAt(ctx, order.id, Math.min(ctx.now + ASK_AFTER, order.expiresAt), false),
    ],
    orderAudit(order, 'payment_started'),
  );
  return { order, provider: provider.name, parameters };
}

/**
 * A new attempt ends the ones before it, where their providers can be reached; where not, a second payment is a surplus
 * and goes back.
 */
async function cancelOthers(ctx: Ctx, orderId: string): Promise<void> {
  for (const { id, provider, parameters } of await findStartedAttempts(ctx, orderId)) {
    try {
      await ctx.payments.find(provider)?.cancel({ id, orderId, site: ctx.site.key, parameters });
      await commit(ctx, [endAttempt(ctx, id, 'cancelled', ctx.now)]);
    } catch (error) {
      ctx.log.error('payment.cancel', error, { orderId, provider });
    }
  }
}
