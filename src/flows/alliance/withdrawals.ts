import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { isDecimal, parseDecimal } from '#kernel/money';
import type { Page, Slice } from '#kernel/page';
import { serialOrId } from '#kernel/serial';
import { post } from '#modules/commerce/wallet-store';
import {
  decideWithdrawal,
  findWithdrawal,
  insertWithdrawal,
  listWithdrawalRows,
  type WithdrawalRow,
} from '#modules/referral/withdrawal-store';
import { feeOf } from '#programs/tier/rules';
import { ownRate } from './own-rate.ts';
import { getTierSettings } from './settings.ts';

const Text = (most: number) => z.string().trim().min(1).max(most);

export const WithdrawInput = z.object({
  amount: z
    .string()
    .refine((text) => isDecimal(text) && parseDecimal(text) > 0, 'must be an amount such as "10.00"'),
  channel: z.enum(['wxpay', 'alipay', 'bank']),
  account: Text(128),
  account_name: Text(64),
});

export const RejectInput = z.object({ reason: Text(200) });
export interface WithdrawalFilter {
  status?: 'pending' | 'approved' | 'rejected';
}

/** Asks for money out of one's wallet: debited at once, with the fee of one's tier as it is now. */
export async function withdraw(ctx: Ctx, input: z.infer<typeof WithdrawInput>): Promise<WithdrawalRow> {
  const { userId } = requirePerson(ctx.actor);
  const feeRate =
    (await ownRate(ctx, userId, 'platform:services')) ?? (await getTierSettings(ctx)).serviceFee;
  const amount = parseDecimal(input.amount);
  const id = ctx.ids.next('wd', ctx.now);
  const currency = ctx.site.currency;
  await commit(ctx, [
    ...post(
      ctx,
      { owner: userId, asset: currency, amount: -amount, reason: 'withdrawal', reference: id },
      'spend',
    ),
    insertWithdrawal(ctx, {
      id,
      userId,
      currency,
      amount,
      feeRate,
      fee: feeOf(amount, feeRate),
      channel: input.channel,
      account: input.account,
      accountName: input.account_name,
      createdAt: ctx.now,
    }),
  ]);
  return requireWithdrawal(ctx, id);
}

/** Newest first. Where the money goes is shown to admins, since they send it. */
export async function listWithdrawals(
  ctx: Ctx,
  filter: WithdrawalFilter,
  page: Page,
): Promise<Slice<WithdrawalRow>> {
  requireAdmin(ctx.actor);
  return listWithdrawalRows(ctx, filter, page);
}

/** The money was sent. */
export async function approveWithdrawal(ctx: Ctx, id: string): Promise<WithdrawalRow> {
  requireAdmin(ctx.actor);
  const found = await requireWithdrawal(ctx, id);
  await commit(
    ctx,
    [
      decideWithdrawal(ctx, found.id, { status: 'approved', decidedAt: ctx.now }),
      guard(ctx, 'withdrawal_decided'),
    ],
    { action: 'withdrawal.approved', target: found.id },
  );
  return requireWithdrawal(ctx, found.id);
}

/** The money goes back into the wallet, all of it. */
export async function rejectWithdrawal(ctx: Ctx, id: string, reason: string): Promise<WithdrawalRow> {
  requireAdmin(ctx.actor);
  const found = await requireWithdrawal(ctx, id);
  const { userId: owner, currency: asset, amount } = found;
  await commit(
    ctx,
    [
      decideWithdrawal(ctx, found.id, { status: 'rejected', reason, decidedAt: ctx.now }),
      guard(ctx, 'withdrawal_decided'),
      ...post(ctx, { owner, asset, amount, reason: 'withdrawal_rejected', reference: found.id }, 'force'),
    ],
    { action: 'withdrawal.rejected', target: found.id, detail: { reason } },
  );
  return requireWithdrawal(ctx, found.id);
}

async function requireWithdrawal(ctx: Ctx, id: string): Promise<WithdrawalRow> {
  const found = await findWithdrawal(ctx, serialOrId(id));
  if (!found) throw new AppError('not_found');
  return found;
}
