// `npm test`: everything that must hold before a change lands, and one closing line that counts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(roomyMemory() ?? tmpdir(), 'sluice-test-'));
const report = join(scratch, 'vitest.json');

interface Step {
  name: string;
  command: string[];
}

/** It makes the assets of the pages too, which the suites look at. */
const DEPLOY: Step = {
  name: 'dry-run deploy',
  command: ['wrangler', 'deploy', '--dry-run', '--outdir', join(scratch, 'bundle')],
};

/** Beside the suites, which mostly wait at their beginning. */
const CHECKS: Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'formatting and lint', command: ['biome', 'ci', '--error-on-warnings', '.'] },
  { name: 'the documents are what the code says', command: ['node', 'src/dev/openapi.ts', '--check'] },
];

const SUITES: Step = {
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
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(scratch, { recursive: true, force: true });
    process.exit(1);
  });
}

let passed = 0;
let failed = 0;
await run(DEPLOY, 'together');
await Promise.all([run(SUITES, 'inherit'), ...CHECKS.map((step) => run(step, 'together'))]);

const skipped = countTests();
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);

/** Runs a step; what it prints is shown as it comes, or where others run meanwhile, `together` at its end. */
async function run({ name, command }: Step, output: 'inherit' | 'together'): Promise<void> {
  const [program = '', ...parameters] = command;
  if (output === 'inherit') console.log(`\n— ${name}`);
  const child = spawn(program, parameters, {
    cwd: root,
    stdio: output === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', TMPDIR: scratch },
    shell: process.platform === 'win32',
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [status] = await once(child, 'close');
  if (output === 'together') console.log(`\n— ${name}\n${printed.trimEnd()}`);
  if (status === 0) passed += 1;
  else {
    failed += 1;
    console.log(`FAILED: ${name}`);
  }
}

/** Memory as a folder, where there is enough: databases on a disk are waited for. */
function roomyMemory(): string | null {
  const folder = '/dev/shm';
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 4 * 2 ** 30 ? folder : null;
  } catch {
    return null;
  }
}

/** Adds the suites' own counts; a run that left no report has failed as a step already. */
function countTests(): number {
  if (!existsSync(report)) return 0;
  const counts = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
  passed += counts.numPassedTests ?? 0;
  failed += counts.numFailedTests ?? 0;
  return counts.numPendingTests ?? 0;
}
