import { eq } from 'drizzle-orm';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { enterprises } from './tables.ts';

/** A company, unverified until an admin has seen its papers. */
export function insertEnterprise({ db }: Pick<Ctx, 'db'>, row: typeof enterprises.$inferInsert): Statement {
  return db.insert(enterprises).values(row);
}

/** Takes the name out of the company of a user who goes. */
export function eraseEnterprise({ db }: Pick<Ctx, 'db'>, ownerId: string, now: number): Statement {
  return db.update(enterprises).set({ name: '', updatedAt: now }).where(eq(enterprises.ownerId, ownerId));
}
