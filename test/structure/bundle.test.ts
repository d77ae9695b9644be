import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { buildWorker } from '../../src/dev/workerd.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'sluice-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the deployed bundle', () => {
  buildWorker(root, 'src/worker.ts', folder);
  const bundle = readFileSync(join(folder, 'worker.js'), 'utf8');

  it('has nothing of the local run in it', () => {
    for (const local of [
      'X-Sandbox-Signature',
      '/dev/cashier',
      'dev_state',
      'Sandbox cashier',
      'demo@example.com',
    ]) {
      expect(bundle).not.toContain(local);
    }
    expect(bundle).toContain('/api/v1/quota/reservations');
  });

  it('is under 1 MiB, compressed', () => {
    expect(gzipSync(bundle).length).toBeLessThan(1024 * 1024);
  });
});
