// The runs that `npm test` has in short: `npm run fuzz -- --cases N [--seed S]` and `npm run crash -- --rounds N`.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cases: { type: 'string' }, rounds: { type: 'string' }, seed: { type: 'string' } },
});
for (const [name, value] of Object.entries(values)) {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} must be a whole number above 0`);
}
const [what = ''] = positionals;
if (!['fuzz', 'crash'].includes(what)) throw new Error('say which: fuzz or crash');

const { status } = spawnSync(
  'vitest',
  ['run', '--config', 'test/vitest.config.ts', '--project', 'node', `test/${what}`],
  {
    cwd: resolve(import.meta.dirname, '..'),
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      CASES: values.cases ?? '2000',
      ROUNDS: values.rounds ?? '50',
      // A run of its own unless one is to be seen again: the seed is in what it prints.
      SEED: values.seed ?? String(Math.floor(Math.random() * 1e9)),
    },
  },
);
process.exit(status ?? 1);
