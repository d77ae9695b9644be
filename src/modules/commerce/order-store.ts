import { and, count, desc, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import type { Program } from '#kernel/programs';
import { orders, paymentAttempts, payments } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type OrderRow = typeof orders.$inferSelect;

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
      discount_amount, credit_amount, final_amount, voucher_id, auto_renew, holding_version, snapshot, created_at,
      expires_at)
    select ${row.id}, ${row.userId}, ${row.owner}, ${row.program}, ${row.kind}, ${row.productId ?? null},
      ${row.period ?? null}, ${row.currency}, ${row.originalAmount}, ${row.discountAmount ?? 0},
      ${row.creditAmount ?? 0}, ${row.finalAmount}, ${row.voucherId ?? null}, ${row.autoRenew ? 1 : 0},
      ${row.holdingVersion ?? 0}, ${JSON.stringify(row.snapshot)}, ${row.createdAt}, ${row.expiresAt}
    where (select count(*) from orders where user_id = ${row.userId} and created_at > ${since}) < ${most}`,
  );
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

/** Pending → paid, and nothing else; guard it. */
export function markOrderPaid(
  { db }: Db,
  id: string,
  set: { provider: string; paidAmount: number; paidAt: number },
): Statement {
  return db
    .update(orders)
    .set({ status: 'paid', ...set })
    .where(and(eq(orders.id, id), eq(orders.status, 'pending')));
}

/** Closes orders whose time is over and for which no attempt to pay was ever started. */
export function closeExpiredOrders({ db }: Db, now: number): Statement {
  return db
    .update(orders)
    .set({ status: 'closed', closedAt: now, closedReason: 'expired' })
    .where(
      and(
        eq(orders.status, 'pending'),
        lte(orders.expiresAt, now),
        sql`not exists (select 1 from payment_attempts where order_id = orders.id and state = 'started')`,
      ),
    );
}

/** Begins an attempt while its order is payable; guard it. */
export function insertAttempt({ db }: Db, row: typeof paymentAttempts.$inferInsert): Statement {
  return rawStatement(
    db,
    sql`
    insert into payment_attempts (id, order_id, provider, method, parameters, created_at, updated_at)
    select ${row.id}, ${row.orderId}, ${row.provider}, ${row.method ?? null}, ${JSON.stringify(row.parameters)},
      ${row.createdAt}, ${row.updatedAt}
    where exists (select 1 from orders
      where id = ${row.orderId} and status = 'pending' and expires_at > ${row.createdAt})`,
  );
}

/** Ends every attempt of an order that is still going. */
export function cancelAttempts({ db }: Db, orderId: string, now: number): Statement {
  return db
    .update(paymentAttempts)
    .set({ state: 'cancelled', updatedAt: now })
    .where(and(eq(paymentAttempts.orderId, orderId), eq(paymentAttempts.state, 'started')));
}

/** Ends the attempts of an order at a provider. */
export function endAttempts(
  { db }: Db,
  orderId: string,
  provider: string,
  state: 'paid' | 'failed' | 'cancelled',
  now: number,
): Statement {
  return db
    .update(paymentAttempts)
    .set({ state, updatedAt: now })
    .where(
      and(
        eq(paymentAttempts.orderId, orderId),
        eq(paymentAttempts.provider, provider),
        eq(paymentAttempts.state, 'started'),
      ),
    );
}

/** Records money that arrived. UNIQUE (provider, transaction): a second time it fails the whole batch. */
export function insertPayment({ db }: Db, row: typeof payments.$inferInsert): Statement {
  return db.insert(payments).values(row);
}

export async function findPayment({ db }: Db, provider: string, transactionId: string) {
  const [row] = await db
    .select()
    .from(payments)
    .where(and(eq(payments.provider, provider), eq(payments.transactionId, transactionId)))
    .limit(1);
  return row ?? null;
}
