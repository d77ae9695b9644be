import { join, resolve } from 'node:path';
import { buildWorker } from '../../src/dev/workerd.ts';

const root = resolve(import.meta.dirname, '../..');

/** Builds the local Worker once, for every start of a run of the tests. */
export default function setup(): void {
  process.env.BUNDLE = buildWorker(root, 'src/dev/worker.ts', join('.wrangler', 'build-tests'));
}
