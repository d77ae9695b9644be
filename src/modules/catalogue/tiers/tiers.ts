import type { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { UpdateEquityInput } from './inputs.ts';
import {
  type Equity,
  listTiers,
  selectEquities,
  selectTiers,
  type Tier,
  type TierChange,
  toTier,
  updateEquity as updateEquityRow,
  updateTier as updateTierRows,
} from './store.ts';

/** A tier by the number that surfaces show, or by its product's id; 404 for any other. */
export function requireTier(tiers: Tier[], id: string | number): Tier {
  const found = tiers.find((tier) => tier.id === String(id) || String(tier.serial) === String(id));
  if (!found) throw new AppError('not_found');
  return found;
}

/** The ladder as admins edit it, lowest first, and what equities are called. */
export async function getLadder(ctx: Ctx): Promise<{ tiers: Tier[]; equities: Equity[] }> {
  requireAdmin(ctx.actor);
  const [tiers, equities] = await ctx.db.batch([selectTiers(ctx), selectEquities(ctx)]);
  return { tiers: tiers.map(toTier), equities };
}

/** Changes a tier; nobody is promoted by it, and what was ordered keeps what it was. */
export async function updateTier(ctx: Ctx, tier: Tier, change: TierChange): Promise<Tier> {
  requireAdmin(ctx.actor);
  await commit(ctx, updateTierRows(ctx, tier.id, change, ctx.now), {
    action: 'tier.updated',
    target: tier.id,
    detail: { ...change },
  });
  return requireTier(await listTiers(ctx), tier.id);
}

/** Changes how an equity looks and what it is called. */
export async function updateEquity(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof UpdateEquityInput>,
): Promise<void> {
  requireAdmin(ctx.actor);
  if (!/^[1-9]\d{0,8}$/.test(id)) throw new AppError('not_found');
  const { use_icon: useIcon, unused_icon: unusedIcon, desc: description } = input;
  await commit(
    ctx,
    [
      updateEquityRow(ctx, Number(id), { useIcon, unusedIcon, description }, ctx.now),
      guard(ctx, 'not_found'),
    ],
    { action: 'equity.updated', target: id, detail: { ...input } },
  );
}
