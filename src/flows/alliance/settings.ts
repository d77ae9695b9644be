import { z } from 'zod';
import { commit } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { isDecimal, parseDecimal } from '#kernel/money';
import { findSettings, mergeSettings } from '#modules/operations/settings-store';

const NAME = 'tiers';

/** A site's settings of tiers. Prices in minor units, rates whole percent. */
export interface TierSettings {
  eocPrice: number;
  elcPrice: number;
  /** Share of an invitee's shopping commission where the tier says none. */
  directRebate: number;
  /** Fee on withdrawals where the tier says none. */
  serviceFee: number;
  holdDays: number;
}

/** Where a site never saved any: the reference data's. */
const USUAL = { eoc_price: '0.05', elc_price: '0.05', direct_rebate: 10, service_fee: 35, hold_days: 7 };

const Price = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => isDecimal(text) && parseDecimal(text) > 0, 'must be an amount such as "0.05"');
const Whole = (most: number) =>
  z
    .union([z.number(), z.string().regex(/^\d{1,4}$/, 'must be a whole number')])
    .transform(Number)
    .pipe(z.int().min(0).max(most));

export const TierSettingsInput = z.object({
  eoc_price: Price.optional(),
  elc_price: Price.optional(),
  direct_rebate: Whole(100).optional(),
  service_fee: Whole(100).optional(),
  hold_days: Whole(365).optional(),
});

export async function getTierSettings(ctx: Ctx): Promise<TierSettings> {
  const saved = { ...USUAL, ...(await findSettings(ctx, NAME)) };
  return {
    eocPrice: parseDecimal(saved.eoc_price),
    elcPrice: parseDecimal(saved.elc_price),
    directRebate: saved.direct_rebate,
    serviceFee: saved.service_fee,
    holdDays: saved.hold_days,
  };
}

/** Changes what is given. What was ordered before keeps the prices and rates of then. */
export async function setTierSettings(
  ctx: Ctx,
  input: z.infer<typeof TierSettingsInput>,
): Promise<TierSettings> {
  requireAdmin(ctx.actor);
  await commit(ctx, [mergeSettings(ctx, NAME, input, ctx.now)], {
    action: 'tiers.settings_set',
    target: NAME,
    detail: { ...input },
  });
  return getTierSettings(ctx);
}
