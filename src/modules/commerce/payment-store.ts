import { and, asc, count, desc, eq, inArray, isNotNull, lte, type SQL, sql } from 'drizzle-orm';
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

/** Begins an attempt while its order is payable; guard it. */
export function insertAttempt({ db }: Db, row: typeof paymentAttempts.$inferInsert): Statement {
  return rawStatement(
    db,
    sql`
    insert into payment_attempts (id, order_id, provider, method, parameters, ask_at, created_at, updated_at)
    select ${row.id}, ${row.orderId}, ${row.provider}, ${row.method ?? null}, ${JSON.stringify(row.parameters)},
      ${row.askAt ?? null}, ${row.createdAt}, ${row.updatedAt}
    where exists (select 1 from orders
      where id = ${row.orderId} and status = 'pending' and expires_at > ${row.createdAt})`,
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
      state: sql`iif(${payments.state} = 'refund_pending'
          and ${payments.refundedAmount} + ${amount} >= ${payments.amount}, 'refunded', ${payments.state})`,
      updatedAt: now,
    })
    .where(eq(payments.id, id));
}

/** A payment that granted something; its payer may say otherwise (`disputed`). */
const APPLIED: PaymentRow['state'][] = ['applied', 'disputed'];

export function isApplied({ state }: Pick<PaymentRow, 'state'>): boolean {
  return APPLIED.includes(state);
}

/** Marks a payment that granted something as disputed, or no longer so; guard it. */
export function markDisputed({ db }: Db, id: string, disputed: boolean, now: number): Statement {
  return db
    .update(payments)
    .set({ state: disputed ? 'disputed' : 'applied', updatedAt: now })
    .where(and(eq(payments.id, id), eq(payments.state, disputed ? 'applied' : 'disputed')));
}

/** The payment that an order was paid with. */
export async function findAppliedPayment({ db }: Db, orderId: string): Promise<PaymentRow | null> {
  const [row] = await db
    .select()
    .from(payments)
    .where(and(eq(payments.orderId, orderId), inArray(payments.state, APPLIED)))
    .limit(1);
  return row ?? null;
}

/** A payment that is known: a condition of what must come before it. */
export function hasPayment(provider: string, transactionId: string): SQL {
  return sql`select 1 from payments where provider = ${provider} and transaction_id = ${transactionId}`;
}

export async function findPayment({ db }: Db, provider: string, transactionId: string) {
  const [row] = await db
    .select()
    .from(payments)
    .where(and(eq(payments.provider, provider), eq(payments.transactionId, transactionId)))
    .limit(1);
  return row ?? null;
}

/** Attempts that are still going: of an order, or whose providers are to be asked. */
export function findStartedAttempts({ db }: Db, orderId: string): Promise<AttemptRow[]> {
  return db
    .select()
    .from(paymentAttempts)
    .where(and(eq(paymentAttempts.orderId, orderId), eq(paymentAttempts.state, 'started')));
}

export function findSilentAttempts({ db }: Db, now: number, limit: number): Promise<AttemptRow[]> {
  return db
    .select()
    .from(paymentAttempts)
    .where(and(isNotNull(paymentAttempts.askAt), lte(paymentAttempts.askAt, now)))
    .orderBy(asc(paymentAttempts.askAt))
    .limit(limit);
}

/** Changes an attempt that is still asked about. One that failed stays so, unless it was paid all the same. */
export function updateAttempt(
  { db }: Db,
  id: string,
  set: Partial<Pick<AttemptRow, 'state' | 'parameters' | 'askAt'>> & { updatedAt: number },
): Statement {
  return db
    .update(paymentAttempts)
    .set({
      ...set,
      ...(set.state === 'cancelled'
        ? { state: sql`iif(${paymentAttempts.state} = 'failed', 'failed', 'cancelled')` }
        : {}),
      ...(set.state ? { askAt: null } : {}),
    })
    .where(and(eq(paymentAttempts.id, id), isNotNull(paymentAttempts.askAt)));
}

/** Asks about the attempts of an order as soon as cron comes by: it is not open any more. */
export function askSoon({ db }: Db, orderId: string, now: number): Statement {
  return db
    .update(paymentAttempts)
    .set({ askAt: now })
    .where(and(eq(paymentAttempts.orderId, orderId), isNotNull(paymentAttempts.askAt)));
}

/** What a provider called failed. It is asked about all the same: which attempt it meant, it did not say. */
export function failAttempts({ db }: Db, orderId: string, provider: string, now: number): Statement {
  return db
    .update(paymentAttempts)
    .set({ state: 'failed', updatedAt: now })
    .where(
      and(
        eq(paymentAttempts.orderId, orderId),
        eq(paymentAttempts.provider, provider),
        eq(paymentAttempts.state, 'started'),
      ),
    );
}

/** The attempts at a provider that an order was paid by. */
export function markAttemptsPaid({ db }: Db, orderId: string, provider: string, now: number): Statement {
  return db
    .update(paymentAttempts)
    .set({ state: 'paid', askAt: null, updatedAt: now })
    .where(
      and(
        eq(paymentAttempts.orderId, orderId),
        eq(paymentAttempts.provider, provider),
        eq(paymentAttempts.state, 'started'),
      ),
    );
}
