import { and, asc, count, desc, eq, inArray, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { paymentAttempts, payments } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type AttemptRow = typeof paymentAttempts.$inferSelect;
export type PaymentRow = typeof payments.$inferSelect;

export function listAttempts({ db }: Db, orderId: string): Promise<AttemptRow[]> {
  return db
    .select()
    .from(paymentAttempts)
    .where(eq(paymentAttempts.orderId, orderId))
    .orderBy(asc(paymentAttempts.id));
}

export function listPaymentsOf({ db }: Db, orderId: string): Promise<PaymentRow[]> {
  return db.select().from(payments).where(eq(payments.orderId, orderId)).orderBy(asc(payments.id));
}

/** Payments that granted nothing, newest first. */
export function listPaymentsAside(
  { db }: Db,
  state: Exclude<PaymentRow['state'], 'applied'> | undefined,
  page: Page,
): Promise<Slice<PaymentRow>> {
  const where = state
    ? eq(payments.state, state)
    : inArray(payments.state, ['mismatched', 'surplus', 'refund_pending', 'disputed']);
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(payments).where(where).orderBy(desc(payments.id)).limit(limit).offset(offset),
    db.select({ n: count() }).from(payments).where(where),
  );
}

/** Attempts of an order that are still going. */
export function findStartedAttempts({ db }: Db, orderId: string): Promise<AttemptRow[]> {
  return db
    .select()
    .from(paymentAttempts)
    .where(and(eq(paymentAttempts.orderId, orderId), eq(paymentAttempts.state, 'started')));
}

/** Ends one attempt that is still going. */
export function endAttempt({ db }: Db, id: string, state: 'failed' | 'cancelled', now: number): Statement {
  return db
    .update(paymentAttempts)
    .set({ state, updatedAt: now })
    .where(and(eq(paymentAttempts.id, id), eq(paymentAttempts.state, 'started')));
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

/** What a provider has sent back of a payment; what was kept aside for that is done with. */
export function notePaymentRefund({ db }: Db, id: string, amount: number, now: number): Statement {
  return db
    .update(payments)
    .set({
      refundedAmount: sql`min(${payments.amount}, ${payments.refundedAmount} + ${amount})`,
      state: sql`iif(${payments.state} = 'refund_pending', 'refunded', ${payments.state})`,
      updatedAt: now,
    })
    .where(eq(payments.id, id));
}

/** The payment that an order was paid with. */
export async function findAppliedPayment({ db }: Db, orderId: string): Promise<PaymentRow | null> {
  const [row] = await db
    .select()
    .from(payments)
    .where(and(eq(payments.orderId, orderId), eq(payments.state, 'applied')))
    .limit(1);
  return row ?? null;
}

export async function findPayment({ db }: Db, provider: string, transactionId: string) {
  const [row] = await db
    .select()
    .from(payments)
    .where(and(eq(payments.provider, provider), eq(payments.transactionId, transactionId)))
    .limit(1);
  return row ?? null;
}
