// `npm run bench`: Sluice beside two floors and beside itself without the ceiling, in turns within one run.
import { join, resolve } from 'node:path';
import { makeOwners, type Owner } from '../people.ts';
import { launchScratch, type Scratch } from '../scratch.ts';
import { buildWorker } from '../workerd.ts';
import { type Call, drive, type Measured } from './load.ts';
import { addRows, costOf, READERS } from './rows.ts';
import { memoryOfLogins, startupOf } from './weight.ts';

const root = resolve(import.meta.dirname, '../../..');
const ROUNDS = 3;
const ROUND_MS = 1500;
const TOKENS = 10;

/** What is measured, by what it is set to. */
const SUBJECTS = {
  sluice: { BENCH: 'sluice', QUOTA_AHEAD: 'on' },
  'each time': { BENCH: 'sluice', QUOTA_AHEAD: 'off' },
  stack: { BENCH: 'stack', QUOTA_AHEAD: 'on' },
  bare: { BENCH: 'bare', QUOTA_AHEAD: 'on' },
};
type Subject = keyof typeof SUBJECTS;

interface Running extends Scratch {
  owners: Owner[];
}

async function launch(bundle: string, variables: Record<string, string>): Promise<Running> {
  const objects = { NOOP: { className: 'NoopObject', useSQLite: true } };
  const scratch = await launchScratch({ root, bundle, variables, objects });
  return { ...scratch, owners: await makeOwners(scratch.run, scratch.secrets.API_KEY_PEPPER ?? '', 100) };
}

const RESERVATIONS = '/api/v1/quota/reservations';
let counter = 0;

/** One operation, from one owner or from a hundred. */
const OPERATIONS: Record<string, (key: string) => Call> = {
  reserve: (key) => ({ method: 'POST', path: RESERVATIONS, key, body: { tokens: TOKENS } }),
  consume: (key) => ({
    method: 'POST',
    path: '/api/v1/quota/consume',
    key,
    body: { tokens: TOKENS, request_id: `bench-${counter++}` },
  }),
  'GET /quota': (key) => ({ method: 'GET', path: '/api/v1/quota', key }),
};

async function measure({ port, owners }: Running, operation: string, many: number): Promise<Measured> {
  const keyOf = (index: number) => owners[index % many]?.key ?? '';
  if (operation !== 'settle') {
    const call = OPERATIONS[operation];
    return drive(port, (index) => call?.(keyOf(index)) ?? null, ROUND_MS);
  }
  return settleAll(port, keyOf(0), await reserveMany(port, keyOf(0), 3000));
}

/** Reservations of one owner, by their ids. */
async function reserveMany(port: number, key: string, many: number): Promise<string[]> {
  const next = (index: number) => (index < many ? (OPERATIONS.reserve?.(key) ?? null) : null);
  const { bodies } = await drive(port, next, undefined, true);
  return bodies.map((body) => JSON.parse(body).data?.reservation_id ?? 'rsv_none');
}

function settleAll(port: number, key: string, ids: string[]): Promise<Measured> {
  return drive(port, (index) => {
    const id = ids[index];
    return id ? { method: 'POST', path: `${RESERVATIONS}/${id}/settle`, key, body: { tokens: 7 } } : null;
  });
}

/** Dollars a million (Workers Paid, beyond what is included). */
const PRICES = { 'Worker requests': 0.3, 'object requests': 0.15, 'object rows written': 1 };

/** What a thousand pairs of reserve and settle are billed as, at load. */
async function cost({ port, owners: [first] }: Running): Promise<void> {
  if (!first) throw new Error('no owner');
  const rows = async () =>
    Number(await (await fetch(`http://127.0.0.1:${port}/bench/rows/${first.owner}`)).text());
  const pairs = 5000;
  const before = await rows();
  await settleAll(port, first.key, await reserveMany(port, first.key, pairs));
  const written = (await rows()) - before;
  const counts = {
    'Worker requests': 2 * pairs,
    'object requests': 2 * pairs,
    'object rows written': written,
  };
  console.log('\nper 1,000 pairs of reserve and settle, one owner at load:');
  let dollars = 0;
  for (const [name, count] of Object.entries(counts)) {
    dollars += (count / pairs) * PRICES[name as keyof typeof PRICES];
    console.log(`  ${name.padEnd(22)}${((count / pairs) * 1000).toFixed(0).padStart(7)}`);
  }
  console.log(
    `  KV reads, D1 queries       0   (keys are cached in the isolate; usage goes to D1 every 20 s)`,
  );
  console.log(`  a million pairs cost $${dollars.toFixed(2)}`);
}

const SIZES = [1000, 100_000];

/** What each reading asks of D1, in tables of a thousand rows and of a hundred thousand. */
async function rowsRead(): Promise<void> {
  const scratch = await launch(bundle, { BENCH: 'metered' });
  const [mine] = scratch.owners;
  if (!mine) throw new Error('no owner');
  const costs: Map<string, { calls: number; rowsRead: number }>[] = [];
  let present = 0;
  for (const size of SIZES) {
    await addRows(scratch.db, present, size);
    present = size;
    costs.push(await costOf(scratch, mine));
  }
  const columns = SIZES.map((size) => `${size.toLocaleString('en')} rows`.padStart(14)).join('');
  console.log(`\nD1 calls, and rows read with tables of${' '.repeat(10)}calls${columns}`);
  for (const path of READERS) {
    const [first] = costs.map((cost) => cost.get(path)?.calls ?? 0);
    const read = costs.map((cost) => String(cost.get(path)?.rowsRead ?? 0).padStart(14)).join('');
    console.log(`  GET ${path.padEnd(40)}${String(first).padStart(7)}${read}`);
  }
  await scratch.stop();
}

/** What production limits: the bundle, its start, and memory. */
async function weight(): Promise<void> {
  console.log('\nthe deployed Worker:');
  for (const line of startupOf(root)) console.log(`  ${line}`);
  const fresh = await launch(bundle, { BENCH: 'sluice' });
  const memory = await memoryOfLogins(fresh);
  if (memory)
    console.log(`  Memory: ${memory.mebibytes} MiB more at the peak of ${memory.logins} logins at once`);
  await fresh.stop();
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const bundle = buildWorker(root, 'src/dev/bench/worker.ts', join('.wrangler', 'bench'));
const running = Object.fromEntries(
  await Promise.all(
    Object.entries(SUBJECTS).map(
      async ([name, variables]) => [name, await launch(bundle, variables)] as const,
    ),
  ),
) as Record<Subject, Running>;

console.log(
  `${ROUNDS} rounds of ${ROUND_MS / 1000} s each in turns, 64 connections, plan_enterprise (tpm 2,000,000)\n`,
);
console.log(
  'operation    owners  subject     per second   p50 ms   p99 ms   of stack   of bare   of each time',
);
for (const [operation, owners] of [
  ['reserve', 1],
  ['reserve', 100],
  ['settle', 1],
  ['consume', 1],
  ['consume', 100],
  ['GET /quota', 1],
  ['GET /quota', 100],
] as const) {
  const subjects = (Object.keys(SUBJECTS) as Subject[]).filter(
    (name) => operation !== 'settle' || name === 'sluice' || name === 'each time',
  );
  const rounds = new Map<Subject, Measured[]>(subjects.map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of round % 2 ? subjects : subjects.toReversed()) {
      const measured = await measure(running[name], operation, owners);
      if (measured.failed > 0) throw new Error(`${operation} of ${name}: ${measured.failed} failed`);
      // The first round warms up.
      if (round > 0) rounds.get(name)?.push(measured);
    }
  }
  const rate = (name: Subject) => median((rounds.get(name) ?? []).map(({ perSecond }) => perSecond));
  for (const name of subjects) {
    const of = (floor: Subject) => (rate(floor) ? (rate(name) / rate(floor)).toFixed(2) : '–');
    const p = (which: 'p50' | 'p99') => median((rounds.get(name) ?? []).map((one) => one[which])).toFixed(1);
    console.log(
      `${operation.padEnd(12)} ${String(owners).padStart(6)}  ${name.padEnd(10)} ${rate(name).toFixed(0).padStart(11)}` +
        `${p('p50').padStart(9)}${p('p99').padStart(9)}${of('stack').padStart(11)}${of('bare').padStart(10)}${of('each time').padStart(15)}`,
    );
  }
}
await cost(running.sluice);
for (const one of Object.values(running)) await one.stop();
await rowsRead();
await weight();
process.exit(0);
