import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { D1Database } from '@cloudflare/workers-types';

/**
 * Applies the migrations that a local database has not seen, each as one batch, and notes them in the table
 * that wrangler uses too: `wrangler d1 migrations` agrees with it.
 */
export async function applyMigrations(db: D1Database, folder: string): Promise<void> {
  await db
    .prepare(
      `create table if not exists d1_migrations (
         id integer primary key autoincrement, name text unique,
         applied_at timestamp default current_timestamp not null)`,
    )
    .run();
  const { results } = await db.prepare('select name from d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql') && !applied.has(file))
    .sort();
  for (const file of files) {
    const statements = readFileSync(join(folder, file), 'utf8').split('--> statement-breakpoint');
    await db.batch([
      ...statements.map((statement) => db.prepare(statement)),
      db.prepare('insert into d1_migrations (name) values (?)').bind(file),
    ]);
  }
}
