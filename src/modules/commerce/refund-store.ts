import { and, asc, eq, isNotNull, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { refunds } from './money-tables.ts';
import { payments } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type RefundRow = typeof refunds.$inferSelect;

/** Records money that goes (or went) back. UNIQUE (provider, reference): a second time it fails (`refund_duplicate`). */
export function insertRefund({ db }: Db, row: typeof refunds.$inferInsert): Statement {
  return db.insert(refunds).values(row);
}

/** Refunds that still have to be sent, the longest due first. */
export function findDueRefunds({ db }: Db, now: number, limit: number): Promise<RefundRow[]> {
  return db
    .select()
    .from(refunds)
    .where(and(isNotNull(refunds.dueAt), lte(refunds.dueAt, now)))
    .orderBy(asc(refunds.dueAt))
    .limit(limit);
}

/** Takes a refund to send it: nobody else tries until `until`; guard it. */
export function claimRefund({ db }: Db, { id, attempts }: RefundRow, until: number): Statement {
  return db
    .update(refunds)
    .set({ dueAt: until, attempts: attempts + 1 })
    .where(and(eq(refunds.id, id), eq(refunds.attempts, attempts), eq(refunds.state, 'pending')));
}

/** It went back, or `sent` of it where the rest had gone before: the payment says so too (`notePaymentRefund`). */
export function markRefundDone({ db }: Db, { id }: RefundRow, sent: number, now: number): Statement {
  return db
    .update(refunds)
    .set({ state: 'done', amount: sent, dueAt: null, doneAt: now })
    .where(and(eq(refunds.id, id), eq(refunds.state, 'pending')));
}

/** What is still to be sent of a payment, of which its provider says that `sum` went back, if that covers all. */
function isCovered({ provider, transactionId }: Refunded, sum: number): SQL {
  return sql`provider = ${provider} and transaction_id = ${transactionId} and state = 'pending'
    and (select sum(amount) from refunds r where r.provider = ${provider}
      and r.transaction_id = ${transactionId}) <= ${sum}`;
}

/** The amount of what {@link markPendingDone} would mark, as SQL. */
export function coveredAmount(of: Refunded, sum: number): SQL<number> {
  return sql<number>`(select coalesce(sum(amount), 0) from refunds where ${isCovered(of, sum)})`;
}

/** What was still to be sent has gone back, by whomever: the provider's sum covers it. */
export function markPendingDone({ db }: Db, of: Refunded, sum: number, now: number): Statement {
  return db.update(refunds).set({ state: 'done', dueAt: null, doneAt: now }).where(isCovered(of, sum));
}

/** A payment, as refunds name it. */
interface Refunded {
  provider: string;
  transactionId: string;
}

/** Refunds of a payment that came before it did: by its transaction, or by its order where none was named. */
export function findEarlyRefunds(
  { db }: Db,
  { provider, transactionId, orderId }: { provider: string; transactionId: string; orderId: string },
): Promise<RefundRow[]> {
  return db
    .select()
    .from(refunds)
    .where(
      and(
        sql`${refunds.state} = 'early'`,
        eq(refunds.provider, provider),
        or(
          eq(refunds.transactionId, transactionId),
          and(eq(refunds.transactionId, ''), eq(refunds.orderId, orderId)),
        ),
      ),
    )
    .orderBy(asc(refunds.id));
}

/** An early refund that is taken over by the payment it belongs to; guard it. */
export function takeEarlyRefund({ db }: Db, id: string, transactionId: string, now: number): Statement {
  return db
    .update(refunds)
    .set({ state: 'done', transactionId, doneAt: now })
    .where(and(eq(refunds.id, id), eq(refunds.state, 'early')));
}

/** Payments that have come after a refund of theirs. */
export function findWaitingRefunds({ db }: Db): Promise<{ provider: string; transactionId: string }[]> {
  return db
    .selectDistinct({ provider: payments.provider, transactionId: payments.transactionId })
    .from(refunds)
    .innerJoin(
      payments,
      and(
        eq(payments.provider, refunds.provider),
        sql`(${payments.transactionId} = ${refunds.transactionId}
          or (${refunds.transactionId} = '' and ${payments.orderId} = ${refunds.orderId}))`,
      ),
    )
    .where(sql`${refunds.state} = 'early'`)
    .limit(50);
}

/** All that is known to go back, or to have gone, of a transaction. */
export function findRefundsOf({ db }: Db, { provider, transactionId }: Refunded): Promise<RefundRow[]> {
  return db
    .select()
    .from(refunds)
    .where(and(eq(refunds.provider, provider), eq(refunds.transactionId, transactionId)));
}

/** Less of it is still to be sent; guard it. */
export function lowerRefund({ db }: Db, { id, amount }: RefundRow, to: number): Statement {
  return db
    .update(refunds)
    .set({ amount: to })
    .where(and(eq(refunds.id, id), eq(refunds.state, 'pending'), eq(refunds.amount, amount)));
}

export function findRefundsOfOrder({ db }: Db, orderId: string): Promise<RefundRow[]> {
  return db.select().from(refunds).where(eq(refunds.orderId, orderId)).orderBy(asc(refunds.id));
}

/** Finds something where more or less has gone back of a transaction than `known`: for `abortIf`. */
export function isSumOther(provider: string, transactionId: string, orderId: string, known: number): SQL {
  return sql`select 1 from (select coalesce(sum(amount), 0) as total from refunds
    where provider = ${provider} and transaction_id = ${transactionId} and order_id = ${orderId})
    where total <> ${known}`;
}
