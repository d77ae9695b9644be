import type { ErrorRow } from './row.ts';

/** Of a storefront's levels (seed 004). Its own surface answers HTTP 200 always; the statuses are the admins'. */
export const STOREFRONT_ERRORS = {
  plugin_parameters: {
    status: 400,
    n: 24,
    en: 'Name the plugin, its control and its action.',
    zh: '插件参数有误',
  },
  plugin_unknown: { status: 404, n: 6, en: 'There is no such plugin.', zh: '应用不存在' },
  plugin_off: { status: 403, n: 11, en: 'The plugin is switched off.', zh: '应用未启用' },
  action_unknown: { status: 404, n: 7, en: 'There is no such action.', zh: '应用控制器或方法不存在' },
  post_required: { status: 400, n: 25, en: 'This is done by POST.', zh: '请使用 POST 请求' },
  vip_opening_missing: { status: 400, n: 26, en: 'Choose for how long.', zh: '请选择开通时长' },
  vip_buying_off: { status: 400, n: 27, en: 'Levels cannot be bought now.', zh: '未开启会员购买' },
  vip_opening_malformed: { status: 400, n: 28, en: 'What was chosen is malformed.', zh: '开通时长值有误' },
  vip_level_missing: { status: 400, n: 29, en: 'There is no such level.', zh: '会员等级不存在' },
  vip_level_disabled: { status: 400, n: 30, en: 'The level is switched off.', zh: '会员等级未启用' },
  vip_level_not_on_sale: { status: 400, n: 31, en: 'The level is not sold.', zh: '会员等级不支持购买' },
  vip_periods_none: { status: 400, n: 32, en: 'The level has no periods.', zh: '会员等级未配置时长规则' },
  vip_period_missing: {
    status: 400,
    n: 33,
    en: 'The level is not sold for this long.',
    zh: '会员时长不存在',
  },
  vip_price_missing: { status: 400, n: 34, en: 'The period has no price.', zh: '会员时长价格有误' },
  vip_renewal_forbidden: {
    status: 400,
    n: 35,
    en: 'The level cannot be bought again while it is valid.',
    zh: '当前会员有效期内不支持续费',
  },
  vip_for_ever_already: {
    status: 400,
    n: 36,
    en: 'The level is yours for ever already.',
    zh: '当前会员已是永久有效',
  },
  vip_renewal_off: { status: 400, n: 37, en: 'Renewing the last order is off.', zh: '未开启原订单续费' },
  vip_nothing_to_renew: { status: 400, n: 38, en: 'There is no order to renew.', zh: '没有可续费的订单' },
  vip_order_state: { status: 409, n: 51, en: 'The order is not in that state.', zh: '订单状态不可操作' },
  vip_payment_pending: { status: 409, n: 52, en: 'The payment is still pending.', zh: '支付中' },
  vip_propaganda_off: { status: 403, n: 12, en: 'Sharing is switched off.', zh: '未开启推广' },
  vip_level_used: {
    status: 409,
    n: 53,
    en: 'The level is held or ordered.',
    zh: '会员等级正在使用,不能删除',
  },
  vip_activity_taken: { status: 409, n: 54, en: 'This reference was booked already.', zh: '该流水号已登记' },
  vip_activity_negative: {
    status: 409,
    n: 55,
    en: 'Points and spending cannot fall below zero.',
    zh: '积分或消费不能小于零',
  },
} satisfies Record<string, ErrorRow>;
