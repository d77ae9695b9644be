import { z } from 'zod';
import { abortIf, commit, commitApart, guard } from '#db/commit';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode, invalid, retryOn } from '#kernel/errors';
import type { PaymentProvider, PaymentRequest } from '#kernel/ports';
import { findHolding } from '#modules/commerce/holding-store';
import { findOrder, type OrderRow } from '#modules/commerce/order-store';
import {
  type AttemptRow,
  hasStartedAttempt,
  insertAttempt,
  keepParameters,
  updateAttempt,
} from '#modules/commerce/payment-store';
import { isReached } from '../alliance/settle-tier.ts';
import { pushHolder } from '../quota/push-owner.ts';
import { isGrantable } from '../storefront/settle-level.ts';
import { closing } from './closing.ts';
import { endAttempt, endAttempts, endBeforeClosing } from './end-attempts.ts';
import { getOrderToDealWith, orderAudit } from './orders.ts';
import { settlement, settling } from './settlement.ts';
import { walletPayment } from './wallet-payment.ts';

export const PayOrderInput = z.object({
  provider: z.string().min(1).max(32),
  method: z.string().min(1).max(32).nullish(),
  return_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .nullish(),
  /** Of the payer, for WeChat's `jsapi`. */
  openid: z
    .string()
    .regex(/^[\w-]{1,128}$/)
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
  await assertSettleable(ctx, order);
  const provider = ctx.payments.find(input.provider);
  if (!provider) return payFromWallet(ctx, order);
  // Where two begin at once the later one ends the earlier.
  return retryOn('order_changed', () => startAt(ctx, provider, order, input));
}

/** The debit and what it buys are one batch: the same order is never paid twice. */
async function payFromWallet(ctx: Ctx, order: OrderRow): Promise<PaymentStart> {
  if ((await endAttempts(ctx, order)) === 'settled') throw new AppError('order_not_payable');
  try {
    await settling(order, async () =>
      commit(
        ctx,
        [...walletPayment(ctx, order, order.id), ...(await settlement(ctx, order, 'wallet'))],
        orderAudit(order, 'order_paid'),
      ),
    );
  } catch (error) {
    const lost = hasCode(error, 'payment_duplicate') || hasCode(error, 'wallet_duplicate');
    throw lost ? new AppError('order_not_payable') : error;
  }
  await pushHolder(ctx, order);
  const paid = await findOrder(ctx, order.id);
  return { order: paid ?? order, provider: 'wallet', parameters: {} };
}

/**
 * The attempt is on record before its provider hears of it, so that nothing is going there that nobody knows of. A new
 * one ends the ones before it; a second payment all the same is a surplus and goes back.
 */
async function startAt(
  ctx: Ctx,
  provider: PaymentProvider,
  order: OrderRow,
  input: z.infer<typeof PayOrderInput>,
): Promise<PaymentStart> {
  if ((await endAttempts(ctx, order)) === 'settled') throw new AppError('order_not_payable');
  const attempt: AttemptRow = {
    id: ctx.ids.next('att', ctx.now),
    orderId: order.id,
    provider: provider.name,
    method: input.method ?? null,
    state: 'started',
    parameters: {},
    askAt: Math.min(ctx.now + ASK_AFTER, order.expiresAt),
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  // Apart: where the provider cannot be reached, the same request may be sent again.
  await commitApart(
    ctx,
    [
      abortIf(ctx, hasStartedAttempt(order.id), 'order_changed'),
      insertAttempt(ctx, attempt),
      guard(ctx, 'order_not_payable'),
    ],
    orderAudit(order, 'payment_started'),
  );
  const parameters = await begun(ctx, provider, order, attempt, input);
  await keep(ctx, order, { ...attempt, parameters });
  return { order, provider: provider.name, parameters };
}

async function begun(
  ctx: Ctx,
  provider: PaymentProvider,
  order: OrderRow,
  { id }: AttemptRow,
  input: z.infer<typeof PayOrderInput>,
): Promise<Record<string, unknown>> {
  try {
    return await provider.start(requestOf(ctx, order, id, input));
  } catch (error) {
    // Whatever is there of it, nobody was told where to pay.
    await commitApart(ctx, [updateAttempt(ctx, id, { state: 'failed', askAt: null, updatedAt: ctx.now })]);
    if (error instanceof AppError) throw error;
    ctx.log.error('payment.start', error, { orderId: order.id, provider: provider.name });
    throw new AppError('service_unavailable', { retryAfter: 10, cause: error });
  }
}

/**
 * Notes where to pay. While the provider was being told, another request may have ended this attempt, or its order: then
 * nobody learns where, and it is ended there.
 */
async function keep(ctx: Ctx, order: OrderRow, attempt: AttemptRow): Promise<void> {
  const { kept, dropped } = keepParameters(ctx, attempt.id, attempt.parameters, ctx.now);
  try {
    await commit(ctx, [kept, guard(ctx, 'order_not_payable')]);
  } catch (error) {
    if (!hasCode(error, 'order_not_payable')) throw error;
    await commitApart(ctx, [dropped]);
    await endAttempt(ctx, attempt, order).catch((fault: unknown) => {
      ctx.log.error('payment.cancel', fault, { orderId: order.id, provider: attempt.provider });
    });
    throw error;
  }
}

function requestOf(
  ctx: Ctx,
  order: OrderRow,
  attemptId: string,
  input: z.infer<typeof PayOrderInput>,
): PaymentRequest {
  return {
    order: {
      id: order.id,
      title: order.snapshot.title,
      amount: order.finalAmount,
      currency: order.currency,
      expiresAt: order.expiresAt,
    },
    attemptId,
    method: input.method ?? null,
    returnUrl: input.return_url ?? null,
    openid: input.openid ?? null,
    address: ctx.address,
    publicUrl: ctx.publicUrl,
    site: ctx.site.key,
    locale: ctx.locale,
  };
}

/** What was ordered for a membership that has changed since can never be settled: better told before money is taken. */
async function assertSettleable(ctx: Ctx, order: OrderRow): Promise<void> {
  if (await isSettleable(ctx, order)) return;
  await endBeforeClosing(ctx, order, 'membership_changed');
  await commitApart(ctx, closing(ctx, order, 'changed'));
  throw new AppError('membership_changed');
}

async function isSettleable(ctx: Ctx, order: OrderRow): Promise<boolean> {
  const { owner, program, holdingVersion } = order;
  if (program === 'wallet') return true;
  // A level's time is computed from what is held when it is paid.
  if (program === 'vip') return isGrantable(ctx, order);
  if (program === 'tier') return !(await isReached(ctx, order));
  const { holding } = await findHolding(ctx, owner, program);
  return (holding?.version ?? 0) === holdingVersion;
}
