import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { launchScratch } from '../../src/dev/scratch.ts';
import { buildWorker } from '../../src/dev/workerd.ts';
import { casesOf } from './cases.ts';
import { type Answer, send, type Wire } from './client.ts';
import { faultsOf, isOfTheDoor, isRefusal } from './judge.ts';
import { type Document, type Operation, operationsOf } from './operations.ts';
import { askerOf } from './people.ts';

/**
 * Requests of every kind, valid and broken, for every operation of the served document, by somebody who may: each answer is
 * one that the document has, none is a fault of ours, and what is refused leaves nothing behind.
 */

const root = resolve(import.meta.dirname, '../..');
/** How many for each operation. */
const CASES = Number(process.env.CASES ?? 200);
const SEED = Number(process.env.SEED ?? 20_261_120);

/** Workers that share the operations; the tests' own run leaves a core to the others. */
const WORKERS = CASES > 200 ? availableParallelism() : 1;

const bundle = buildWorker(root, 'test/fuzz/worker.ts', join('.wrangler', 'build-fuzz'));
const variables = {
  ADMIN_EMAIL: 'admin@example.com',
  ADMIN_PASSWORD: 'Admin12345',
  DEMO_PASSWORD: 'Demo12345',
  CORS_ORIGINS: '*',
  REGISTRATIONS_PER_HOUR: '1000',
  CAPTCHA_COST: '10',
  CAPTCHA_COUNTER: '5',
};
const workers = await Promise.all(
  Array.from({ length: WORKERS }, () => launchScratch({ root, bundle, variables })),
);
const document = (await (await fetch(`${workers[0]?.url}/openapi.json`)).json()) as Document;
const operations = operationsOf(document);

const tally: Record<string, number> = {};
/** Requests by operation that were not refused for who asks. */
const letIn = new Map<string, number>();

afterAll(async () => {
  for (const worker of workers) await worker.stop();
  const sent = Object.values(tally).reduce((sum, count) => sum + count, 0);
  const counts = Object.entries(tally)
    .sort()
    .map(([name, count]) => `${name}: ${count}`);
  console.log(`${operations.length} operations, ${sent} requests (seed ${SEED}); ${counts.join(', ')}`);
});

describe.concurrent('requests', () => {
  it.each(operations)('of $id are answered as documented', { timeout: 3_600_000 }, async (operation) => {
    const worker = workers[operations.indexOf(operation) % WORKERS];
    if (!worker) throw new Error('no Worker was started');
    const asker = await askerOf(worker, operation);
    const requests = casesOf(operation, document, asker.known);
    await fc.assert(
      fc.asyncProperty(requests, async (wire) => {
        const sent = { ...wire, headers: [...wire.headers, ...asker.shown()] };
        const answer = await send(worker.url, sent);
        count(operation, answer);
        const faults = faultsOf(operation, sent, answer);
        expect(faults, faults.length > 0 ? told(sent, answer) : '').toEqual([]);
        if (answer.status === 401) await asker.signInAgain();
      }),
      { numRuns: CASES, seed: SEED, endOnFailure: true },
    );
    // Most of it got past the door. (That each can go well is in test/http/cost-table.test.ts.)
    if (operation.id !== 'refreshTokens') expect(letIn.get(operation.id)).toBeGreaterThan(CASES / 2);
  });
});

function count({ id }: Operation, answer: Answer): void {
  const kind = isRefusal(answer) ? 'refused' : 'taken';
  if (!isOfTheDoor(answer)) letIn.set(id, (letIn.get(id) ?? 0) + 1);
  tally[kind] = (tally[kind] ?? 0) + 1;
}

function told({ method, path, headers, body }: Wire, { status, text, headers: back }: Answer): string {
  return JSON.stringify({ method, path, headers, body, status, text: text.slice(0, 2000), back }).slice(
    0,
    6000,
  );
}
