import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import { DAY } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { retryOn } from '#kernel/errors';
import { isDecimal, parseDecimal, shareOf } from '#kernel/money';
import { findUserById } from '#modules/accounts/store';
import {
  findRewards,
  insertCommission,
  insertReward,
  type RewardRow,
  takeBackCommissionRow,
} from '#modules/referral/reward-store';
import { ownRate } from './own-rate.ts';
import { requireUser } from './require-user.ts';
import { takeBackRewards } from './rewards.ts';
import { getTierSettings } from './settings.ts';

export const CommissionInput = z.object({
  user_id: z.union([z.int().min(1).transform(String), z.string().min(1).max(64)]),
  // No path can name the dots that stand for folders.
  order_no: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .refine((text) => !/^\.+$/.test(text), 'must be an order number'),
  amount: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((text) => isDecimal(text) && parseDecimal(text) > 0, 'must be an amount such as "12.34"'),
});

export interface BookedCommission {
  orderNo: string;
  userId: number;
  amount: number;
  /** The inviter's share; null where there is no inviter, or nothing is left of it. */
  reward: RewardRow | null;
}

/**
 * Books an invitee's shopping commission, once for each order number: their inviter gets a share at the rate of the
 * inviter's tier (else the site's), held as rewards of purchases are.
 */
export async function bookCommission(
  ctx: Ctx,
  input: z.infer<typeof CommissionInput>,
): Promise<BookedCommission> {
  requireAdmin(ctx.actor);
  const user = await requireUser(ctx, input.user_id);
  const amount = parseDecimal(input.amount);
  const orderNo = input.order_no;
  const share = await shareOfInviter(ctx, user.inviterId, amount);
  await commit(
    ctx,
    [
      insertCommission(ctx, { orderNo, userId: user.id, amount, createdAt: ctx.now }),
      ...(share
        ? [
            insertReward(ctx, {
              ...share,
              id: ctx.ids.next('rw', ctx.now),
              sourceUserId: user.id,
              kind: 'commission',
              orderNo,
              createdAt: ctx.now,
              updatedAt: ctx.now,
            }),
          ]
        : []),
    ],
    { action: 'commission.booked', target: orderNo, detail: { user: user.id, amount: input.amount } },
  );
  const [reward] = await findRewards(ctx, 'commission', orderNo);
  return { orderNo, userId: user.serial, amount, reward: reward ?? null };
}

async function shareOfInviter(ctx: Ctx, inviterId: string | null, amount: number) {
  const [inviter] = inviterId ? await findUserById(ctx, inviterId) : [];
  if (!inviter || inviter.status === 'deleted') return null;
  const settings = await getTierSettings(ctx);
  const rate = (await ownRate(ctx, inviter.id, 'direct:reward')) ?? settings.directRebate;
  const share = shareOf(amount, rate, 100);
  if (share === 0) return null;
  const availableAt = ctx.now + settings.holdDays * DAY;
  return { owner: inviter.id, asset: ctx.site.currency, amount: share, rate, availableAt };
}

/** Takes a commission back: its order was returned. 404 where there is none (any more). */
export async function takeBackCommission(ctx: Ctx, orderNo: string): Promise<void> {
  requireAdmin(ctx.actor);
  await retryOn('order_changed', async () => {
    const rewards = await findRewards(ctx, 'commission', orderNo);
    await commit(
      ctx,
      [
        takeBackCommissionRow(ctx, orderNo, ctx.now),
        guard(ctx, 'not_found'),
        ...takeBackRewards(ctx, rewards),
      ],
      { action: 'commission.taken_back', target: orderNo },
    );
  });
}
