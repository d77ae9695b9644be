import { type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';

/**
 * Substring, literally and regardless of (ASCII) case: a LIKE pattern would give `%` and `_` a meaning, and D1
 * refuses patterns past 50 bytes.
 */
export function contains(column: SQLiteColumn, text: string): SQL {
  return sql`instr(lower(${column}), lower(${text})) > 0`;
}
