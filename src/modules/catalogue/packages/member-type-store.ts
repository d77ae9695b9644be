import { and, asc, count, desc, eq, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { packages, packageTypes } from '../tables.ts';

type Db = Pick<Ctx, 'db'>;
export type MemberTypeRow = typeof packageTypes.$inferSelect;

export async function findMemberTypeRow({ db }: Db, serial: number): Promise<MemberTypeRow | null> {
  const [row] = await db.select().from(packageTypes).where(eq(packageTypes.serial, serial));
  return row ?? null;
}

/** Newest first. */
export function listMemberTypeRows({ db }: Db, page: Page): Promise<Slice<MemberTypeRow>> {
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(packageTypes).orderBy(desc(packageTypes.serial)).limit(limit).offset(offset),
    db.select({ n: count() }).from(packageTypes),
  );
}

/** Every active type, oldest first. */
export function listActiveMemberTypeRows({ db }: Db): Promise<MemberTypeRow[]> {
  return db
    .select()
    .from(packageTypes)
    .where(eq(packageTypes.active, true))
    .orderBy(asc(packageTypes.serial));
}

/** Gives the row back. */
export function insertMemberTypeRow({ db }: Db, row: Omit<typeof packageTypes.$inferInsert, 'serial'>) {
  return db.insert(packageTypes).values(row).returning();
}

/** Gives the row back. Guard it: nothing changes where it is gone. */
export function updateMemberTypeRow(
  { db }: Db,
  serial: number,
  set: { code?: string; name?: string; active?: boolean; updatedAt: number },
) {
  return db.update(packageTypes).set(set).where(eq(packageTypes.serial, serial)).returning();
}

/** Guard it: a type that a package has stays. */
export function deleteMemberTypeRow({ db }: Db, serial: number): Statement {
  return db
    .delete(packageTypes)
    .where(
      and(
        eq(packageTypes.serial, serial),
        sql`not exists (select 1 from ${packages} where ${packages.typeSerial} = ${serial})`,
      ),
    );
}
