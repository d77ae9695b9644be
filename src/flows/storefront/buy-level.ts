import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import { HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { daysOf, type LevelPeriod, listLevels, type VipLevel } from '#modules/catalogue/vip/store';
import { selectGrants } from '#modules/commerce/holding-store';
import { findLastPaid, findOrder, insertOrder, type OrderRow } from '#modules/commerce/order-store';
import { heldAt } from '#modules/commerce/rules';
import { MOST_ORDERS_AN_HOUR } from '../commerce/place-order.ts';
import { getStorefront, minutes, type StorefrontSettings } from './settings.ts';

/** Orders a period of a level: `opening` is `<level>-<number>`. The first check that fails is told. */
export async function createLevelOrder(ctx: Ctx, opening: string): Promise<OrderRow> {
  const { userId } = requirePerson(ctx.actor);
  const settings = await getStorefront(ctx);
  if (opening === '') throw new AppError('vip_opening_missing');
  if (settings.is_user_buy !== '1') throw new AppError('vip_buying_off');
  const [, id = '', number = ''] = /^(\d+)-(\d*)$/.exec(opening) ?? [];
  if (id === '') throw new AppError('vip_opening_malformed');
  const { level, period } = await requireSold(ctx, (one) => one.serial === Number(id), number);
  await requireOpen(ctx, userId, level);
  return place(ctx, settings, userId, level, period, 'purchase');
}

/** Orders the period of the last paid order again, at today's price. */
export async function renewLevelOrder(ctx: Ctx): Promise<OrderRow> {
  const { userId } = requirePerson(ctx.actor);
  const settings = await getStorefront(ctx);
  if (settings.is_supported_renew_old_order !== '1') throw new AppError('vip_renewal_off');
  if (settings.is_user_buy !== '1') throw new AppError('vip_buying_off');
  const last = await findLastPaid(ctx, userId, 'vip');
  if (!last?.snapshot.vip) throw new AppError('vip_nothing_to_renew');
  const { number } = last.snapshot.vip;
  const { level, period } = await requireSold(ctx, (one) => one.productId === last.productId, number);
  await requireOpen(ctx, userId, level);
  return place(ctx, settings, userId, level, period, 'renew');
}

/** A level and a period of it that are sold, checked in the order of the spec. */
async function requireSold(ctx: Ctx, wanted: (level: VipLevel) => boolean, number: string) {
  const level = (await listLevels(ctx)).find(wanted);
  if (!level) throw new AppError('vip_level_missing');
  if (!level.enabled) throw new AppError('vip_level_disabled');
  if (!level.onSale) throw new AppError('vip_level_not_on_sale');
  if (level.periods.length === 0) throw new AppError('vip_periods_none');
  // Nothing after the dash is 0, and so is a period without a number: for ever.
  const period = level.periods.find((one) => daysOf(one.number) === daysOf(number));
  if (!period) throw new AppError('vip_period_missing');
  if (period.amount <= 0) throw new AppError('vip_price_missing');
  return { level, period };
}

/** The same level may be forbidden to be bought again while it is valid, and cannot be where it is for ever. */
async function requireOpen(ctx: Ctx, userId: string, level: VipLevel): Promise<void> {
  const held = heldAt(await selectGrants(ctx, userId, 'vip'), ctx.now);
  if (held?.productId !== level.productId) return;
  if (level.renewForbidden) throw new AppError('vip_renewal_forbidden');
  if (held.endsAt === null) throw new AppError('vip_for_ever_already');
}

async function place(
  ctx: Ctx,
  settings: StorefrontSettings,
  userId: string,
  level: VipLevel,
  period: LevelPeriod,
  kind: 'purchase' | 'renew',
): Promise<OrderRow> {
  const { number, value, unit, price, commission } = period;
  const row = {
    id: ctx.ids.next('ord', ctx.now),
    userId,
    owner: userId,
    program: 'vip' as const,
    kind,
    productId: level.productId,
    period: number,
    currency: ctx.site.currency,
    originalAmount: period.amount,
    finalAmount: period.amount,
    snapshot: {
      productName: level.name,
      title: `${level.name}(${value}${unit})`,
      days: daysOf(number) || null,
      vip: {
        serial: level.serial,
        name: level.name,
        imagesUrl: level.imagesUrl,
        number,
        value,
        unit,
        price,
        commission,
        carryOver: settings.carry_over,
      },
    },
    createdAt: ctx.now,
    expiresAt: ctx.now + minutes(settings.order_close_time),
  };
  await commit(ctx, [
    insertOrder(ctx, row, ctx.now - HOUR, MOST_ORDERS_AN_HOUR),
    guard(ctx, 'order_throttled'),
  ]);
  const order = await findOrder(ctx, row.id);
  if (!order) throw new Error('an order vanished after it was placed');
  return order;
}
