import type { StorefrontSettings } from '#flows/storefront/settings';

/** A field that is a text, as documents show it. */
interface Shown {
  description: string;
  example: string;
  enum?: string[];
}

const FLAG = ['0', '1'];

/** What a storefront's settings say (seed 004 `base`, and two of our own): admins change what its pages read. */
export const SETTINGS: Record<keyof StorefrontSettings, Shown> = {
  application_name: { description: 'What pages call the plugin.', example: '会员等级' },
  level_rules: {
    description: 'What levels are reached by where nobody paid: `0` points, `1` spending.',
    example: '0',
    enum: FLAG,
  },
  order_close_time: {
    description: 'Minutes from its creation within which an order can be paid.',
    example: '30',
  },
  profit_order_create_time: {
    description: 'Minutes from its creation after which a paid order makes profits.',
    example: '5',
  },
  profit_order_settlement_time: {
    description: 'Minutes from its creation after which a profit goes into the inviter’s wallet.',
    example: '10800',
  },
  user_poster_share_title: { description: 'Title of a link that is shared; for pages.', example: '' },
  user_poster_share_desc: { description: 'Text of a link that is shared; for pages.', example: '' },
  banner_top_title: { description: 'For pages.', example: '超级会员专享超大容量,极速下载特权' },
  banner_middle_name: { description: 'For pages.', example: '' },
  banner_bottom_content: {
    description: 'HTML for pages, cleaned when it is saved.',
    example: '<p>hello</p>',
  },
  not_opening_vip_desc: {
    description: 'HTML for whoever has no level, cleaned when it is saved; each line is an item.',
    example: '',
  },
  user_vip_center_notice: {
    description: 'HTML for the page of one’s own level, cleaned when it is saved; each line is an item.',
    example: '',
  },
  is_admin_user_level_show: {
    description: 'For ShopXO’s back office; nothing here depends on it.',
    example: '1',
    enum: FLAG,
  },
  is_user_buy: { description: '`0` refuses new orders.', example: '1', enum: FLAG },
  is_supported_renew_old_order: {
    description: '`1` allows `buy/renew`: the period of the last paid order again.',
    example: '0',
    enum: FLAG,
  },
  is_commission: { description: '`0` makes no profits.', example: '1', enum: FLAG },
  is_propaganda: { description: '`0` refuses the team and the poster.', example: '1', enum: FLAG },
  banner_bg_images: {
    description: 'Address of a picture, or empty.',
    example: 'https://d1.shopxo.vip/static/plugins/images/membershiplevelvip/index-bg.png',
  },
  is_enable: {
    description: '`0` switches the whole plugin off: every action answers −11.',
    example: '1',
    enum: FLAG,
  },
  carry_over: {
    description:
      'How the days that another level has left go into the one that replaces it: `value` in proportion to the price ' +
      'per day, `days` whole.',
    example: 'value',
    enum: ['value', 'days'],
  },
};

/** The seed's settings, as an example. */
export const SETTINGS_EXAMPLE = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { example }]) => [name, example]),
) as Record<keyof StorefrontSettings, string>;

/** What a level's fields say, in the seed's names. */
export const LEVEL_FIELDS = {
  rules_min: {
    description:
      'Points or spending (`level_rules`) from which the level is reached. With `rules_max` `0` it must be exceeded; ' +
      'both `0` is a level that is not reached by itself.',
    example: '100',
  },
  rules_max: {
    description: 'Points or spending below which it is held; `0` is no bound.',
    example: '999999',
  },
  order_price: {
    description:
      'The sum, after `discount_rate`, from which `full_reduction_price` is taken off; `0.00` is never.',
    example: '100.00',
  },
  full_reduction_price: { description: 'What is taken off such a sum.', example: '5.00' },
  discount_rate: { description: 'Factor of a price: `0.8` = pay 80 %; `0` = none.', example: '0.8' },
  is_enable: {
    description:
      '`0` is switched off: neither shown nor sold nor reached; who paid for it, or was given it, keeps it.',
  },
  is_supported_pay_buy: { description: '`1` is on sale.' },
  is_supported_renew: {
    description: '`1` **forbids** buying it again while it is valid, as in ShopXO.',
  },
};

/** What a period's fields say. */
export const PERIOD_FIELDS = {
  number: { description: 'Days; empty or `0` is for ever.', example: '365' },
  value: { description: 'For show: how many of `unit`; follows from `number`.', example: '1' },
  unit: { description: 'For show: 年, 月 or 天; empty for ever.', example: '年' },
  price: { description: 'The price as it was typed, so not always with two decimals.', example: '1' },
  commission: {
    description:
      'What up to three generations of inviters earn, by `;`: `r|5` is 5 % of what was paid, `s|2` is 2.00. Empty or ' +
      'malformed is nothing.',
    example: 'r|5;s|2',
  },
};
