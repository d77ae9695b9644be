import { execFileSync, spawn } from 'node:child_process';
import { constants, publicEncrypt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Challenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type Started, start } from '../support/started.ts';

/** Clients and a proxy that nobody here wrote, which know the document only. */

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, '.wrangler/typed-client');
/** Typed by what is generated here, so that it is no part of the other tests' types. */
const JOURNEY = new URL('client/journey.ts', import.meta.url).href;

let server: Started;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const types = await openapiTS(new URL('../../openapi.json', import.meta.url), {
    defaultNonNullable: false,
  });
  writeFileSync(join(folder, 'api.d.ts'), astToString(types));
  server = await start();
});

async function travel(url: string): Promise<string[]> {
  const { journey } = (await import(JOURNEY)) as { journey(place: object): Promise<string[]> };
  return journey({
    url,
    admin: server.admin,
    encrypt: (key: string, password: string) =>
      publicEncrypt(
        { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
        Buffer.from(password),
      ).toString('base64'),
    solve: async (challenge: Challenge) => {
      const solution = await solveChallenge({ challenge, deriveKey });
      return btoa(JSON.stringify({ challenge, solution }));
    },
    pay: async (orderId: string) => {
      const form = { raw: 'action=pay', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
      expect((await server.send('POST', `/dev/cashier/${orderId}`, form)).status).toBe(200);
    },
  });
}

const DONE = [
  expect.stringMatching(/^registered client-\d+@example\.com$/),
  'pays with sandbox',
  'paid 490.00: plan_basic is active',
  'settled 52345',
  'refused with 429 quota_exceeded',
  'used 52345',
  'finds the user',
  'makes the package that was asked for',
  'finds 1 of it',
  'has tiers',
  'has a storefront: 0',
  'is no admin: forbidden',
];

describe('a client whose types are made from the document', () => {
  it('compiles', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const output = execFileSync(process.execPath, [tsc, '-p', 'test/contract/client'], { cwd: root });
    expect(output.toString()).toBe('');
  });

  it('registers, buys, pays, meters and administrates', async () => {
    expect(await travel(server.url)).toEqual(DONE);
  });
});

describe('a proxy that compares what passes with the document', () => {
  const stops: (() => void)[] = [];
  afterAll(() => {
    for (const stop of stops) stop();
  });

  it('finds nothing wrong with all of that', async () => {
    const port = await freePort();
    const prism = spawn(
      process.execPath,
      [
        join(root, 'node_modules/@stoplight/prism-cli/dist/index.js'),
        'proxy',
        join(root, 'openapi.json'),
        server.url,
        '--errors',
        '--port',
        String(port),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    stops.push(() => prism.kill());
    let printed = '';
    for (const stream of [prism.stdout, prism.stderr]) stream.on('data', (text) => (printed += text));
    await expect.poll(() => printed, { timeout: 30_000 }).toContain('Prism is listening');
    expect(await travel(`http://127.0.0.1:${port}`), printed).toEqual(DONE);
    expect(printed).not.toMatch(/violation/i);
    // It would have: the document knows no such parameter's value.
    const wrong = await fetch(`http://127.0.0.1:${port}/api/v1/membership/plans?type=none`);
    expect(((await wrong.json()) as { type: string }).type).toContain('prism');
  });
});
