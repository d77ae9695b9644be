import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { enterprises } from './tables.ts';

/** A company, unverified until an admin has seen its papers. */
export function insertEnterprise({ db }: Pick<Ctx, 'db'>, row: typeof enterprises.$inferInsert): Statement {
  return db.insert(enterprises).values(row);
}
