import { applyD1Migrations, env } from 'cloudflare:test';
import type { D1Migration } from '@cloudflare/vitest-pool-workers';

const bindings = env as unknown as {
  DB_DEFAULT: D1Database;
  DB_CN: D1Database;
  MIGRATIONS: D1Migration[];
};

await applyD1Migrations(bindings.DB_DEFAULT, bindings.MIGRATIONS);
await applyD1Migrations(bindings.DB_CN, bindings.MIGRATIONS);
