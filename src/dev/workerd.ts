import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, type Miniflare } from 'miniflare';
import { applyMigrations } from './migrate.ts';

/** Bundles an entry as a deploy would, and gives the bundle's folder. Throws with wrangler's words. */
export function buildWorker(root: string, entry: string, folder: string): string {
  runWrangler(root, ['deploy', entry, '--dry-run', '--outdir', folder]);
  return resolve(root, folder);
}

/** Runs wrangler, and gives what it printed. Throws with its words where it fails. */
export function runWrangler(root: string, parameters: string[]): string {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [wrangler, ...parameters], {
    cwd: root,
    encoding: 'utf8',
    // Its words are wanted, whatever this process has silenced for itself.
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG: 'log', CI: 'true' },
  });
  if (status !== 0) throw new Error(`wrangler ${parameters[0]} failed:\n${stdout}${stderr}`);
  return stdout;
}

export interface WorkerdRun {
  root: string;
  bundle: string;
  port: number;
  stateDir: string;
  variables: Record<string, string>;
  /** Durable Objects beside those of `wrangler.toml`, by binding. */
  objects?: Record<string, { className: string; useSQLite: boolean }>;
}

interface WorkerOptions extends Record<string, unknown> {
  bindings?: object;
  durableObjects?: object;
  d1Databases?: object;
}

/** What {@link keepOptions} leaves beside a bundle. */
const KEPT = 'options.json';

async function optionsOf(root: string, bundle: string): Promise<WorkerOptions> {
  const kept = join(bundle, KEPT);
  return existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as WorkerOptions) : readOptions(root);
}

async function readOptions(root: string): Promise<WorkerOptions> {
  // wrangler reads its log level when it is loaded; which secrets it found is nobody's news here.
  process.env.WRANGLER_LOG ??= 'error';
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler');
  return unstable_getMiniflareWorkerOptions(join(root, 'wrangler.toml')).workerOptions as WorkerOptions;
}

/** Keeps what `wrangler.toml` says beside a bundle that is started often: to load wrangler for it is half of a start. */
export async function keepOptions(root: string, bundle: string): Promise<void> {
  writeFileSync(join(bundle, KEPT), JSON.stringify(await readOptions(root)));
}

/** Migrates the sites' databases of a Worker that runs. */
export async function migrateAll(miniflare: Miniflare, root: string, bundle: string): Promise<void> {
  const { d1Databases = {} } = await optionsOf(root, bundle);
  for (const binding of Object.keys(d1Databases)) {
    await applyMigrations(await miniflare.getD1Database(binding), join(root, 'drizzle'));
  }
}

/** Miniflare's options for a bundle: the bindings of `wrangler.toml`, with these variables over its own. */
export async function miniflareOptions({ root, bundle, port, stateDir, variables, objects }: WorkerdRun) {
  const options = await optionsOf(root, bundle);
  // The bundle is one module, so rules for finding more have nothing to say.
  delete options.modulesRules;
  return convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    cf: false,
    log: new Log(LogLevel.ERROR),
    resourcePersistencePath: stateDir,
    unsafeTriggerHandlers: true,
    workers: [
      {
        ...options,
        name: 'sluice',
        rootPath: bundle,
        modules: true,
        scriptPath: 'worker.js',
        bindings: { ...options.bindings, ...variables },
        durableObjects: { ...options.durableObjects, ...objects },
      },
    ],
  } as Parameters<typeof convertV4MiniflareOptions>[0]);
}
