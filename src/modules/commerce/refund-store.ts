import { and, asc, eq, isNotNull, lte, sql } from 'drizzle-orm';
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

/** It went back: the payment says so too (`notePaymentRefund`). */
export function markRefundDone({ db }: Db, { id }: RefundRow, now: number): Statement {
  return db
    .update(refunds)
    .set({ state: 'done', dueAt: null, doneAt: now })
    .where(and(eq(refunds.id, id), eq(refunds.state, 'pending')));
}

/** What was still to be sent has gone back by other hands: the provider's sum covers it. */
export function markPendingDone(
  { db }: Db,
  provider: string,
  transactionId: string,
  sum: number,
  now: number,
): Statement {
  return db
    .update(refunds)
    .set({ state: 'done', dueAt: null, doneAt: now })
    .where(
      and(
        eq(refunds.provider, provider),
        eq(refunds.transactionId, transactionId),
        eq(refunds.state, 'pending'),
        sql`(select sum(amount) from refunds r where r.provider = ${provider}
          and r.transaction_id = ${transactionId}) <= ${sum}`,
      ),
    );
}

/** Refunds of a payment that came before it did. */
export function findEarlyRefunds({ db }: Db, provider: string, transactionId: string): Promise<RefundRow[]> {
  return db
    .select()
    .from(refunds)
    .where(
      and(
        eq(refunds.provider, provider),
        eq(refunds.state, 'early'),
        eq(refunds.transactionId, transactionId),
      ),
    )
    .orderBy(asc(refunds.id));
}

/** An early refund that is taken over by the payment it belongs to; guard it. */
export function takeEarlyRefund({ db }: Db, id: string, now: number): Statement {
  return db
    .update(refunds)
    .set({ state: 'done', doneAt: now })
    .where(and(eq(refunds.id, id), eq(refunds.state, 'early')));
}

/** Early refunds whose payment has come. */
export function findWaitingRefunds({ db }: Db): Promise<Pick<RefundRow, 'provider' | 'transactionId'>[]> {
  return db
    .selectDistinct({ provider: refunds.provider, transactionId: refunds.transactionId })
    .from(refunds)
    .innerJoin(
      payments,
      and(eq(payments.provider, refunds.provider), eq(payments.transactionId, refunds.transactionId)),
    )
    .where(sql`${refunds.state} = 'early'`)
    .limit(50);
}

export function findRefundsOfOrder({ db }: Db, orderId: string): Promise<RefundRow[]> {
  return db.select().from(refunds).where(eq(refunds.orderId, orderId)).orderBy(asc(refunds.id));
}

/** What a provider has said to have sent back of a transaction until now. */
export async function sumRefunds({ db }: Db, provider: string, transactionId: string): Promise<number> {
  const [row] = await db
    .select({ sum: sql<number>`coalesce(sum(${refunds.amount}), 0)` })
    .from(refunds)
    .where(and(eq(refunds.provider, provider), eq(refunds.transactionId, transactionId)));
  return row?.sum ?? 0;
}
