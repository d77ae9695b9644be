import { drizzle } from 'drizzle-orm/d1';
import type { Database } from '#kernel/ports';

/** Opens one site's database. Cheap: no connection is made until a query runs. */
export function openDatabase(binding: D1Database): Database {
  return drizzle(binding);
}
