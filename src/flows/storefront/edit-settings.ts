import { z } from 'zod';
import { commit } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { mergeSettings } from '#modules/operations/settings-store';
import { HtmlText, PlainText } from './clean.ts';
import { getStorefront, STOREFRONT, type StorefrontSettings } from './settings.ts';

const Flag = z.union([z.enum(['0', '1']), z.union([z.literal(0), z.literal(1)]).transform(String)]);
const Minutes = z
  .union([z.string().regex(/^\d{1,6}$/), z.int().min(0).max(999_999).transform(String)])
  .refine((text) => Number(text) >= 1, 'must be at least 1 minute');
const Line = PlainText(200);

/** PUT merges. Names and values as in {@link StorefrontSettings}; flags and minutes also as numbers. */
export const StorefrontSettingsInput = z
  .object({
    application_name: Line,
    level_rules: Flag,
    order_close_time: Minutes,
    profit_order_create_time: Minutes,
    profit_order_settlement_time: Minutes,
    user_poster_share_title: Line,
    user_poster_share_desc: Line,
    banner_top_title: Line,
    banner_middle_name: Line,
    banner_bottom_content: HtmlText(10_000),
    not_opening_vip_desc: HtmlText(2000),
    user_vip_center_notice: HtmlText(2000),
    is_admin_user_level_show: Flag,
    is_user_buy: Flag,
    is_supported_renew_old_order: Flag,
    is_commission: Flag,
    is_propaganda: Flag,
    banner_bg_images: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
    is_enable: Flag,
    carry_over: z.enum(['value', 'days']),
  })
  .partial();

/** Changes what is given. What was ordered before keeps its price and period. */
export async function setStorefront(
  ctx: Ctx,
  input: z.infer<typeof StorefrontSettingsInput>,
): Promise<StorefrontSettings> {
  requireAdmin(ctx.actor);
  await commit(ctx, [mergeSettings(ctx, STOREFRONT, input, ctx.now)], {
    action: 'storefront.settings_set',
    target: STOREFRONT,
    detail: { ...input },
  });
  return getStorefront(ctx);
}
