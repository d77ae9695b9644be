import type { z } from '@hono/zod-openapi';
import type { HeldLevel } from '#flows/storefront/level-of';
import type { LevelOrder } from '#flows/storefront/level-orders';
import type { StorefrontSettings } from '#flows/storefront/settings';
import { formatLocal } from '#kernel/calendar';
import { DAY, HOUR, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { formatDecimal } from '#kernel/money';
import type { Slice } from '#kernel/page';
import type { VipLevel } from '#modules/catalogue/vip/store';
import { type LevelOrderStatus, statusOf } from '#modules/storefront/order-store';
import type { ProfitRow, TeamRow } from '#modules/storefront/store';
import { maskEmail, maskPhone } from '#security/mask';
import type * as schemas from './schemas.ts';

/** Everything here is a text: ids, numbers and counts too (seed 004). */

/** `base`: settings by the seed's names; lines are a list where there are some. */
export function toBase({
  is_enable,
  carry_over,
  ...settings
}: StorefrontSettings): z.input<typeof schemas.Base> {
  const lines = (text: string): '' | string[] => (text === '' ? '' : text.split(/\r?\n/).filter(Boolean));
  return {
    ...settings,
    not_opening_vip_desc: lines(settings.not_opening_vip_desc),
    user_vip_center_notice: lines(settings.user_vip_center_notice),
  };
}

export function toLevel(level: VipLevel, timeZone: string): z.input<typeof schemas.Level> {
  const added = formatLocal(timeZone, level.createdAt);
  return {
    id: String(level.serial),
    name: level.name,
    images_url: level.imagesUrl,
    rules_min: String(level.rulesMin),
    rules_max: String(level.rulesMax),
    order_price: formatDecimal(level.orderPrice),
    full_reduction_price: formatDecimal(level.fullReductionPrice),
    discount_rate: level.discountRate,
    is_enable: level.enabled ? '1' : '0',
    is_supported_pay_buy: level.onSale ? '1' : '0',
    is_supported_renew: level.renewForbidden ? '1' : '0',
    pay_period_rules:
      level.periods.length === 0
        ? ''
        : level.periods.map(({ number, value, unit, price, commission }) => ({
            number,
            value,
            unit,
            price,
            commission,
          })),
    add_time: added,
    upd_time: level.updatedAt === null ? '' : formatLocal(timeZone, level.updatedAt),
    images_url_old: level.imagesUrl,
    add_time_time: added,
    add_time_date: added.slice(0, 10),
  };
}

/** Providers as a front end lists them. The numbers are ours and never change. */
const PAYMENTS: Record<string, { id: string; name: string }> = {
  wallet: { id: '1', name: '钱包支付' },
  wxpay: { id: '2', name: '微信支付' },
  alipay: { id: '3', name: '支付宝' },
  stripe: { id: '4', name: 'Stripe' },
  sandbox: { id: '5', name: '沙箱支付' },
};

export function toPayment(provider: string): z.input<typeof schemas.Payment> {
  const { id, name } = PAYMENTS[provider] ?? { id: provider, name: provider };
  return { id, name, logo: '', payment: provider };
}

/** What levels can be paid with, the first one chosen beforehand. */
export function toPayments(ctx: Ctx) {
  const payment_list = ['wallet', ...ctx.payments.names()].map(toPayment);
  return { payment_list, default_payment_id: payment_list[0]?.id ?? '' };
}

const STATUS_NAMES = { 0: '待支付', 1: '已支付', 2: '已取消', 3: '已关闭' } as const satisfies Record<
  LevelOrderStatus,
  string
>;

export function toOrder({ order, profits }: LevelOrder, ctx: Ctx): z.input<typeof schemas.Order> {
  const { vip } = order.snapshot;
  const status = statusOf(order, ctx.now);
  const settled =
    profits.some((one) => one.status === 'settled') && profits.every((one) => one.status !== 'pending');
  const times = {
    add_time: order.createdAt,
    pay_time: order.paidAt,
    upd_time: order.closedAt ?? order.paidAt,
  };
  const payment = order.provider === null ? null : toPayment(order.provider);
  return {
    id: String(order.serial),
    payment_user_order_no: order.id,
    level_id: String(vip?.serial ?? ''),
    level_data: {
      id: String(vip?.serial ?? ''),
      name: vip?.name ?? '',
      images_url: vip?.imagesUrl ?? '',
    },
    number: vip?.number ?? '',
    period_value: vip?.value ?? '',
    period_unit: vip?.unit ?? '',
    price: formatDecimal(order.originalAmount),
    pay_price: formatDecimal(order.paidAmount),
    status: `${status}`,
    status_name: STATUS_NAMES[status],
    type: order.kind === 'renew' ? '1' : '0',
    type_name: order.kind === 'renew' ? '续费' : '正常购买',
    settlement_status: settled ? '1' : '0',
    settlement_status_name: settled ? '已结算' : '未结算',
    profit_price_total: formatDecimal(
      profits.filter((one) => one.status !== 'void').reduce((sum, { amount }) => sum + amount, 0),
    ),
    payment_id: payment?.id ?? '',
    payment_name: payment?.name ?? '',
    ...twins(times, ctx.site.timeZone),
  };
}

const PROFIT_STATUS = {
  pending: ['0', '待结算'],
  settled: ['1', '已结算'],
  void: ['2', '已失效'],
} as const;
const GENERATIONS = ['', '一级', '二级', '三级'];

export function toProfit(row: ProfitRow, timeZone: string): z.input<typeof schemas.Profit> {
  const [status, status_name] = PROFIT_STATUS[row.status];
  return {
    id: String(row.serial),
    total_price: formatDecimal(row.total),
    profit_price: formatDecimal(row.amount),
    level: String(row.generation),
    level_name: GENERATIONS[row.generation] ?? '',
    status,
    status_name,
    ...twins({ add_time: row.createdAt, upd_time: row.updatedAt }, timeZone),
  };
}

export function toTeamMember(row: TeamRow, timeZone: string): z.input<typeof schemas.Invitee> {
  const shown = row.nickname ?? (row.phone && maskPhone(row.phone)) ?? (row.email && maskEmail(row.email));
  return {
    id: String(row.serial),
    avatar: row.avatar ?? '',
    user_name_view: shown ?? '',
    order_total: formatDecimal(row.orderTotal),
    find_order_total: formatDecimal(row.findOrderTotal),
    referrer_count: String(row.referrerCount),
    ...twins({ add_time: row.createdAt }, timeZone),
  };
}

const DAYS = [DAY, '天'] as const;
const HOURS = [HOUR, '小时'] as const;
const MINUTES = [MINUTE, '分钟'] as const;

/** What is left of a level, in the largest unit that fills one. */
export function toUserVip(
  held: HeldLevel | null,
  now: number,
  timeZone: string,
): z.input<typeof schemas.Mine>['user_vip'] {
  if (!held) return '';
  const { model, level, endsAt } = held;
  const left = endsAt === null ? 0 : endsAt - now;
  const [size, unit] = left >= DAY ? DAYS : left >= HOUR ? HOURS : MINUTES;
  return {
    user_vip_model: model,
    level_name: level.name,
    icon: level.imagesUrl,
    is_permanent: endsAt === null ? '1' : '0',
    surplus_time_number: endsAt === null ? '' : String(Math.max(1, Math.floor(left / size))),
    surplus_time_unit: endsAt === null ? '' : unit,
    expire_time: endsAt === null ? '' : formatLocal(timeZone, endsAt),
  };
}

export function toList<T, W>({ items, total, pageSize }: Slice<T>, map: (item: T) => W) {
  return {
    total: String(total),
    page_total: String(Math.ceil(total / pageSize)),
    data: items.map(map),
  };
}

/** Times, each with its twin that says it again and the one of its day. */
function twins<N extends string>(
  times: Record<N, number | null>,
  timeZone: string,
): Record<`${N}${'' | '_time' | '_date'}`, string> {
  return Object.fromEntries(
    Object.entries<number | null>(times).flatMap(([name, at]) => {
      const text = at === null ? '' : formatLocal(timeZone, at);
      return [
        [name, text],
        [`${name}_time`, text],
        [`${name}_date`, text.slice(0, 10)],
      ];
    }),
  ) as Record<`${N}${'' | '_time' | '_date'}`, string>;
}
