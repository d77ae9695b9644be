import { and, eq, gt, isNull, lt, lte, sql } from 'drizzle-orm';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { emailCodes } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type CodePurpose = 'register' | 'reset_password' | 'change_email';
export const MOST_TRIES = 5;

export function insertCode({ db }: Db, row: typeof emailCodes.$inferInsert): Statement {
  return db.insert(emailCodes).values(row);
}

/**
 * Takes one try from every code that is live for an address and purpose (and, where given, that this user asked
 * for), and gives those codes.
 */
export function tryCodes(
  { db }: Db,
  emailKey: string,
  purpose: CodePurpose,
  userId: string | null,
  now: number,
) {
  return db
    .update(emailCodes)
    .set({ tries: sql`${emailCodes.tries} + 1` })
    .where(
      and(
        eq(emailCodes.emailKey, emailKey),
        eq(emailCodes.purpose, purpose),
        userId === null ? undefined : eq(emailCodes.userId, userId),
        isNull(emailCodes.usedAt),
        gt(emailCodes.expiresAt, now),
        lt(emailCodes.tries, MOST_TRIES),
      ),
    )
    .returning();
}

/** Uses a code up; guard it: of two at once one wins. */
export function useCode({ db }: Db, id: string, now: number): Statement {
  return db
    .update(emailCodes)
    .set({ usedAt: now })
    .where(and(eq(emailCodes.id, id), isNull(emailCodes.usedAt)));
}

/** Forgets the codes of an address, whatever they are for. */
export function deleteCodes({ db }: Db, emailKey: string): Statement {
  return db.delete(emailCodes).where(eq(emailCodes.emailKey, emailKey));
}

/** Forgets the codes that a user asked for. */
export function deleteCodesOf({ db }: Db, userId: string): Statement {
  return db.delete(emailCodes).where(eq(emailCodes.userId, userId));
}

export function deleteExpiredCodes({ db }: Db, now: number): Statement {
  return db.delete(emailCodes).where(lte(emailCodes.expiresAt, now));
}
