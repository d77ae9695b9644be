import type { z } from '@hono/zod-openapi';
import type { Equity, Member } from './members.routes.ts';

/** Seed 003: the ladder that every site begins with. */
const MADE = { created_at: '2020-01-11 14:29:10', updated_at: '2020-01-11 14:29:10' };

const flag = (key: string, desc: string) => ({ key, desc, value: null });

/** What a tier grants: its fee, then its flags, then what its invitees bring. */
function equities(fee: string, ...more: z.input<typeof Member>['equities']) {
  return [
    flag('return:commission', '购物返佣100%'),
    { key: 'platform:services', desc: `平台服务费${fee}%`, rate: fee },
    flag('elc:amount', 'ECL发车额度'),
    flag('elc:experience', 'ECL发车体验金'),
    flag('coupons', '海量优惠卷'),
    ...more,
  ];
}

const GIFT = flag('member:gift', '会员礼包');
const SHARE = { key: 'direct:reward', desc: '一级推荐奖励10%' };

function rewards(rate: string) {
  const of = (level: string, name: string) => ({
    key: `direct:${level}:reward`,
    desc: `推荐${name}会员奖${rate}%`,
    m_rate: rate,
    z_rate: rate,
  });
  return [
    of('bronze', '青铜'),
    of('gold', '黄金'),
    of('platina', '白金'),
    of('platinum', '铂金'),
    of('diamond', '钻石'),
  ];
}

const COMMON = {
  id: 1,
  name: '普通会员',
  icon: null,
  level: 'common',
  cover: ' ',
  condition: null,
  gift_info: null,
  equities: equities('35', { ...SHARE, rate: '20' }),
  ...MADE,
} satisfies z.input<typeof Member>;

const BRONZE = {
  id: 2,
  name: '青铜会员',
  icon: null,
  level: 'bronze',
  cover: ' ',
  condition: { direct: { limit: '100', price: '99', cost_price: '0.01' }, indirect: null },
  gift_info: { name: '礼品一', cover: '', content: ['礼包1', '礼包二'], receive: { url: '', code: '' } },
  equities: equities('22', GIFT, { ...SHARE, rate: '20' }, ...rewards('40')),
  ...MADE,
} satisfies z.input<typeof Member>;

export const GOLD = {
  id: 3,
  name: '黄金会员',
  icon: null,
  level: 'gold',
  cover: ' ',
  condition: {
    direct: { limit: '500', price: '888', cost_price: '0.01' },
    indirect: { num: 100, level: 'bronze' },
  },
  gift_info: { name: '礼品一', cover: '', content: ['礼包1', '礼包二'], receive: null },
  equities: equities('18', GIFT, { ...SHARE, value: null }, ...rewards('50')),
  ...MADE,
} satisfies z.input<typeof Member>;

const known = (id: number, key: string, desc: string): z.input<typeof Equity> => ({
  id,
  desc,
  key,
  use_icon: null,
  unused_icon: null,
  ...MADE,
});

/** Of the six tiers the first three. */
export const LADDER = {
  members: [COMMON, BRONZE, GOLD],
  equities: [
    known(1, 'return:commission', '购物返佣100%'),
    known(2, 'platform:services', '平台服务'),
    known(3, 'elc:amount', 'ELC发车额度'),
    known(4, 'elc:experience', 'ELC发车体验金'),
    known(5, 'coupons', '海量优惠卷'),
    known(6, 'member:gift', '会员大礼包'),
    known(7, 'direct:reward', '一级推荐奖'),
    known(8, 'direct:bronze:reward', '推青铜会员奖励'),
    known(9, 'direct:gold:reward', '推黄金会员奖励'),
    known(10, 'direct:platina:reward', '推白金会员奖励'),
    known(11, 'direct:platinum:reward', '推白铂金员奖励'),
    known(12, 'direct:diamond:reward', '推白钻石员奖励'),
    known(13, 'platform:once:bonus', '享平台一次分红'),
    known(14, 'platform:twice:bonus', '享平台二次分红'),
  ],
};

const CHANGE = {
  name: '青铜会员',
  icon: 'http://szl.qingchuanren.com/bc947b9a049ef8d0421d7c08c66595f1.png',
  cover: 'http://szl.qingchuanren.com/5b7bd84c46efaff25235a8ef7f8d6f51.png',
  condition: { direct: { limit: '100', price: '99', cost_price: '0.01' } },
  gift_info: {
    name: '测试礼包',
    cover: '',
    content: ['课程一', '课程二', '课程三'],
    receive: { url: 'http://wwww.receive.com/sadas', code: '领取码' },
  },
  equities: BRONZE.equities.map((one) =>
    one.key === 'direct:bronze:reward' ? { ...one, z_elc_rate: '10' } : one,
  ),
};

/** Seed 003's update of bronze; its rewards with a part in ELC. */
export const UPDATE = {
  body: CHANGE,
  data: {
    message: '更新成功',
    member: {
      ...BRONZE,
      ...CHANGE,
      condition: BRONZE.condition,
      updated_at: '2020-01-15 14:57:24',
    } satisfies z.input<typeof Member>,
  },
};

/** Of an equity. */
export const LOOK = {
  use_icon: 'https://cdn.example.com/equities/services.png',
  unused_icon: 'https://cdn.example.com/equities/services-grey.png',
  desc: '平台服务',
};
