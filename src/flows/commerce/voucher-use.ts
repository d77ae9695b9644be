import type { Ctx } from '#kernel/context';
import { AppError, type Fault } from '#kernel/errors';
import type { OrderRow } from '#modules/commerce/order-store';
import { type Purchase, voucherFault } from '#modules/commerce/voucher-rules';
import { findVoucher, type VoucherRow } from '#modules/commerce/voucher-store';

const WORDS = {
  unknown: 'is not known',
  used: 'is used already',
  locked: 'is locked by another order',
  void: 'is void',
  not_started: 'is not valid yet',
  expired: 'has expired',
  wrong_plan: 'is not for this plan',
  below_minimum: 'needs a higher price',
  not_here: 'cannot be used for this',
} as const;
export type VoucherRefusal = keyof typeof WORDS;

/** 400 that says what is wrong with a voucher. */
export function voucherRefused(reason: VoucherRefusal): AppError {
  const fault: Fault = { path: 'voucher_id', message: WORDS[reason] };
  return new AppError('voucher_invalid', { faults: [fault], data: { reason } });
}

/**
 * A user's voucher that fits a purchase, or 400 that says why not. One that the order locked which is about to be
 * replaced counts as free.
 */
export async function requireVoucher(
  ctx: Ctx,
  id: string,
  userId: string,
  purchase: Purchase,
  replaced: OrderRow | null,
): Promise<VoucherRow> {
  const voucher = await findVoucher(ctx, id);
  if (voucher?.userId !== userId) throw voucherRefused('unknown');
  if (voucher.state === 'used') throw voucherRefused('used');
  if (voucher.state === 'locked' && voucher.orderId !== replaced?.id) throw voucherRefused('locked');
  const fault = voucherFault(voucher, purchase, ctx.now);
  if (fault) throw voucherRefused(fault);
  return voucher;
}
