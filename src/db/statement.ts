import type { SQL } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { Database } from '#kernel/ports';

/** A write that has not been sent. */
export type Statement = BatchItem<'sqlite'>;

/**
 * SQL that the query builder cannot say (INSERT … SELECT, guards), as a statement for a batch. Drizzle's D1
 * batch binds parameters through a prepared statement, which its own raw queries lack.
 */
export function rawStatement(db: Database, query: SQL): Statement {
  const raw = db.run(query);
  return Object.assign(raw, { stmt: db.$client.prepare(raw.getQuery().sql) });
}
