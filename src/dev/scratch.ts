import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import type { RunSql } from './people.ts';
import { RANDOM_SECRETS } from './secrets.ts';
import { migrateAll, miniflareOptions, type WorkerdRun } from './workerd.ts';

/** A built Worker on an empty state, which ends with it. */
export interface Scratch {
  url: string;
  port: number;
  secrets: Record<string, string>;
  /** The default site's. */
  db: D1Database;
  /** Runs statements on that. */
  run: RunSql;
  stop(): Promise<void>;
}

/** Starts a bundle in workerd on a free port: databases migrated, secrets of its own. */
export async function launchScratch(
  run: Pick<WorkerdRun, 'root' | 'bundle' | 'variables' | 'objects'>,
): Promise<Scratch> {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-scratch-'));
  const secrets = Object.fromEntries(
    RANDOM_SECRETS.map((name) => [name, randomBytes(32).toString('base64url')] as const),
  );
  const miniflare = new Miniflare(
    await miniflareOptions({ ...run, port: 0, stateDir, variables: { ...secrets, ...run.variables } }),
  );
  const { port } = await miniflare.ready;
  await migrateAll(miniflare, run.root, run.bundle);
  const db = (await miniflare.getD1Database('DB_DEFAULT')) as unknown as D1Database;
  return {
    url: `http://127.0.0.1:${port}`,
    port: Number(port),
    secrets,
    db,
    run: (statements) => db.batch(statements.map(([sql, ...values]) => db.prepare(sql).bind(...values))),
    stop: async () => {
      await miniflare.dispose();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
