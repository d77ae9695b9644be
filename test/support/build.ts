import { join, resolve } from 'node:path';
import { buildWorker, keepOptions } from '../../src/dev/workerd.ts';

const root = resolve(import.meta.dirname, '../..');

/** Builds the local Worker once, for every start of a run of the tests. */
export default async function setup(): Promise<void> {
  const bundle = buildWorker(root, 'src/dev/worker.ts', join('.wrangler', 'build-tests'));
  await keepOptions(root, bundle);
  process.env.BUNDLE = bundle;
}
