import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPlace, type Started, start } from '../support/started.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
const tools = ['bash', 'curl', 'openssl'].filter((tool) => !isThere(tool));
if (tools.length > 0) {
  if (process.env.CI) throw new Error(`the tour needs ${tools.join(', ')}`);
  console.warn(`The README's tour is not run: ${tools.join(', ')} is not there.`);
}

/** The tour as it is written, command for command. */
describe.skipIf(tools.length > 0)('the README’s tour', () => {
  let server: Started;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tour-'));

  beforeAll(async () => {
    // As a newcomer starts it: built now.
    server = await start(await newPlace({ BUNDLE: '' }));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('runs to the 429 that names the limit', () => {
    const output = run(section('A tour of five minutes'));
    const errors = [...output.matchAll(/"error":"(\w+)"/g)].map(([, name]) => name);
    expect(errors, output).toEqual(['quota_exceeded']);
    for (const told of [
      '"settled":52345',
      '"user_type":"personal"',
      '"membership_level":"free"',
      '"status":"paid"',
      '"plan_id":"plan_basic"',
      'HTTP/1.1 201 Created',
      'HTTP/1.1 429 Too Many Requests',
      '"metric":"tpm","limit":100000',
    ]) {
      expect(output).toContain(told);
    }
    expect(output).toMatch(/Retry-After: \d+/);
  });

  it('goes on in the guide to quotas', () => {
    const output = run(readFileSync(resolve(root, 'src/http/docs/guides/quota.md'), 'utf8'));
    expect(output).not.toContain('"error"');
    const ids = [...output.matchAll(/"reservation_id":"([^"]+)"/g)].map(([, id]) => id);
    // The same request_id is the same hold, which is settled then.
    expect(new Set(ids).size).toBe(1);
    expect(output).toContain('"settled":850');
    expect(output).toContain('"request_id":"guide-2"');
  });

  /** Runs the shell blocks of a text, one after another, against the local run. */
  function run(text: string): string {
    const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block);
    const commands = blocks
      .join('\n')
      .replace('http://localhost:8787', server.url)
      .replace('sk-prod-…', server.demo.apiKey);
    return execFileSync('bash', ['-euo', 'pipefail', '-c', commands], { cwd: folder, encoding: 'utf8' });
  }
});

function section(title: string): string {
  const [, text = ''] = readme.split(`## ${title}\n`);
  return text.split('\n## ')[0] ?? '';
}

function isThere(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
