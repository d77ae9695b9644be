import { and, count, desc, eq, getTableColumns, ne, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { withdrawals } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

/** A withdrawal with the number that surfaces show of its user. */
export type WithdrawalRow = typeof withdrawals.$inferSelect & { userSerial: number | null };

const columns = {
  ...getTableColumns(withdrawals),
  userSerial: sql<number | null>`(select u.serial from users u where u.id = ${withdrawals.userId})`.as(
    'user_serial',
  ),
};

export function insertWithdrawal(
  { db }: Db,
  row: Omit<typeof withdrawals.$inferInsert, 'serial'>,
): Statement {
  return db.insert(withdrawals).values(row);
}

/** By its serial or its id. */
export async function findWithdrawal(
  { db }: Db,
  by: { serial: number } | { id: string },
): Promise<WithdrawalRow | null> {
  const [row] = await db
    .select(columns)
    .from(withdrawals)
    .where('id' in by ? eq(withdrawals.id, by.id) : eq(withdrawals.serial, by.serial));
  return row ?? null;
}

/** Newest first; of one user or of all. */
export function listWithdrawalRows(
  { db }: Db,
  filter: { userId?: string; status?: WithdrawalRow['status'] },
  page: Page,
): Promise<Slice<WithdrawalRow>> {
  const where = and(
    filter.userId === undefined ? undefined : eq(withdrawals.userId, filter.userId),
    filter.status && eq(withdrawals.status, filter.status),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select(columns)
        .from(withdrawals)
        .where(where)
        .orderBy(desc(withdrawals.serial))
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(withdrawals).where(where),
  );
}

/** Decides a pending one; guard it. Of somebody who is gone by now it forgets where the money went. */
export function decideWithdrawal(
  { db }: Db,
  id: string,
  set: { status: 'approved' | 'rejected'; reason?: string; decidedAt: number },
): Statement {
  return db
    .update(withdrawals)
    .set({
      ...set,
      account: unlessGone(withdrawals.account),
      accountName: unlessGone(withdrawals.accountName),
    })
    .where(and(eq(withdrawals.id, id), eq(withdrawals.status, 'pending')));
}

function unlessGone(column: SQLiteColumn) {
  return sql`iif((select u.status from users u where u.id = ${withdrawals.userId}) = 'deleted', null, ${column})`;
}

/** Forgets where somebody's money went; where some still has to go is forgotten when that is decided. */
export function erasePayees({ db }: Db, userId: string): Statement {
  return db
    .update(withdrawals)
    .set({ account: null, accountName: null })
    .where(and(eq(withdrawals.userId, userId), ne(withdrawals.status, 'pending')));
}
