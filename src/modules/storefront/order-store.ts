import { and, count, desc, eq, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import type { OrderRow } from '#modules/commerce/order-store';
import { orders } from '#modules/commerce/tables';

type Db = Pick<Ctx, 'db'>;

/** 0 to be paid, 1 paid, 2 cancelled, 3 closed (seed 004); what was refunded is closed. */
export type LevelOrderStatus = 0 | 1 | 2 | 3;

export function statusOf(
  { status, expiresAt, closedReason }: Pick<OrderRow, 'status' | 'expiresAt' | 'closedReason'>,
  now: number,
): LevelOrderStatus {
  if (status === 'paid') return 1;
  if (status === 'pending' && expiresAt > now) return 0;
  return status === 'closed' && closedReason === 'cancelled' ? 2 : 3;
}

/** {@link statusOf} as a condition. */
function hasStatus(status: LevelOrderStatus, now: number): SQL {
  switch (status) {
    case 0:
      return sql`${orders.status} = 'pending' and ${orders.expiresAt} > ${now}`;
    case 1:
      return sql`${orders.status} = 'paid'`;
    case 2:
      return sql`${orders.status} = 'closed' and ${orders.closedReason} = 'cancelled'`;
    case 3:
      return sql`(${orders.status} = 'refunded' or ${orders.status} = 'pending' and ${orders.expiresAt} <= ${now}
        or ${orders.status} = 'closed' and ${orders.closedReason} is not 'cancelled')`;
  }
}

/** Somebody's orders of levels, newest first; `keywords` is sought literally in order numbers and level names. */
export function listLevelOrders(
  { db }: Db,
  owner: string,
  filter: { status?: LevelOrderStatus; keywords?: string; now: number },
  page: Page,
): Promise<Slice<OrderRow>> {
  const { status, keywords, now } = filter;
  const has = (column: SQL) => sql`instr(lower(${column}), lower(${keywords ?? ''})) > 0`;
  const where = and(
    isTheirs(owner),
    status === undefined ? undefined : hasStatus(status, now),
    keywords === undefined
      ? undefined
      : or(has(sql`${orders.id}`), has(sql`json_extract(${orders.snapshot}, '$.vip.name')`)),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(orders).where(where).orderBy(desc(orders.serial)).limit(limit).offset(offset),
    db.select({ n: count() }).from(orders).where(where),
  );
}

/** One of somebody's orders of levels, by its serial or its number. */
export async function findLevelOrder({ db }: Db, owner: string, id: string): Promise<OrderRow | null> {
  const [row] = await db
    .select()
    .from(orders)
    .where(
      and(isTheirs(owner), /^[1-9]\d{0,14}$/.test(id) ? eq(orders.serial, Number(id)) : eq(orders.id, id)),
    );
  return row ?? null;
}

/** Takes an order that ended unpaid out of its owner's list; guard it. */
export function hideOrder({ db }: Db, id: string, now: number): Statement {
  return db
    .update(orders)
    .set({ hiddenAt: now })
    .where(
      and(
        eq(orders.id, id),
        isNull(orders.hiddenAt),
        or(
          inArray(orders.status, ['closed', 'refunded']),
          sql`${orders.status} = 'pending' and ${orders.expiresAt} <= ${now}`,
        ),
      ),
    );
}

function isTheirs(owner: string) {
  return and(eq(orders.owner, owner), eq(orders.program, 'vip'), isNull(orders.hiddenAt));
}
