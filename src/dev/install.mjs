// Runs before `npm start` and `npm test`, on whatever Node is there (20 or newer): installs what the lock file
// says where that is not what is installed, and makes sure that the project's own Node comes first from here on.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');

if (!isInstalled()) {
  console.log('Installing dependencies (npm ci) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail('npm ci failed: see its words above. Is the npm registry within reach?');
}

const node = join(root, 'node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const version = existsSync(node)
  ? execFileSync(node, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' }).trim()
  : process.version;
if (Number(version.slice(1).split('.')[0]) < 22) {
  fail(
    `Node ${version} would run Sluice, and it needs 22 or newer. The project brings its own (the devDependency\n` +
      '`node`), but its install script did not run: npm may be set to ignore scripts. Try\n' +
      '  npm rebuild node workerd esbuild --ignore-scripts=false\nor use a newer Node.',
  );
}

/** npm writes what it installed to a hidden lock file; the root entry is only in the committed one. */
function isInstalled() {
  try {
    const wanted = readPackages('package-lock.json');
    const found = readPackages('node_modules/.package-lock.json');
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional || found[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

function readPackages(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
}

function fail(words) {
  console.error(`\n${words}\n`);
  process.exit(1);
}
