import { and, count, desc, eq, gt, gte, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import type { Program } from '#kernel/programs';
import { vouchers } from './money-tables.ts';
import { orders } from './tables.ts';
import type { CreditShare } from './types.ts';

type Db = Pick<Ctx, 'db'>;

export type OrderRow = typeof orders.$inferSelect;

/** Logs of what nobody ordered: a tier that was reached, or given by hand. */
const NOT_ORDERED = sql`('promotion', 'manual')`;

/** Places an order unless its user placed `most` since `since`; guard it. */
export function insertOrder(
  { db }: Db,
  row: typeof orders.$inferInsert,
  since: number,
  most: number,
): Statement {
  return rawStatement(
    db,
    sql`
    insert into orders (id, user_id, owner, program, kind, product_id, period, currency, original_amount,
      discount_amount, credit_amount, token_amount, token_held, final_amount, voucher_id, auto_renew, automatic, holding_version, snapshot,
      created_at, expires_at)
    select ${row.id}, ${row.userId}, ${row.owner}, ${row.program}, ${row.kind}, ${row.productId ?? null},
      ${row.period ?? null}, ${row.currency}, ${row.originalAmount}, ${row.discountAmount ?? 0},
      ${row.creditAmount ?? 0}, ${row.tokenAmount ?? 0}, ${row.tokenHeld ?? 0}, ${row.finalAmount}, ${row.voucherId ?? null}, ${row.autoRenew ? 1 : 0},
      ${row.automatic ? 1 : 0}, ${row.holdingVersion ?? 0}, ${JSON.stringify(row.snapshot)}, ${row.createdAt}, ${row.expiresAt}
    where (select count(*) from orders
      where user_id = ${row.userId} and created_at > ${since} and kind not in ${NOT_ORDERED}) < ${most}`,
  );
}

/** How many orders a user placed since a time. */
export async function countOrders({ db }: Db, userId: string, since: number): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(orders)
    .where(and(eq(orders.userId, userId), gt(orders.createdAt, since)));
  return row?.n ?? 0;
}

/** Closes a pending order; guard it where it must have been pending. */
export function closeOrder(
  { db }: Db,
  id: string,
  reason: NonNullable<OrderRow['closedReason']>,
  now: number,
): Statement {
  return db
    .update(orders)
    .set({ status: 'closed', closedAt: now, closedReason: reason })
    .where(and(eq(orders.id, id), eq(orders.status, 'pending')));
}

/** The order that is pending in a program, payable or not. */
export async function findOpenOrder({ db }: Db, owner: string, program: Program): Promise<OrderRow | null> {
  const [row] = await db
    .select()
    .from(orders)
    .where(and(eq(orders.owner, owner), eq(orders.program, program), eq(orders.status, 'pending')));
  return row ?? null;
}

export async function findOrder({ db }: Db, id: string): Promise<OrderRow | null> {
  const [row] = await db.select().from(orders).where(eq(orders.id, id)).limit(1);
  return row ?? null;
}

/** By its id, or by the number that surfaces with numbers show. */
export async function findOrderBy(
  { db }: Db,
  by: { serial: number } | { id: string },
): Promise<OrderRow | null> {
  const [row] = await db
    .select()
    .from(orders)
    .where('id' in by ? eq(orders.id, by.id) : eq(orders.serial, by.serial))
    .limit(1);
  return row ?? null;
}

/** The newest order of a program that its owner paid for. */
export async function findLastPaid({ db }: Db, owner: string, program: Program): Promise<OrderRow | null> {
  const [row] = await db
    .select()
    .from(orders)
    .where(and(eq(orders.owner, owner), eq(orders.program, program), eq(orders.status, 'paid')))
    .orderBy(desc(orders.paidAt), desc(orders.serial))
    .limit(1);
  return row ?? null;
}

export async function listOrders({ db }: Db, owners: string[], page: Page): Promise<Slice<OrderRow>> {
  const where = and(inArray(orders.owner, owners), isNull(orders.hiddenAt));
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(orders).where(where).orderBy(desc(orders.serial)).limit(limit).offset(offset),
    db.select({ n: count() }).from(orders).where(where),
  );
}

/** Orders of the site, newest first. */
export function searchOrderRows(
  { db }: Db,
  filter: {
    user?: string;
    status?: OrderRow['status'];
    program?: OrderRow['program'];
    from?: number;
    to?: number;
  },
  page: Page,
): Promise<Slice<OrderRow>> {
  const { user, status, program, from, to } = filter;
  const where = and(
    user === undefined ? undefined : or(eq(orders.userId, user), eq(orders.owner, user)),
    status && eq(orders.status, status),
    program && eq(orders.program, program),
    from === undefined ? undefined : gte(orders.createdAt, from),
    to === undefined ? undefined : lte(orders.createdAt, to),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(orders).where(where).orderBy(desc(orders.serial)).limit(limit).offset(offset),
    db.select({ n: count() }).from(orders).where(where),
  );
}

/** Pending → paid, or (a late payment) closed → paid; guard it. */
export function markOrderPaid(
  { db }: Db,
  id: string,
  set: { provider: string; paidAmount: number; paidAt: number },
  from: 'pending' | 'closed' = 'pending',
): Statement {
  return db
    .update(orders)
    .set({ status: 'paid', closedAt: null, closedReason: null, hiddenAt: null, ...set })
    .where(and(eq(orders.id, id), eq(orders.status, from)));
}

/** Can no longer be paid, and no attempt is open; or is a day old, whatever its provider says. */
function isExpired(now: number, lastWait: number) {
  return and(
    eq(orders.status, 'pending'),
    lte(orders.expiresAt, now),
    or(
      lte(orders.expiresAt, lastWait),
      sql`not exists (select 1 from payment_attempts where order_id = orders.id and ask_at is not null)`,
    ),
  );
}

/** Expired orders that hold EOC: each is closed by itself, since it gives them back. */
export function findExpiredHolders({ db }: Db, now: number, lastWait: number, limit: number) {
  return db
    .select()
    .from(orders)
    .where(and(isExpired(now, lastWait), gt(orders.tokenHeld, 0)))
    .limit(limit);
}

/** Closes all other expired orders; their vouchers are free again. */
export function closeExpiredOrders({ db }: Db, now: number, lastWait: number): Statement[] {
  return [
    db
      .update(orders)
      .set({ status: 'closed', closedAt: now, closedReason: 'expired' })
      .where(and(isExpired(now, lastWait), eq(orders.tokenHeld, 0))),
    db
      .update(vouchers)
      .set({ state: 'unused', orderId: null })
      .where(
        and(
          eq(vouchers.state, 'locked'),
          sql`${vouchers.orderId} in (select id from orders
            where status = 'closed' and closed_at = ${now} and voucher_id is not null)`,
        ),
      ),
  ];
}

/** Notes which orders' value went into one, for its refund to give back. */
export function setCredits({ db }: Db, id: string, credits: CreditShare[]): Statement {
  return rawStatement(
    db,
    sql`update orders set snapshot = json_set(snapshot, '$.credits', json(${JSON.stringify(credits)})) where id = ${id}`,
  );
}

/** An order that is paid has spent what it held. */
export function spendHeld({ db }: Db, id: string): Statement {
  return db.update(orders).set({ tokenHeld: 0 }).where(eq(orders.id, id));
}

/** Whether something was ordered in the same program after this order. */
export async function isOutdated({ db }: Db, order: OrderRow): Promise<boolean> {
  const [newer] = await db
    .select({ id: orders.id })
    .from(orders)
    .where(
      and(
        eq(orders.owner, order.owner),
        eq(orders.program, order.program),
        gt(orders.serial, order.serial),
        sql`${orders.kind} not in ${NOT_ORDERED}`,
      ),
    )
    .limit(1);
  return newer !== undefined;
}

/** Takes a refund out of an order that is as it was read; guard it. */
export function refundOrderRow(
  { db }: Db,
  order: Pick<OrderRow, 'id' | 'refundedAmount' | 'creditedAmount'>,
  amount: number,
  full: boolean,
): Statement {
  return db
    .update(orders)
    .set({
      refundedAmount: order.refundedAmount + amount,
      ...(full ? { status: 'refunded' as const } : {}),
    })
    .where(
      and(
        eq(orders.id, order.id),
        inArray(orders.status, ['paid', 'refunded']),
        eq(orders.refundedAmount, order.refundedAmount),
        eq(orders.creditedAmount, order.creditedAmount),
      ),
    );
}

/** Takes an upgrade's credit out of an order that paid for it, as far as it is there; guard it. Negative gives back. */
export function creditOrder({ db }: Db, id: string, amount: number): Statement {
  return db
    .update(orders)
    .set({ creditedAmount: sql`${orders.creditedAmount} + ${amount}` })
    .where(
      and(
        eq(orders.id, id),
        sql`${orders.creditedAmount} + ${amount} between 0
          and ${orders.paidAmount} + ${orders.creditAmount} - ${orders.refundedAmount}`,
      ),
    );
}
