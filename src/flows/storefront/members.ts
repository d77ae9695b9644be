import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { isDecimal, parseDecimal } from '#kernel/money';
import { findVipMember, insertActivity, setLevelByHand, type VipMember } from '#modules/storefront/store';
import { discounted } from '#programs/vip/rules';
import { requireUser } from '../alliance/require-user.ts';
import { requireLevel } from './edit-levels.ts';
import { type HeldLevel, levelOf } from './level-of.ts';

export const LevelByHandInput = z.object({
  level_id: z.union([z.int().min(1), z.string().max(20)]).nullable(),
});

const Signed = z.union([z.number(), z.string()]).transform(String);
export const ActivityInput = z
  .object({
    points: Signed.refine((text) => /^-?\d{1,9}$/.test(text), 'must be a whole number').default('0'),
    spending: Signed.refine(
      (text) => isDecimal(text.replace(/^-/, '')),
      'must be an amount such as "12.34" or "-12.34"',
    ).default('0'),
    reference: z.string().trim().min(1).max(128),
  })
  .refine(({ points, spending }) => Number(points) !== 0 || Number(spending) !== 0, {
    path: ['points'],
    message: 'give points or spending',
  });

export const QuoteInput = z.object({
  amount: z.string().refine(isDecimal, 'must be an amount such as "99.00"'),
});

/** Gives a level by hand, or takes it away. */
export async function giveLevel(
  ctx: Ctx,
  userId: string,
  levelId: string | number | null,
): Promise<HeldLevel | null> {
  requireAdmin(ctx.actor);
  const user = await requireUser(ctx, userId);
  const level = levelId === null ? null : await requireLevel(ctx, String(levelId));
  await commit(ctx, [setLevelByHand(ctx, user.id, level?.productId ?? null, ctx.now)], {
    action: 'storefront.level_given',
    target: user.id,
    detail: { level: level?.productId ?? null },
  });
  return levelOf(ctx, user.id);
}

/** Books points and spending that a shop reports; once for each reference, never below zero. */
export async function bookActivity(
  ctx: Ctx,
  userId: string,
  input: z.infer<typeof ActivityInput>,
): Promise<VipMember> {
  requireAdmin(ctx.actor);
  const user = await requireUser(ctx, userId);
  const sign = input.spending.startsWith('-') ? -1 : 1;
  const spending = sign * parseDecimal(input.spending.replace(/^-/, ''));
  const points = Number(input.points);
  await commit(
    ctx,
    [
      ...insertActivity(ctx, {
        userId: user.id,
        points,
        spending,
        reference: input.reference,
        createdAt: ctx.now,
      }),
      guard(ctx, 'vip_activity_negative'),
    ],
    { action: 'storefront.activity_booked', target: user.id, detail: { ...input } },
  );
  const member = await findVipMember(ctx, user.id);
  if (!member) throw new Error('a member vanished after it was booked');
  return member;
}

/** What the caller's level makes of a sum. */
export async function quoteGoods(
  ctx: Ctx,
  amount: string,
): Promise<{ amount: number; pays: number; held: HeldLevel | null }> {
  const held = await levelOf(ctx, requirePerson(ctx.actor).userId);
  const sum = parseDecimal(amount);
  const { level } = held ?? {};
  const pays = level
    ? discounted(sum, {
        rate: level.discountRate,
        orderPrice: level.orderPrice,
        fullReductionPrice: level.fullReductionPrice,
      })
    : sum;
  return { amount: sum, pays, held };
}
