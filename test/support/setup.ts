import { env } from 'cloudflare:test';
import type { D1Migration } from '@cloudflare/vitest-pool-workers';

const { DB_DEFAULT, DB_CN, MIGRATIONS } = env as unknown as {
  DB_DEFAULT: D1Database;
  DB_CN: D1Database;
  MIGRATIONS: D1Migration[];
};

// One transaction a database: one for each statement makes every test file wait two seconds.
const queries = MIGRATIONS.flatMap((migration) => migration.queries);
for (const db of [DB_DEFAULT, DB_CN]) await db.batch(queries.map((query) => db.prepare(query)));
