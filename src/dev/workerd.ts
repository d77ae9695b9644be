import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel } from 'miniflare';

/** Bundles an entry as a deploy would, and gives the bundle's folder. Throws with wrangler's words. */
export function buildWorker(root: string, entry: string, folder: string): string {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const result = spawnSync(process.execPath, [wrangler, 'deploy', entry, '--dry-run', '--outdir', folder], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' },
  });
  if (result.status !== 0)
    throw new Error(`wrangler could not build the Worker:\n${result.stdout}${result.stderr}`);
  return resolve(root, folder);
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

async function optionsOf(root: string, bundle: string | null): Promise<WorkerOptions> {
  const kept = join(bundle ?? root, KEPT);
  if (bundle !== null && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as WorkerOptions;
  // wrangler reads its log level when it is loaded; which secrets it found is nobody's news here.
  process.env.WRANGLER_LOG ??= 'error';
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler');
  return unstable_getMiniflareWorkerOptions(join(root, 'wrangler.toml')).workerOptions as WorkerOptions;
}

/** Keeps what `wrangler.toml` says beside a bundle that is started often: to load wrangler for it is half of a start. */
export async function keepOptions(root: string, bundle: string): Promise<void> {
  writeFileSync(join(bundle, KEPT), JSON.stringify(await optionsOf(root, null)));
}

/** The bindings of the sites' databases, by `wrangler.toml`. */
export async function databaseBindings(root: string, bundle: string): Promise<string[]> {
  return Object.keys((await optionsOf(root, bundle)).d1Databases ?? {});
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
