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

/** Another attempt of an order that is wanted: a condition of what must be the only one. */
export function hasStartedAttempt(orderId: string): SQL {
  return sql`select 1 from payment_attempts
    where order_id = ${orderId} and state = 'started' and ask_at is not null`;
}

/** An attempt of which more is known than was read: for `abortIf`. */
export function hasOtherParameters({ id, parameters }: AttemptRow): SQL {
  return sql`select 1 from payment_attempts where id = ${id} and parameters <> ${JSON.stringify(parameters)}`;
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
export function notePaymentRefund(
  { db }: Db,
  id: string,
  amount: number | SQL<number>,
  now: number,
): Statement {
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

/**
 * Marks a payment that granted something as disputed, or no longer so; guard it. What was decided stays so, whatever is
 * told again or late.
 */
export function markDisputed(
  { db }: Db,
  id: string,
  { disputed, disputeId }: { disputed: boolean; disputeId: string },
  now: number,
): Statement {
  const won = `the dispute ${disputeId} was decided for the merchant`;
  return db
    .update(payments)
    .set({
      state: disputed ? 'disputed' : 'applied',
      reason: disputed ? `the dispute ${disputeId}` : won,
      updatedAt: now,
    })
    .where(
      and(
        eq(payments.id, id),
        disputed ? eq(payments.state, 'applied') : inArray(payments.state, APPLIED),
        sql`${payments.reason} is not ${won}`,
      ),
    );
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

/** Attempts that may still be paid: of an order, or whose providers are to be asked. */
export function findOpenAttempts({ db }: Db, orderId: string): Promise<AttemptRow[]> {
  return db
    .select()
    .from(paymentAttempts)
    .where(and(eq(paymentAttempts.orderId, orderId), isNotNull(paymentAttempts.askAt)));
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

/**
 * Keeps what the client needs to pay, while the attempt is wanted and its order payable; guard it. Otherwise `dropped`
 * keeps what its provider must be told to end it.
 */
export function keepParameters(
  { db }: Db,
  id: string,
  parameters: Record<string, unknown>,
  now: number,
): Record<'kept' | 'dropped', Statement> {
  return {
    kept: db
      .update(paymentAttempts)
      .set({ parameters, updatedAt: now })
      .where(
        and(
          eq(paymentAttempts.id, id),
          eq(paymentAttempts.state, 'started'),
          isNotNull(paymentAttempts.askAt),
          sql`exists (select 1 from orders where id = ${paymentAttempts.orderId} and status = 'pending')`,
        ),
      ),
    dropped: db
      .update(paymentAttempts)
      .set({ parameters, state: 'cancelled', askAt: now, updatedAt: now })
      .where(eq(paymentAttempts.id, id)),
  };
}

/**
 * What a provider called failed. It is asked about all the same where it did not say which attempt it meant; one that
 * it names is over.
 */
export function failAttempts({ db }: Db, orderId: string, at: AttemptAt, now: number): Statement {
  return db
    .update(paymentAttempts)
    .set({ state: 'failed', updatedAt: now, ...(at.attempt ? { askAt: null } : {}) })
    .where(meant(orderId, at));
}

/** The attempt that an order was paid by, or where its provider did not say which, those that were going there. */
export function markAttemptsPaid({ db }: Db, orderId: string, at: AttemptAt, now: number): Statement {
  return db
    .update(paymentAttempts)
    .set({ state: 'paid', askAt: null, updatedAt: now })
    .where(meant(orderId, at));
}

/** Where an attempt was made, and how its id ends where that is known. */
interface AttemptAt {
  provider: string;
  attempt?: string | undefined;
}

function meant(orderId: string, { provider, attempt }: AttemptAt) {
  return and(
    eq(paymentAttempts.orderId, orderId),
    eq(paymentAttempts.provider, provider),
    attempt
      ? sql`substr(${paymentAttempts.id}, -${attempt.length}) = ${attempt}`
      : eq(paymentAttempts.state, 'started'),
  );
}
