import type { z } from '@hono/zod-openapi';
import type * as routes from './tbk.routes.ts';

/** Seed 003, as it is for somebody of bronze with 620.50 EOC. */
const BRONZE = { member_id: 2, level: 'bronze', name: '青铜会员' } as const;
const GOLD = { member_id: 3, level: 'gold', name: '黄金会员' } as const;

const GIFT = { name: '礼品一', cover: '', content: ['礼包1', '礼包二'] };
const FLAGS = [
  { key: 'return:commission', desc: '购物返佣100%' },
  { key: 'coupons', desc: '海量优惠卷' },
  { key: 'member:gift', desc: '会员礼包' },
];

/** Of the six tiers and the fourteen equities a few. */
export const OFFERS = {
  items: [
    {
      ...BRONZE,
      icon: null,
      cover: ' ',
      condition: { direct: { price: '99.00', limit: 100 }, indirect: null },
      gift: GIFT,
      equities: [
        { key: 'platform:services', desc: '平台服务费22%', rate: '22' },
        ...FLAGS,
        { key: 'direct:reward', desc: '一级推荐奖励10%', rate: '20' },
        { key: 'direct:gold:reward', desc: '推荐黄金会员奖40%', m_rate: '40', z_rate: '40' },
      ],
      held: true,
      cost: null,
    },
    {
      ...GOLD,
      icon: null,
      cover: ' ',
      condition: {
        direct: { price: '888.00', limit: 500 },
        indirect: { num: 100, level: 'bronze' },
      },
      gift: GIFT,
      equities: [
        { key: 'platform:services', desc: '平台服务费18%', rate: '18' },
        ...FLAGS,
        { key: 'direct:gold:reward', desc: '推荐黄金会员奖50%', m_rate: '50', z_rate: '50' },
      ],
      held: false,
      cost: { price: '888.00', eoc_num_most: 500, cash_least: '863.00' },
    },
  ],
  equities: [
    { key: 'return:commission', desc: '购物返佣100%', icon: null, lit: true },
    { key: 'platform:services', desc: '平台服务', icon: null, lit: true },
    { key: 'coupons', desc: '海量优惠卷', icon: null, lit: true },
    { key: 'member:gift', desc: '会员大礼包', icon: null, lit: true },
    { key: 'direct:reward', desc: '一级推荐奖', icon: null, lit: true },
    { key: 'direct:gold:reward', desc: '推黄金会员奖励', icon: null, lit: true },
    { key: 'platform:once:bonus', desc: '享平台一次分红', icon: null, lit: false },
  ],
  eoc_price: '0.05',
  currency: 'CNY',
} satisfies z.input<typeof routes.Offers>;

export const ME = {
  tier: BRONZE,
  invitees: [
    { level: 'common', count: 5 },
    { level: 'bronze', count: 10 },
    { level: 'gold', count: 3 },
    { level: 'platina', count: 0 },
    { level: 'platinum', count: 0 },
    { level: 'diamond', count: 0 },
  ],
  progress: [
    { ...GOLD, needed: { num: 100, level: 'bronze' }, have: 12 },
    { member_id: 4, level: 'platina', name: '白金会员', needed: { num: 100, level: 'gold' }, have: 2 },
    { member_id: 5, level: 'platinum', name: '铂金会员', needed: { num: 30, level: 'platina' }, have: 0 },
    { member_id: 6, level: 'diamond', name: '钻石会员', needed: { num: 20, level: 'platinum' }, have: 0 },
  ],
  balances: [
    { asset: 'CNY', balance: '380.00', debt: '0.00' },
    { asset: 'EOC', balance: '620.50', debt: '0.00' },
  ],
} satisfies z.input<typeof routes.MyTier>;

export const INVITE = {
  code: '8GQ759kT',
  link: 'https://sluice.example.com/docs/invitation?site=default&invite_code=8GQ759kT',
};

/** Gold, 500 EOC of its price: 888 − 500 × 0.05. */
export const ORDER = {
  order_id: 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  serial: 1043,
  program: 'tier',
  kind: 'purchase',
  status: 'pending',
  plan_id: 'tier_3',
  plan_name: '黄金会员',
  period: 'once',
  original_amount: '888.00',
  discount_amount: '0.00',
  credit_amount: '0.00',
  final_amount: '863.00',
  paid_amount: '0.00',
  refunded_amount: '0.00',
  currency: 'CNY',
  provider: null,
  voucher_id: null,
  created_at: '2024-01-01T10:00:00Z',
  expires_at: '2024-01-01T10:30:00Z',
  paid_at: null,
  pay_mode: 'mixed',
  eoc_num: 500,
  payment: { providers: ['wallet', 'alipay', 'wxpay'], expires_at: '2024-01-01T10:30:00Z' },
} satisfies z.input<typeof routes.TierOrder>;

/** The gift of that order. */
export const CLAIM = {
  body: {
    order_no: ORDER.order_id,
    consignee: {
      name: '孙皓',
      phone: '13800138000',
      area: '陕西省西安市雁塔区',
      detail: '高新区科技二路1号',
    },
  },
  data: { ...GIFT, receive: null },
};

/** An invitee bought gold (888 × 40 %), and one shopped (12.34 × 20 %). */
export const REWARDS = [
  {
    order_no: 'ord_01JKZ8N1W4R5V6X7Y8Z9A0B1CD',
    kind: 'tier',
    asset: 'CNY',
    amount: '355.20',
    status: 'held',
    available_at: '2024-01-08T10:02:41Z',
  },
  {
    order_no: '1384950261773094521',
    kind: 'commission',
    asset: 'CNY',
    amount: '2.46',
    status: 'credited',
    available_at: '2024-01-01T08:00:00Z',
  },
] satisfies z.input<typeof routes.Reward>[];

/** With bronze's fee of 22 %. */
export const WITHDRAWAL = {
  body: {
    amount: '100.00',
    channel: 'alipay',
    account: 'zhaowei@example.com',
    account_name: '赵伟',
  } as const,
  data: {
    withdrawal_id: 'wd_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
    amount: '100.00',
    fee: '22.00',
    net: '78.00',
    status: 'pending' as const,
  },
};
