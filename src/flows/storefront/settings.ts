import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { findSettings } from '#modules/operations/settings-store';

/** Under what name a site's settings of its storefront are kept. */
export const STOREFRONT = 'storefront';

/** What a site never saved. */
const USUAL = {
  application_name: '会员等级',
  level_rules: '0',
  order_close_time: '30',
  profit_order_create_time: '5',
  profit_order_settlement_time: '10800',
  user_poster_share_title: '',
  user_poster_share_desc: '',
  banner_top_title: '',
  banner_middle_name: '',
  banner_bottom_content: '',
  not_opening_vip_desc: '',
  user_vip_center_notice: '',
  is_admin_user_level_show: '1',
  is_user_buy: '1',
  is_supported_renew_old_order: '0',
  is_commission: '1',
  is_propaganda: '1',
  banner_bg_images: '',
  is_enable: '1',
  carry_over: 'value',
};

/** By the seed's names (004 `base`), and two of our own. Values are texts, as the surface shows them. */
export type StorefrontSettings = Record<Exclude<keyof typeof USUAL, 'carry_over'>, string> & {
  carry_over: 'value' | 'days';
};

export async function getStorefront(ctx: Ctx): Promise<StorefrontSettings> {
  return { ...USUAL, ...(await findSettings(ctx, STOREFRONT)) } as StorefrontSettings;
}

/** A setting of minutes, in milliseconds. */
export function minutes(text: string): number {
  return Number(text) * MINUTE;
}
