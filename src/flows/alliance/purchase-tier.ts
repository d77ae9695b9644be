import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import { DAY, HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, invalid, retryOn } from '#kernel/errors';
import { findUserById } from '#modules/accounts/store';
import { listTiers, type Tier } from '#modules/catalogue/tiers/store';
import { requireTier } from '#modules/catalogue/tiers/tiers';
import { findOpenOrder, findOrder, insertOrder, type OrderRow } from '#modules/commerce/order-store';
import type { RewardShare } from '#modules/commerce/types';
import { findRanks } from '#modules/referral/tier-store';
import { cashOf, rewardsOf, TOKEN_UNIT } from '#programs/tier/rules';
import { closing } from '../commerce/closing.ts';
import { endBeforeClosing } from '../commerce/end-attempts.ts';
import { MOST_ORDERS_AN_HOUR, PAYABLE } from '../commerce/place-order.ts';
import { holdTokens } from './hold-tokens.ts';
import { getTierSettings } from './settings.ts';
import { snapshotOfTier } from './tier-snapshot.ts';

export const BuyTierInput = z
  .object({
    member_id: z.union([z.int().min(1), z.string().min(1).max(64)]),
    pay_mode: z.enum(['cash', 'mixed']),
    pay_type: z.enum(['wxpay', 'alipay']),
    eoc_num: z.int().min(0).max(1_000_000_000).nullish(),
  })
  .superRefine(({ pay_mode, eoc_num }, issues) => {
    const issue = (message: string) => issues.addIssue({ code: 'custom', path: ['eoc_num'], message });
    if (pay_mode === 'mixed' && !eoc_num) issue('must be at least 1 for a mixed purchase');
    if (pay_mode === 'cash' && eoc_num) issue('is for a mixed purchase');
  });

/**
 * Orders a tier above one's own at its full price, with EOC for a part of it where that is wished. The EOC are held by
 * the order; a second order closes the first and frees its EOC in the same batch.
 */
export function purchaseTier(ctx: Ctx, input: z.infer<typeof BuyTierInput>): Promise<OrderRow> {
  return retryOn('order_open', () => place(ctx, input));
}

async function place(ctx: Ctx, input: z.infer<typeof BuyTierInput>): Promise<OrderRow> {
  const { userId } = requirePerson(ctx.actor);
  const tiers = await listTiers(ctx);
  const tier = requireTier(tiers, input.member_id);
  if (!tier.condition) throw new AppError('plan_not_for_sale');
  const [user] = await findUserById(ctx, userId);
  const inviterId = user?.inviterId ?? null;
  const ranks = await findRanks(ctx, inviterId ? [userId, inviterId] : [userId]);
  if ((ranks.get(userId) ?? 1) >= tier.rank) throw new AppError('tier_not_above');

  const settings = await getTierSettings(ctx);
  const parts = partsOf(tier.condition.direct, input, settings.eocPrice);
  const inviter = inviterId && { id: inviterId, rank: ranks.get(inviterId) ?? 1 };
  const rewards = inviter ? await rewardsFor(ctx, inviter, tiers, tier, parts, settings.elcPrice) : [];
  const order = orderRow(ctx, { userId, tier, parts, input, rewards, holdDays: settings.holdDays });
  const open = await findOpenOrder(ctx, userId, 'tier');
  if (open) await endBeforeClosing(ctx, open, 'membership_changed');
  await commit(ctx, [
    ...(open ? closing(ctx, open, 'replaced') : []),
    insertOrder(ctx, order, ctx.now - HOUR, MOST_ORDERS_AN_HOUR),
    guard(ctx, 'order_throttled'),
    ...holdTokens(ctx, order, order.id),
  ]);
  const placed = await findOrder(ctx, order.id);
  if (!placed) throw new Error('an order vanished after it was placed');
  return placed;
}

/** The two parts of a tier's price: whole EOC, and cash in minor units. */
interface Parts {
  price: number;
  eoc: number;
  cash: number;
}

function partsOf(
  { price, limit }: { price: number; limit: number },
  { pay_mode, eoc_num }: z.infer<typeof BuyTierInput>,
  eocPrice: number,
): Parts {
  const eoc = pay_mode === 'mixed' ? (eoc_num ?? 0) : 0;
  if (eoc > limit) throw invalid('eoc_num', `must be at most ${limit}`);
  const cash = cashOf(price, eoc, eocPrice);
  if (cash === null) throw invalid('eoc_num', 'leaves less than 0.01 to be paid');
  return { price, eoc, cash };
}

interface Draft {
  userId: string;
  tier: Tier;
  parts: Parts;
  input: z.infer<typeof BuyTierInput>;
  rewards: RewardShare[];
  holdDays: number;
}

function orderRow(ctx: Ctx, { userId, tier, parts, input, rewards, holdDays }: Draft) {
  const { price, eoc, cash } = parts;
  return {
    id: ctx.ids.next('ord', ctx.now),
    userId,
    owner: userId,
    program: 'tier' as const,
    kind: 'purchase' as const,
    productId: tier.id,
    period: 'once',
    currency: ctx.site.currency,
    originalAmount: price,
    tokenAmount: price - cash,
    tokenHeld: eoc * TOKEN_UNIT,
    finalAmount: cash,
    snapshot: snapshotOfTier(tier, {
      mode: eoc > 0 ? 'mixed' : 'direct',
      payType: input.pay_type,
      eoc,
      cash,
      rewards,
      holdMs: holdDays * DAY,
    }),
    createdAt: ctx.now,
    expiresAt: ctx.now + PAYABLE,
  };
}

/** What the inviter gets, by the equities of their own tier today; nobody gets anything for who is gone. */
async function rewardsFor(
  ctx: Ctx,
  { id, rank }: { id: string; rank: number },
  tiers: Tier[],
  { level }: Tier,
  { price, eoc, cash }: Parts,
  elcPrice: number,
): Promise<RewardShare[]> {
  const [inviter] = await findUserById(ctx, id);
  const own = tiers.find((one) => one.rank === rank);
  if (!own || !inviter || inviter.status === 'deleted') return [];
  const purchase = { level, mode: eoc > 0 ? 'mixed' : 'direct', price, cash } as const;
  return rewardsOf(id, own.equities, purchase, { currency: ctx.site.currency, elcPrice });
}
