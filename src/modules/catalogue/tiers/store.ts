import { asc, eq, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { equities, products, tiers } from '../tables.ts';
import type { EquityGrant, Gift, TierCondition } from '../types.ts';

type Db = Pick<Ctx, 'db'>;

/** A tier of the alliance (seed 003). Its level is the product's code. */
export interface Tier {
  id: string;
  serial: number;
  rank: number;
  level: string;
  name: string;
  icon: string | null;
  cover: string | null;
  /** Null where it cannot be reached by anybody: `common`, or one that was taken off sale. */
  condition: TierCondition | null;
  gift: Gift | null;
  equities: EquityGrant[];
  createdAt: number;
  updatedAt: number;
}

export type Equity = typeof equities.$inferSelect;

/** The six tiers, lowest first; for a batch. */
export function selectTiers({ db }: Db) {
  return db
    .select({
      id: products.id,
      serial: products.serial,
      rank: tiers.rank,
      level: products.code,
      name: products.name,
      icon: tiers.icon,
      cover: tiers.cover,
      price: sql<
        number | null
      >`(select amount from offers where product_id = ${products.id} and period = 'once')`.as('price'),
      eocLimit: tiers.eocLimit,
      costPrice: tiers.costPrice,
      inviteeCount: tiers.inviteeCount,
      inviteeLevel: tiers.inviteeLevel,
      gift: tiers.gift,
      equities: tiers.equities,
      createdAt: products.createdAt,
      updatedAt: sql<number>`coalesce(${products.updatedAt}, ${products.createdAt})`.as('updated'),
    })
    .from(products)
    .innerJoin(tiers, eq(tiers.productId, products.id))
    .orderBy(asc(tiers.rank));
}

export async function listTiers(ctx: Db): Promise<Tier[]> {
  return (await selectTiers(ctx)).map(toTier);
}

export function toTier({
  price,
  eocLimit,
  costPrice,
  inviteeCount,
  inviteeLevel,
  ...row
}: Awaited<ReturnType<typeof selectTiers>>[number]): Tier {
  const indirect =
    inviteeCount === null || inviteeLevel === null ? null : { num: inviteeCount, level: inviteeLevel };
  const condition = price === null ? null : { direct: { price, limit: eocLimit ?? 0, costPrice }, indirect };
  return { ...row, condition };
}

/** What changes of a tier; undefined stays as it is, null is none. */
export interface TierChange {
  name?: string;
  icon?: string | null;
  cover?: string | null;
  condition?: TierCondition | null;
  gift?: Gift | null;
  equities?: EquityGrant[];
}

export function updateTier({ db }: Db, id: string, change: TierChange, now: number): Statement[] {
  const { name, condition, ...rest } = change;
  const reached =
    condition === undefined
      ? {}
      : {
          eocLimit: condition?.direct.limit ?? null,
          costPrice: condition?.direct.costPrice ?? null,
          inviteeCount: condition?.indirect?.num ?? null,
          inviteeLevel: condition?.indirect?.level ?? null,
        };
  const set = Object.fromEntries(
    Object.entries({ ...rest, ...reached }).filter(([, value]) => value !== undefined),
  );
  return [
    db
      .update(products)
      .set({ updatedAt: now, ...(name === undefined ? {} : { name }) })
      .where(eq(products.id, id)),
    ...(Object.keys(set).length > 0 ? [db.update(tiers).set(set).where(eq(tiers.productId, id))] : []),
    ...(condition === undefined ? [] : [setPrice({ db }, id, condition?.direct.price ?? null)]),
  ];
}

function setPrice({ db }: Db, id: string, price: number | null): Statement {
  return rawStatement(
    db,
    price === null
      ? sql`delete from offers where product_id = ${id} and period = 'once'`
      : sql`
        insert into offers (product_id, period, days, amount, position) values (${id}, 'once', null, ${price}, 0)
        on conflict (product_id, period) do update set amount = excluded.amount`,
  );
}

/** The fourteen equities by id; for a batch. */
export function selectEquities({ db }: Db) {
  return db.select().from(equities).orderBy(asc(equities.id));
}

/** Guard it: nothing changes where there is no such equity. */
export function updateEquity(
  { db }: Db,
  id: number,
  set: { useIcon?: string | null; unusedIcon?: string | null; description?: string },
  now: number,
): Statement {
  return db
    .update(equities)
    .set({ ...set, updatedAt: now })
    .where(eq(equities.id, id));
}
