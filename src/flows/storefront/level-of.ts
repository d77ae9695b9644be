import type { Ctx } from '#kernel/context';
import { listLevels, type VipLevel } from '#modules/catalogue/vip/store';
import { selectGrants } from '#modules/commerce/holding-store';
import { heldAt } from '#modules/commerce/rules';
import { findVipMember } from '#modules/storefront/store';
import { levelByRules } from '#programs/vip/rules';
import { getStorefront } from './settings.ts';

/** What somebody is, and why: by hand, because they paid, or by what they did. */
export interface HeldLevel {
  model: 'manual' | 'pay' | 'auto';
  level: VipLevel;
  /** Of what was paid for: its exclusive end; null = for ever. By hand and by rules there is none. */
  endsAt: number | null;
}

/**
 * A user's level (spec storefront): set by hand, else paid, else by points or spending. One that was switched off stays
 * with those who have it by the first two.
 */
export async function levelOf(ctx: Ctx, userId: string): Promise<HeldLevel | null> {
  const [levels, settings, member, grants] = await Promise.all([
    listLevels(ctx),
    getStorefront(ctx),
    findVipMember(ctx, userId),
    selectGrants(ctx, userId, 'vip'),
  ]);
  const byId = (id: string) => levels.find(({ productId }) => productId === id);
  const byHand = member?.levelByHand ? byId(member.levelByHand) : undefined;
  if (byHand) return { model: 'manual', level: byHand, endsAt: null };
  const held = heldAt(grants, ctx.now);
  const paid = held && byId(held.productId);
  if (held && paid) return { model: 'pay', level: paid, endsAt: held.endsAt };
  const reached = settings.level_rules === '1' ? (member?.spending ?? 0) / 100 : (member?.points ?? 0);
  const level = levelByRules(
    levels.filter(({ enabled }) => enabled),
    reached,
  );
  return level && { model: 'auto', level, endsAt: null };
}
