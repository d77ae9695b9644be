// `npm test`: everything that must hold before a change lands, and one closing line that counts it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'sluice-test-'));
const report = join(scratch, 'vitest.json');

interface Step {
  name: string;
  command: string[];
}

const STEPS: Step[] = [
  { name: 'formatting and lint', command: ['biome', 'ci', '--error-on-warnings', '.'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'openapi.json is what the code says', command: ['node', 'src/dev/openapi.ts', '--check'] },
  { name: 'assets of the reference page', command: ['node', 'src/http/docs/build-assets.mjs'] },
  {
    name: 'test suites',
    command: [
      'vitest',
      'run',
      '--config',
      'test/vitest.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
  },
  {
    name: 'dry-run deploy',
    command: ['wrangler', 'deploy', '--dry-run', '--outdir', join(scratch, 'bundle')],
  },
];

let passed = 0;
let failed = 0;
for (const { name, command } of STEPS) {
  const [program = '', ...parameters] = command;
  console.log(`\n— ${name}`);
  const { status } = spawnSync(program, parameters, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' },
    shell: process.platform === 'win32',
  });
  if (status === 0) passed += 1;
  else {
    failed += 1;
    console.log(`FAILED: ${name}`);
  }
}

const skipped = countTests();
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);

/** Adds the suites' own counts; a run that left no report has failed as a step already. */
function countTests(): number {
  if (!existsSync(report)) return 0;
  const counts = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
  passed += counts.numPassedTests ?? 0;
  failed += counts.numFailedTests ?? 0;
  return counts.numPendingTests ?? 0;
}
