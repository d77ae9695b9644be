import { and, count, desc, eq, gt, inArray, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { vouchers, voucherTypes } from './money-tables.ts';

type Db = Pick<Ctx, 'db'>;

export type VoucherTypeRow = typeof voucherTypes.$inferSelect;

/** A user's voucher with its terms. */
const columns = {
  id: vouchers.id,
  userId: vouchers.userId,
  state: vouchers.state,
  orderId: vouchers.orderId,
  issuedAt: sql<number>`${vouchers.createdAt}`.as('issued_at'),
  usedAt: vouchers.usedAt,
  type: voucherTypes.type,
  value: voucherTypes.value,
  minAmount: voucherTypes.minAmount,
  plans: voucherTypes.plans,
  programs: voucherTypes.programs,
  startsAt: voucherTypes.startsAt,
  endsAt: voucherTypes.endsAt,
  voidedAt: voucherTypes.voidedAt,
};

export async function findVoucher({ db }: Db, id: string) {
  const [row] = await db
    .select(columns)
    .from(vouchers)
    .innerJoin(voucherTypes, eq(voucherTypes.id, vouchers.typeId))
    .where(eq(vouchers.id, id))
    .limit(1);
  return row ?? null;
}

export type VoucherRow = NonNullable<Awaited<ReturnType<typeof findVoucher>>>;
export type VoucherStatus = 'unused' | 'locked' | 'used' | 'expired';

/** How a voucher is shown: one that nobody used is expired by time, or when its type was made void. */
export function voucherStatus({ state, endsAt, voidedAt }: VoucherRow, now: number): VoucherStatus {
  return state === 'unused' && (endsAt <= now || voidedAt !== null) ? 'expired' : state;
}

export function listVoucherRows(
  { db }: Db,
  filter: { userId: string; status?: VoucherStatus; now: number },
  page: Page,
): Promise<Slice<VoucherRow>> {
  const over = or(lte(voucherTypes.endsAt, filter.now), isNotNull(voucherTypes.voidedAt));
  const running = and(gt(voucherTypes.endsAt, filter.now), isNull(voucherTypes.voidedAt));
  const states = {
    unused: and(eq(vouchers.state, 'unused'), running),
    expired: and(eq(vouchers.state, 'unused'), over),
    locked: eq(vouchers.state, 'locked'),
    used: eq(vouchers.state, 'used'),
  };
  const where = and(eq(vouchers.userId, filter.userId), filter.status && states[filter.status]);
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select(columns)
        .from(vouchers)
        .innerJoin(voucherTypes, eq(voucherTypes.id, vouchers.typeId))
        .where(where)
        .orderBy(desc(vouchers.id))
        .limit(limit)
        .offset(offset),
    db
      .select({ n: count() })
      .from(vouchers)
      .innerJoin(voucherTypes, eq(voucherTypes.id, vouchers.typeId))
      .where(where),
  );
}

export function insertVoucherType({ db }: Db, row: typeof voucherTypes.$inferInsert): Statement {
  return db.insert(voucherTypes).values(row);
}

/** Issues one to a user while its type stands; guard it. */
export function insertVoucher({ db }: Db, row: typeof vouchers.$inferInsert): Statement {
  return rawStatement(
    db,
    sql`
    insert into vouchers (id, type_id, user_id, created_at)
    select ${row.id}, id, ${row.userId}, ${row.createdAt} from voucher_types
    where id = ${row.typeId} and voided_at is null`,
  );
}

/** Makes a type void; guard it where it must not have been. Orders that locked one of it go on. */
export function voidVoucherType({ db }: Db, id: string, now: number): Statement {
  return db
    .update(voucherTypes)
    .set({ voidedAt: now })
    .where(and(eq(voucherTypes.id, id), isNull(voucherTypes.voidedAt)));
}

export async function findVoucherType({ db }: Db, id: string): Promise<VoucherTypeRow | null> {
  const [row] = await db.select().from(voucherTypes).where(eq(voucherTypes.id, id)).limit(1);
  return row ?? null;
}

/** Types, newest first, with how many of each were issued and used. */
export function listVoucherTypeRows({ db }: Db, page: Page) {
  return slice(
    db,
    page,
    (limit, offset) => selectCounted({ db }).orderBy(desc(voucherTypes.id)).limit(limit).offset(offset),
    db.select({ n: count() }).from(voucherTypes),
  );
}

/** A kind of voucher, with how many of it were issued and used. */
export interface CountedVoucherType {
  row: VoucherTypeRow;
  issued: number;
  used: number;
}

export function countVouchers({ db }: Db, typeId: string): Promise<CountedVoucherType[]> {
  return selectCounted({ db }).where(eq(voucherTypes.id, typeId)).limit(1);
}

function selectCounted({ db }: Db) {
  const issued = (state: string | null) =>
    sql<number>`(select count(*) from vouchers where type_id = voucher_types.id
      and (${state} is null or state = ${state}))`;
  return db
    .select({ row: voucherTypes, issued: issued(null).as('issued'), used: issued('used').as('used') })
    .from(voucherTypes);
}

/** Takes a user's voucher for an order, once and while its time lasts; guard it: of two orders at once one wins. */
export function lockVoucher(
  { db }: Db,
  { id, userId, orderId, now }: { id: string; userId: string; orderId: string; now: number },
): Statement {
  return db
    .update(vouchers)
    .set({ state: 'locked', orderId })
    .where(
      and(
        eq(vouchers.id, id),
        eq(vouchers.userId, userId),
        eq(vouchers.state, 'unused'),
        sql`exists (select 1 from voucher_types where id = type_id and voided_at is null
          and starts_at <= ${now} and ends_at > ${now})`,
      ),
    );
}

/** Uses what an order locked; guard it where the order has one. */
export function useVoucher({ db }: Db, orderId: string, now: number): Statement {
  return db
    .update(vouchers)
    .set({ state: 'used', usedAt: now })
    .where(and(eq(vouchers.orderId, orderId), eq(vouchers.state, 'locked')));
}

/** Gives back what orders locked. */
export function releaseVouchers({ db }: Db, orderIds: string[]): Statement {
  return db
    .update(vouchers)
    .set({ state: 'unused', orderId: null })
    .where(and(inArray(vouchers.orderId, orderIds), eq(vouchers.state, 'locked')));
}
