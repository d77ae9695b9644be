import type { z } from '@hono/zod-openapi';
import { SETTINGS_EXAMPLE } from '../shared/storefront-fields.ts';
import type * as schemas from './schemas.ts';

/** Answers as the seed has them (004), and what a buyer of one of its levels sees of the rest. */

const { is_enable, carry_over, ...SHOWN } = SETTINGS_EXAMPLE;
const BASE: z.input<typeof schemas.Base> = {
  ...SHOWN,
  not_opening_vip_desc: '',
  user_vip_center_notice: '',
};
const PAYMENTS = {
  payment_list: [
    { id: '1', name: '钱包支付', logo: '', payment: 'wallet' },
    { id: '2', name: '微信支付', logo: '', payment: 'wxpay' },
    { id: '3', name: '支付宝', logo: '', payment: 'alipay' },
  ],
  default_payment_id: '1',
};

type Level = z.input<typeof schemas.Level>;
const LEVELS: Level[] = [
  level('4', 'VIP1', ['2020-12-03 11:59:14', '2021-10-18 18:26:25'], {
    rules_min: '100',
    rules_max: '999999',
    order_price: '100.00',
    full_reduction_price: '5.00',
    is_supported_renew: '1',
    pay_period_rules: [{ number: '3650', value: '10', unit: '年', price: '288', commission: '5' }],
  }),
  level('5', 'VIP2', ['2020-12-03 17:22:27', '2020-12-30 18:04:56'], {
    order_price: '100.00',
    full_reduction_price: '10.00',
  }),
  level('7', 'VIPX', ['2021-02-26 12:08:02', '2021-10-19 11:39:21'], {
    discount_rate: '0.8',
    pay_period_rules: [
      { number: '365', value: '1', unit: '年', price: '1', commission: '' },
      { number: '1000', value: '2.74', unit: '年', price: '0.01', commission: '' },
    ],
  }),
  level('8', '城市合伙人', ['2021-07-14 18:02:08', ''], {
    pay_period_rules: [{ number: '2', value: '2', unit: '天', price: '0.02', commission: '' }],
  }),
];

const ORDER_NO = 'ord_01FJC6RCG0V3Q4T5W6X7Y8Z9A0';
const ORDER: z.input<typeof schemas.Order> = {
  id: '1043',
  payment_user_order_no: ORDER_NO,
  level_id: '7',
  level_data: { id: '7', name: 'VIPX', images_url: '' },
  number: '365',
  period_value: '1',
  period_unit: '年',
  price: '1.00',
  pay_price: '1.00',
  status: '1',
  status_name: '已支付',
  type: '0',
  type_name: '正常购买',
  settlement_status: '0',
  settlement_status_name: '未结算',
  profit_price_total: '0.00',
  payment_id: '3',
  payment_name: '支付宝',
  ...twins('add_time', '2021-10-19 12:00:00'),
  ...twins('pay_time', '2021-10-19 12:05:00'),
  ...twins('upd_time', '2021-10-19 12:05:00'),
};
const PROFIT: z.input<typeof schemas.Profit> = {
  id: '12',
  total_price: '288.00',
  profit_price: '14.40',
  level: '1',
  level_name: '一级',
  status: '0',
  status_name: '待结算',
  ...twins('add_time', '2021-10-20 09:35:00'),
  ...twins('upd_time', '2021-10-20 09:35:00'),
};
const INVITEE: z.input<typeof schemas.Invitee> = {
  id: '1007',
  avatar: '',
  user_name_view: '138****5678',
  order_total: '289.00',
  find_order_total: '1.00',
  referrer_count: '2',
  ...twins('add_time', '2021-10-19 13:20:11'),
};

export const INTRODUCTION: z.input<typeof schemas.Introduction> = {
  base: BASE,
  default_images_data: { default_level_images: '', default_qrcode_images: '' },
  introduce_data: LEVELS,
};

export const SOLD: z.input<typeof schemas.Sold> = { base: BASE, data: LEVELS, ...PAYMENTS };

export const PLACED: z.input<typeof schemas.Placed> = {
  id: '1043',
  payment_user_order_no: ORDER_NO,
  payment_user_id: '1043',
  value: '1',
  unit: '年',
  price: '1',
};

/** `buy/renew` of the same level: another order, with the typed price of today. */
export const RENEWED: z.input<typeof schemas.Placed> = {
  ...PLACED,
  id: '1044',
  payment_user_order_no: 'ord_01FJC6Z6R0W4R5V6X7Y8Z9A0BC',
  payment_user_id: '1044',
};

export const STARTED: z.input<typeof schemas.Started> = {
  data:
    'https://openapi.alipay.com/gateway.do?app_id=2021004100000000&method=alipay.trade.page.pay&format=JSON' +
    '&charset=utf-8&sign_type=RSA2&timestamp=2021-10-19+20%3A00%3A05&version=1.0&biz_content=%7B%22out_trade_no%22' +
    '%3A%2201FJC6RCG0V3Q4T5W6X7Y8Z9A0-T5W6X%22%2C%22total_amount%22%3A%221.00%22%7D&sign=kPbQIjX8dH0xFq2n',
  order_id: '1043',
  order_no: ORDER_NO,
  payment: { id: '3', name: '支付宝', payment: 'alipay' },
};

export const CHECKED: z.input<typeof schemas.Checked> = {
  url: 'http://localhost:8787/storefront/order/index',
};

export const ORDERS: z.input<typeof schemas.Orders> = listed(ORDER);
export const ONE_ORDER: z.input<typeof schemas.OneOrder> = { data: ORDER, ...PAYMENTS };
export const PROFITS: z.input<typeof schemas.Profits> = listed(PROFIT);
export const ONE_PROFIT: z.input<typeof schemas.OneProfit> = { data: PROFIT };
export const TEAM: z.input<typeof schemas.Team> = listed(INVITEE);
export const ONE_INVITEE: z.input<typeof schemas.OneInvitee> = { data: INVITEE };

export const POSTER: z.input<typeof schemas.Poster> = {
  user_share_url: 'http://localhost:8787/docs/invitation?site=default&invite_code=k7Xm2QpR',
  user_share_qrode:
    'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAg',
};

export const MINE: z.input<typeof schemas.Mine> = {
  base: BASE,
  user_vip: {
    user_vip_model: 'pay',
    level_name: 'VIPX',
    icon: '',
    is_permanent: '0',
    surplus_time_number: '365',
    surplus_time_unit: '天',
    expire_time: '2022-10-19 12:05:00',
  },
  nav_list: [
    { title: '会员订单', icon: '', url: '/storefront/order/index' },
    { title: '收益明细', icon: '', url: '/storefront/profit/index' },
    { title: '我的团队', icon: '', url: '/storefront/team/index' },
    { title: '推广返利', icon: '', url: '/storefront/poster/index' },
  ],
};

function level(id: string, name: string, times: [string, string], fields: Partial<Level>): Level {
  const [add_time, upd_time] = times;
  return {
    id,
    name,
    images_url: '',
    rules_min: '0',
    rules_max: '0',
    order_price: '0.00',
    full_reduction_price: '0.00',
    discount_rate: '0',
    is_enable: '1',
    is_supported_pay_buy: '1',
    is_supported_renew: '0',
    pay_period_rules: '',
    ...fields,
    add_time,
    upd_time,
    images_url_old: '',
    add_time_time: add_time,
    add_time_date: add_time.slice(0, 10),
  };
}

/** A first page with one row and no more. */
function listed<T>(row: T) {
  return { total: '1', page_total: '1', data: [row], ...PAYMENTS };
}

function twins<N extends string>(name: N, at: string) {
  return { [name]: at, [`${name}_time`]: at, [`${name}_date`]: at.slice(0, 10) } as Record<
    `${N}${'' | '_time' | '_date'}`,
    string
  >;
}
