import { and, asc, eq, ne, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { offers, products, vipLevels } from '../tables.ts';
import type { OfferDetail } from '../types.ts';

type Db = Pick<Ctx, 'db'>;

/** A period that a level is sold for. */
export interface LevelPeriod extends OfferDetail {
  /** Days as they were typed; empty or `0` is for ever. */
  number: string;
  /** Minor units. */
  amount: number;
}

/** A storefront's level (seed 004). */
export interface VipLevel {
  productId: string;
  serial: number;
  name: string;
  imagesUrl: string;
  rulesMin: number;
  rulesMax: number;
  orderPrice: number;
  fullReductionPrice: number;
  discountRate: string;
  enabled: boolean;
  onSale: boolean;
  /** While it is valid it is not bought again; the wire's `is_supported_renew` says so with 1. */
  renewForbidden: boolean;
  periods: LevelPeriod[];
  createdAt: number;
  updatedAt: number | null;
}

/** Every level by id, switched off ones too, each with its periods in their order. */
export async function listLevels({ db }: Db): Promise<VipLevel[]> {
  const [levels, periods] = await db.batch([
    db
      .select({
        productId: products.id,
        serial: products.serial,
        name: products.name,
        status: products.status,
        imagesUrl: vipLevels.imagesUrl,
        rulesMin: vipLevels.rulesMin,
        rulesMax: vipLevels.rulesMax,
        orderPrice: vipLevels.orderPrice,
        fullReductionPrice: vipLevels.fullReductionPrice,
        discountRate: vipLevels.discountRate,
        onSale: vipLevels.onSale,
        renewForbidden: vipLevels.renewForbidden,
        createdAt: products.createdAt,
        updatedAt: products.updatedAt,
      })
      .from(products)
      .innerJoin(vipLevels, eq(vipLevels.productId, products.id))
      .where(and(eq(products.program, 'vip'), ne(products.status, 'deleted')))
      .orderBy(asc(products.serial)),
    db
      .select({
        productId: offers.productId,
        number: offers.period,
        amount: offers.amount,
        detail: offers.detail,
      })
      .from(offers)
      .innerJoin(products, eq(products.id, offers.productId))
      .where(eq(products.program, 'vip'))
      .orderBy(asc(offers.position)),
  ]);
  return levels.map(({ status, ...level }) => ({
    ...level,
    enabled: status === 'active',
    periods: periods
      .filter(({ productId }) => productId === level.productId)
      .map(({ number, amount, detail }) => ({
        number,
        amount,
        ...(detail ?? { price: '', value: '', unit: '', commission: '' }),
      })),
  }));
}

/** A level as an admin saves it, without its number. */
export type LevelFields = Omit<VipLevel, 'productId' | 'serial' | 'createdAt' | 'updatedAt'>;

/** Takes the program's next serial and makes a level of it; the statement that makes the product gives it back. */
export function insertLevel({ db }: Db, level: LevelFields, now: number): Statement[] {
  const id = sql`(select 'vip_' || value from sequences where name = 'vip')`;
  return [
    rawStatement(
      db,
      sql`insert into sequences (name, value) values ('vip', 1)
        on conflict (name) do update set value = value + 1`,
    ),
    rawStatement(
      db,
      sql`
      insert into products (id, program, serial, code, name, status, created_at, updated_at)
      select 'vip_' || value, 'vip', value, 'vip' || value, ${level.name}, ${level.enabled ? 'active' : 'disabled'},
        ${now}, null from sequences where name = 'vip'
      returning serial`,
    ),
    rawStatement(
      db,
      sql`
      insert into vip_levels (product_id, images_url, rules_min, rules_max, order_price, full_reduction_price,
        discount_rate, on_sale, renew_forbidden)
      values (${id}, ${level.imagesUrl}, ${level.rulesMin}, ${level.rulesMax}, ${level.orderPrice},
        ${level.fullReductionPrice}, ${level.discountRate}, ${level.onSale ? 1 : 0}, ${level.renewForbidden ? 1 : 0})`,
    ),
    ...level.periods.map((period, position) =>
      rawStatement(
        db,
        sql`
        insert into offers (product_id, period, days, amount, position, detail)
        values (${id}, ${period.number}, ${daysOf(period.number) || null}, ${period.amount}, ${position},
          ${JSON.stringify(detailOf(period))})`,
      ),
    ),
  ];
}

/**
 * Changes what is given of a level, and nothing else: two admins at once lose nothing. Guard the first statement:
 * nothing changes where it was deleted.
 */
export function changeLevel(
  { db }: Db,
  id: string,
  { name, enabled, periods, ...rest }: Partial<LevelFields>,
  now: number,
): [Statement, ...Statement[]] {
  const fields = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const status =
    enabled === undefined ? {} : { status: enabled ? ('active' as const) : ('disabled' as const) };
  return [
    db
      .update(products)
      .set({ updatedAt: now, ...(name === undefined ? {} : { name }), ...status })
      .where(and(eq(products.id, id), ne(products.status, 'deleted'))),
    ...(Object.keys(fields).length > 0
      ? [db.update(vipLevels).set(fields).where(eq(vipLevels.productId, id))]
      : []),
    ...(periods === undefined ? [] : [db.delete(offers).where(eq(offers.productId, id))]),
    ...(periods ?? []).map((period, position) =>
      db.insert(offers).values({
        productId: id,
        period: period.number,
        days: daysOf(period.number) || null,
        amount: period.amount,
        position,
        detail: detailOf(period),
      }),
    ),
  ];
}

/** Deletes a level that nobody holds or is about to buy; guard it. Its row stays for orders. */
export function deleteLevel({ db }: Db, id: string, now: number): Statement {
  return rawStatement(
    db,
    sql`
    update products set status = 'deleted', updated_at = ${now}
    where id = ${id} and status <> 'deleted'
      and not exists (select 1 from grants where product_id = ${id} and voided_at is null
        and (until_at is null or until_at > ${now}
          or replaced_by is not null and (restore_until_at is null or restore_until_at > ${now})))
      and not exists (select 1 from orders where product_id = ${id} and status = 'pending')
      and not exists (select 1 from vip_members where level_by_hand = ${id})`,
  );
}

/** Whole days of a period as it was typed; 0 is for ever. */
export function daysOf(number: string): number {
  return number.trim() === '' ? 0 : Number(number);
}

function detailOf({ price, value, unit, commission }: LevelPeriod): OfferDetail {
  return { price, value, unit, commission };
}
