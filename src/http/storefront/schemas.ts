import { z } from '@hono/zod-openapi';
import { LEVEL_FIELDS, PERIOD_FIELDS, SETTINGS } from '../shared/storefront-fields.ts';

/** The data of answers. Everything is a text: ids, numbers and counts too; `""` where there is nothing (seed 004). */

const Flag = z.enum(['0', '1']);
const Money = (description: string, example: string) =>
  z.string().openapi({ description, example, pattern: '^-?\\d+\\.\\d{2}$' });
const Count = (description: string, example: string) =>
  z.string().openapi({ description, example, pattern: '^\\d+$' });
const Serial = (description: string, example: string) => Count(description, example);
const Empty = z.string().openapi({ description: 'Always empty: none is kept.', example: '' });

const Time = (description: string) =>
  z
    .string()
    .openapi({ description: `${description} Local time of the site.`, example: '2021-10-19 12:00:00' });
const Again = (of: string) =>
  z.string().openapi({ description: `The same as \`${of}\`.`, example: '2021-10-19 12:00:00' });
const Day = (of: string) =>
  z.string().openapi({ description: `The day of \`${of}\`.`, example: '2021-10-19' });

/** What {@link twins} of the mapper make of a time. */
function twins<N extends string>(name: N, description: string) {
  return {
    [name]: Time(description),
    [`${name}_time`]: Again(name),
    [`${name}_date`]: Day(name),
  } as Record<`${N}${'' | '_time' | '_date'}`, z.ZodString>;
}

const { is_enable, carry_over, ...SHOWN } = SETTINGS;
const settings = Object.fromEntries(
  Object.entries(SHOWN).map(([name, shown]) => [name, z.string().openapi({ ...shown })]),
) as Record<keyof typeof SHOWN, z.ZodString>;
const Lines = ({ description }: { description: string }) =>
  z
    .union([z.literal(''), z.array(z.string())])
    .openapi({ description: `${description} A list where there are some, \`""\` where there is none.` });

export const Base = z
  .object({
    ...settings,
    not_opening_vip_desc: Lines(SETTINGS.not_opening_vip_desc),
    user_vip_center_notice: Lines(SETTINGS.user_vip_center_notice),
  })
  .openapi('StorefrontBase', { description: 'Settings that pages go by.' });

const Period = z.object({
  number: z.string().openapi(PERIOD_FIELDS.number),
  value: z.string().openapi(PERIOD_FIELDS.value),
  unit: z.string().openapi(PERIOD_FIELDS.unit),
  price: z.string().openapi(PERIOD_FIELDS.price),
  commission: z.string().openapi(PERIOD_FIELDS.commission),
});

export const Level = z
  .object({
    id: Serial('Its number, the first half of `opening`.', '7'),
    name: z.string().openapi({ example: 'VIPX' }),
    images_url: z.string().openapi({ description: 'Address of its picture, or empty.', example: '' }),
    rules_min: Count(LEVEL_FIELDS.rules_min.description, LEVEL_FIELDS.rules_min.example),
    rules_max: Count(LEVEL_FIELDS.rules_max.description, LEVEL_FIELDS.rules_max.example),
    order_price: Money(LEVEL_FIELDS.order_price.description, LEVEL_FIELDS.order_price.example),
    full_reduction_price: Money(
      LEVEL_FIELDS.full_reduction_price.description,
      LEVEL_FIELDS.full_reduction_price.example,
    ),
    discount_rate: z.string().openapi(LEVEL_FIELDS.discount_rate),
    is_enable: Flag.openapi(LEVEL_FIELDS.is_enable),
    is_supported_pay_buy: Flag.openapi(LEVEL_FIELDS.is_supported_pay_buy),
    is_supported_renew: Flag.openapi(LEVEL_FIELDS.is_supported_renew),
    pay_period_rules: z.union([z.literal(''), z.array(Period)]).openapi({
      description: 'The periods it is sold for; `""` where there is none, and it cannot be bought.',
    }),
    add_time: Time('When it was made.'),
    upd_time: Time('When it was last changed; empty where it never was.'),
    images_url_old: z.string().openapi({ description: 'The same as `images_url`.', example: '' }),
    add_time_time: Again('add_time'),
    add_time_date: Day('add_time'),
  })
  .openapi('StorefrontShownLevel');

export const Payment = z
  .object({
    id: z.string().openapi({
      description:
        '`payment_id` of `buy/pay`: 1 wallet, 2 WeChat, 3 Alipay, 4 Stripe, 5 sandbox. It never changes.',
      example: '3',
    }),
    name: z.string().openapi({ example: '支付宝' }),
    logo: Empty,
    payment: z.string().openapi({
      description: 'The platform’s name of it: `wallet`, `wxpay`, `alipay`, `stripe`, `sandbox`.',
      example: 'alipay',
    }),
  })
  .openapi('StorefrontPayment');

const PAYMENTS = {
  payment_list: z
    .array(Payment)
    .openapi({ description: 'What can be paid with on this site; the wallet first.' }),
  default_payment_id: z.string().openapi({ description: 'The one to be chosen beforehand.', example: '1' }),
};

const ORDER_NO = {
  description: 'The number that payments know it by; the platform’s `order_id`.',
  example: 'ord_01FJC6RCG0V3Q4T5W6X7Y8Z9A0',
};
const OrderSerial = Serial('The order’s number, which `id` of the order’s actions takes.', '1043');

export const Order = z
  .object({
    id: OrderSerial,
    payment_user_order_no: z.string().openapi(ORDER_NO),
    level_id: Serial('The level’s number.', '7'),
    level_data: z
      .object({
        id: Serial('The level’s number.', '7'),
        name: z.string().openapi({ example: 'VIPX' }),
        images_url: z.string().openapi({ example: '' }),
      })
      .openapi({ description: 'The level as it was when it was ordered.' }),
    number: z.string().openapi(PERIOD_FIELDS.number),
    period_value: z.string().openapi(PERIOD_FIELDS.value),
    period_unit: z.string().openapi(PERIOD_FIELDS.unit),
    price: Money('What is to be paid.', '1.00'),
    pay_price: Money('What was paid.', '1.00'),
    status: z.enum(['0', '1', '2', '3']).openapi({
      description:
        '0 待支付 to be paid, 1 已支付 paid, 2 已取消 cancelled, 3 已关闭 closed: too late, or refunded.',
      example: '1',
    }),
    status_name: z.enum(['待支付', '已支付', '已取消', '已关闭']),
    type: Flag.openapi({ description: '`0` of `buy/create`, `1` of `buy/renew`.' }),
    type_name: z.enum(['正常购买', '续费']),
    settlement_status: Flag.openapi({
      description: '`1`: what inviters earn of it is in their wallets. `0` also where they earn nothing.',
    }),
    settlement_status_name: z.enum(['未结算', '已结算']),
    profit_price_total: Money('What inviters earn of it, all generations together.', '0.00'),
    payment_id: z.string().openapi({ description: 'What it was paid with; empty until then.', example: '3' }),
    payment_name: z.string().openapi({ example: '支付宝' }),
    ...twins('add_time', 'When it was ordered.'),
    ...twins('pay_time', 'When it was paid; empty until then.'),
    ...twins('upd_time', 'When it was closed, else paid; empty until then.'),
  })
  .openapi('StorefrontOrder');

export const Profit = z
  .object({
    id: Serial('Its number, which `profit/detail` takes.', '12'),
    total_price: Money('What was paid for the order that it comes of.', '288.00'),
    profit_price: Money('What it earns.', '14.40'),
    level: z.string().openapi({
      enum: ['1', '2', '3'],
      description: 'How far the buyer is away: 1 whom I invited, 2 whom they invited, 3 whom those invited.',
    }),
    level_name: z.string().openapi({ enum: ['一级', '二级', '三级'] }),
    status: z.enum(['0', '1', '2']).openapi({
      description: '0 待结算 waiting, 1 已结算 in the wallet, 2 已失效 void: the order was refunded.',
    }),
    status_name: z.enum(['待结算', '已结算', '已失效']),
    ...twins('add_time', 'When it was made.'),
    ...twins('upd_time', 'When its state last changed.'),
  })
  .openapi('StorefrontProfit');

export const Invitee = z
  .object({
    id: Serial('The user’s number, which `team/detail` takes.', '1007'),
    avatar: z.string().openapi({ description: 'Address of a picture, or empty.', example: '' }),
    user_name_view: z.string().openapi({
      description: 'The nickname; without one the phone number or the address, masked.',
      example: '138****5678',
    }),
    order_total: Money('What they paid for levels, without what was refunded.', '289.00'),
    find_order_total: Money('What those whom they invited paid for levels.', '1.00'),
    referrer_count: Count('How many they invited.', '2'),
    ...twins('add_time', 'When they registered.'),
  })
  .openapi('StorefrontInvitee');

const UserVip = z
  .object({
    user_vip_model: z.enum(['manual', 'pay', 'auto']).openapi({
      description: 'Why: given by hand, paid, or reached by points or spending.',
      example: 'pay',
    }),
    level_name: z.string().openapi({ example: 'VIPX' }),
    icon: z.string().openapi({ description: 'Address of the level’s picture, or empty.', example: '' }),
    is_permanent: Flag.openapi({ description: '`1` has no end; the three fields after it are empty then.' }),
    surplus_time_number: z.string().openapi({
      description: 'What is left in `surplus_time_unit`, rounded down, at least 1.',
      example: '365',
    }),
    surplus_time_unit: z.enum(['天', '小时', '分钟', '']).openapi({
      description: 'The largest unit of which one is left.',
      example: '天',
    }),
    expire_time: z.string().openapi({
      description: 'From when on it is over. Local time of the site.',
      example: '2022-10-19 12:05:00',
    }),
  })
  .openapi('StorefrontUserVip');

/** Ten of a list, and how many there are. */
function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    total: Count('How many there are.', '1'),
    page_total: Count('How many pages of ten that is.', '1'),
    data: z.array(item).openapi({ description: 'Those of the page, newest first; empty past the last one.' }),
    ...PAYMENTS,
  });
}

export const Introduction = z.object({
  base: Base,
  default_images_data: z.object({ default_level_images: Empty, default_qrcode_images: Empty }),
  introduce_data: z.array(Level).openapi({ description: 'Every level that is switched on, by id.' }),
});
export const Sold = z.object({
  base: Base,
  data: z.array(Level).openapi({ description: 'The levels, by id.' }),
  ...PAYMENTS,
});
export const Placed = z
  .object({
    id: OrderSerial,
    payment_user_order_no: z.string().openapi(ORDER_NO),
    payment_user_id: Serial('The same as `id`.', '1043'),
    value: z.string().openapi(PERIOD_FIELDS.value),
    unit: z.string().openapi(PERIOD_FIELDS.unit),
    price: z.string().openapi(PERIOD_FIELDS.price),
  })
  .openapi('StorefrontPlacedOrder');
export const Started = z.object({
  data: z.union([z.string(), z.record(z.string(), z.unknown())]).openapi({
    description:
      'Where to pay: an address to go to, or to show as a QR code (WeChat’s `weixin://…`). Of the wallet, which has ' +
      'paid by now, `redirect_url` or `""`. Fields, where a provider gives no address.',
  }),
  order_id: OrderSerial,
  order_no: z.string().openapi({ ...ORDER_NO, description: 'What `buy/paycheck` takes.' }),
  payment: Payment.pick({ id: true, name: true, payment: true }),
});
export const Checked = z.object({
  url: z.string().openapi({ description: 'Where to go on to: the list of orders.' }),
});
export const Orders = listOf(Order);
export const OneOrder = z.object({ data: Order, ...PAYMENTS });
export const Profits = listOf(Profit);
export const OneProfit = z.object({ data: Profit });
export const Team = listOf(Invitee);
export const OneInvitee = z.object({ data: Invitee });
export const Poster = z.object({
  user_share_url: z.string().openapi({ description: 'A link that carries my referral code.' }),
  user_share_qrode: z
    .string()
    .openapi({ description: 'Its QR picture as a data URL (SVG). ShopXO spells it so.' }),
});
export const Mine = z.object({
  base: Base,
  user_vip: z.union([z.literal(''), UserVip]).openapi({ description: '`""` for whoever has no level.' }),
  nav_list: z.array(
    z.object({
      title: z.string().openapi({ example: '会员订单' }),
      icon: Empty,
      url: z.string().openapi({ example: '/storefront/order/index' }),
    }),
  ),
});
export const Done = z.literal('').openapi({ description: 'Nothing to tell.' });
