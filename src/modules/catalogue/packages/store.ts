import { and, asc, count, desc, eq, ne, type SQL, sql } from 'drizzle-orm';
import { contains } from '#db/contains';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { offers, packages, packageTypes, products } from '../tables.ts';

type Db = Pick<Ctx, 'db'>;

/** A membership package (seed 001). */
export interface Package {
  id: string;
  serial: number;
  code: string;
  name: string;
  status: 'active' | 'disabled';
  typeSerial: number | null;
  /** Minor units; null = not for sale. */
  price: number | null;
  /** Null = no end. */
  validityDays: number | null;
  description: string | null;
  createdAt: number;
  updatedAt: number;
}

const columns = {
  id: products.id,
  serial: products.serial,
  code: products.code,
  name: products.name,
  status: sql<'active' | 'disabled'>`${products.status}`.as('status'),
  typeSerial: packages.typeSerial,
  price: sql<
    number | null
  >`(select amount from offers where product_id = ${products.id} and period = 'fixed')`.as('price'),
  validityDays: packages.validityDays,
  description: packages.description,
  createdAt: products.createdAt,
  updatedAt: sql<number>`coalesce(${products.updatedAt}, ${products.createdAt})`.as('updated'),
};

const IS_THERE = and(eq(products.program, 'package'), ne(products.status, 'deleted'));

/** A package by its serial or its product id, whatever its status; nothing where it was deleted. Also for a batch. */
export function selectPackage({ db }: Db, by: { serial: number | SQL } | { id: string }) {
  return db
    .select(columns)
    .from(products)
    .innerJoin(packages, eq(packages.productId, products.id))
    .where(and(IS_THERE, 'id' in by ? eq(products.id, by.id) : eq(products.serial, by.serial)));
}

/** {@link selectPackage}; null where there is none. */
export async function findPackage(db: Db, by: { serial: number } | { id: string }): Promise<Package | null> {
  const [row] = await selectPackage(db, by);
  return row ?? null;
}

/** Newest first. */
export function listPackageRows(
  { db }: Db,
  filter: { name?: string; typeSerial?: number },
  page: Page,
): Promise<Slice<Package>> {
  const where = and(
    IS_THERE,
    filter.name === undefined ? undefined : contains(products.name, filter.name),
    filter.typeSerial === undefined ? undefined : eq(packages.typeSerial, filter.typeSerial),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select(columns)
        .from(products)
        .innerJoin(packages, eq(packages.productId, products.id))
        .where(where)
        .orderBy(desc(products.serial))
        .limit(limit)
        .offset(offset),
    db
      .select({ n: count() })
      .from(products)
      .innerJoin(packages, eq(packages.productId, products.id))
      .where(where),
  );
}

/** Every active package, oldest first. */
export function listActivePackages({ db }: Db) {
  return db
    .select({
      serial: products.serial,
      code: products.code,
      name: products.name,
      description: packages.description,
    })
    .from(products)
    .innerJoin(packages, eq(packages.productId, products.id))
    .where(and(eq(products.program, 'package'), eq(products.status, 'active')))
    .orderBy(asc(products.serial));
}

/** The code of the number that was taken last; `planIdOf` is the same in TypeScript. */
const CODE = sql`'MEM' || printf('%04d', value)`;
/** The package that the batch has just numbered. */
const NEWEST = sql`(select 'pkg_' || value from sequences where name = 'package')`;
/** Its number. */
export const NEWEST_SERIAL = sql`(select value from sequences where name = 'package')`;
/** Its code: what the audit log calls it. */
export const NEWEST_CODE = sql`(select ${CODE} from sequences where name = 'package')`;

/**
 * Takes the next serial and makes a package of it, in one batch, so that no number is given twice or lost.
 */
export function insertPackage(
  { db }: Db,
  row: {
    name: string;
    status: 'active' | 'disabled';
    typeSerial: number | null;
    price: number | null;
    validityDays: number | null;
    description: string | null;
    now: number;
  },
): [Statement, Statement, ...Statement[]] {
  const { name, status, now } = row;
  return [
    rawStatement(
      db,
      sql`insert into sequences (name, value) values ('package', 1)
        on conflict (name) do update set value = value + 1`,
    ),
    rawStatement(
      db,
      sql`
      insert into products (id, program, serial, code, name, status, created_at, updated_at)
      select 'pkg_' || value, 'package', value, ${CODE}, ${name}, ${status}, ${now}, ${now}
      from sequences where name = 'package'`,
    ),
    rawStatement(
      db,
      sql`
      insert into packages (product_id, type_serial, validity_days, description)
      values (${NEWEST}, ${row.typeSerial}, ${row.validityDays}, ${row.description})`,
    ),
    ...(row.price === null ? [] : [setPrice({ db }, NEWEST, row.price)]),
  ];
}

/** What an update changes; undefined stays as it is. */
export interface PackageChange {
  name: string;
  status?: 'active' | 'disabled';
  typeSerial?: number | null;
  price?: number | null;
  validityDays?: number | null;
  description?: string | null;
}

/** Changes a package that is switched off; guard the first statement: nothing changes where it is active. */
export function updatePackage(
  { db }: Db,
  id: string,
  change: PackageChange,
  now: number,
): [Statement, ...Statement[]] {
  const { name, status, price, ...rest } = change;
  const fields = Object.entries(rest).filter(([, value]) => value !== undefined);
  return [
    db
      .update(products)
      .set({ name, updatedAt: now, ...(status === undefined ? {} : { status }) })
      .where(and(eq(products.id, id), eq(products.status, 'disabled'))),
    ...(fields.length > 0
      ? [db.update(packages).set(Object.fromEntries(fields)).where(eq(packages.productId, id))]
      : []),
    ...(price === undefined ? [] : [setPrice({ db }, sql`${id}`, price)]),
    // An offer's days are its package's.
    ...(rest.validityDays === undefined
      ? []
      : [
          db
            .update(offers)
            .set({ days: rest.validityDays })
            .where(and(eq(offers.productId, id), eq(offers.period, 'fixed'))),
        ]),
  ];
}

function setPrice({ db }: Db, id: SQL, price: number | null): Statement {
  return rawStatement(
    db,
    price === null
      ? sql`delete from offers where product_id = ${id} and period = 'fixed'`
      : sql`
        insert into offers (product_id, period, days, amount, position)
        values (${id}, 'fixed', (select validity_days from packages where product_id = ${id}), ${price}, 0)
        on conflict (product_id, period) do update set amount = excluded.amount`,
  );
}

/** Switches a package on or off; guard it: nothing changes where it was deleted. */
export function setPackageStatus(
  { db }: Db,
  id: string,
  status: 'active' | 'disabled',
  now: number,
): Statement {
  return db
    .update(products)
    .set({ status, updatedAt: now })
    .where(and(eq(products.id, id), IS_THERE));
}

/**
 * Deletes a package that is switched off, that nobody holds and nobody is about to buy; guard the first statement. Its
 * row stays, for orders and the number that is not given again.
 */
export function deletePackage({ db }: Db, id: string, now: number): [Statement, Statement] {
  return [
    rawStatement(
      db,
      sql`
      update products set status = 'deleted', updated_at = ${now}
      where id = ${id} and status = 'disabled'
        and not exists (select 1 from grants where product_id = ${id} and voided_at is null
          and (until_at is null or until_at > ${now}
            -- The refund of what replaced it would bring it back.
            or replaced_by is not null and (restore_until_at is null or restore_until_at > ${now})))
        and not exists (select 1 from orders where product_id = ${id} and status = 'pending')`,
    ),
    // Its type can go now.
    db.update(packages).set({ typeSerial: null }).where(eq(packages.productId, id)),
  ];
}

/** Finds something where a type is not there (any more): for `abortIf`. */
export function isTypeMissing(typeSerial: number): SQL {
  return sql`select 1 where not exists (select 1 from ${packageTypes} where serial = ${typeSerial})`;
}

/** Finds something where a product was deleted: for `abortIf`. */
export function isDeleted(productId: string): SQL {
  return sql`select 1 from products where id = ${productId} and status = 'deleted'`;
}

/** Finds something where a product cannot be bought any more: for `abortIf`. */
export function isNotActive(productId: string): SQL {
  return sql`select 1 from products where id = ${productId} and status <> 'active'`;
}
