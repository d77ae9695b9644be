import { env } from 'cloudflare:test';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ACCESS } from '../support/access-table.ts';
import { Client, type Send } from '../support/client.ts';
import { documented } from '../support/contract.ts';
import { dataOf } from '../support/enterprises.ts';
import { newHuman } from '../support/humans.ts';

/**
 * Broken requests of every kind, for every operation, by somebody who may. Each answer is one that the document has (the
 * client of these tests holds it against that), none is a fault of ours, and it comes with a request id.
 */

const { CASES, DB_DEFAULT } = env as unknown as { CASES: string; DB_DEFAULT: D1Database };
/** How many for each operation: `CASES` of the environment. */
const RUNS = Number(CASES);

const client = new Client();
let office = '';

beforeAll(async () => {
  const granted = { systems: ['AUTH_MANAGEMENT'], permissions: ['members:read', 'members:write'] };
  const made = await client.post(
    '/admin/v1/clients',
    { name: 'office', ...granted },
    { token: await client.admin() },
  );
  office = dataOf(made).client_key;
});

/** What no field expects. */
const Junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    0.1,
    '',
    ' ',
    '0',
    '-1',
    '1e3',
    'NaN',
    '99999999999999999999.99',
    '49.001',
    "' or 1=1 --",
    '{{7*7}}',
    '<script>alert(1)</script>',
    '../../etc/passwd',
    '%00',
    '\u0000',
    '\ud800',
    '﷽'.repeat(40),
    '😀'.repeat(80),
    'e\u0301',
    '2024-02-30T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    'javascript:alert(1)',
    'x'.repeat(5000),
    [],
    [[]],
    {},
    { toString: 1 },
    { __proto__: null, constructor: 'x' },
    Array.from({ length: 300 }, () => 'x'),
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** How a request is broken. */
const Break = fc.record({
  kind: fc.constantFrom('field', 'field', 'field', 'whole', 'raw', 'type', 'query', 'path', 'header', 'fine'),
  /** Which field, parameter or header. */
  at: fc.nat(1000),
  how: fc.constantFrom('replaced', 'replaced', 'removed', 'added'),
  junk: Junk,
  raw: fc.constantFrom(
    '{',
    '[',
    '"',
    '{"a":}',
    'null',
    '1',
    '\ufeff{}',
    '{"a":1}{"b":2}',
    'a=b&a=c',
    '['.repeat(3000),
  ),
  type: fc.constantFrom(
    'text/plain',
    'application/xml',
    'multipart/form-data',
    'application/json; charset=utf-16',
    ';',
  ),
  header: fc.constantFrom(
    ['Idempotency-Key', 'k'.repeat(256)],
    ['Idempotency-Key', ''],
    ['Accept-Language', 'zz-ZZ;q=x, *;q=9'],
    ['X-Site', '../cn'],
    ['X-Site', 'constructor'],
    ['If-None-Match', '*'],
    ['Content-Type', 'application/json, application/json'],
    ['Authorization', 'Bearer a b'],
    ['Authorization', 'Basic eDp5'],
  ),
});
type Break = typeof Break extends fc.Arbitrary<infer T> ? T : never;

/** The leaves of an example, by their paths. */
function pathsOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]));
  return path.length > 0 ? [path, ...below] : below;
}

function broken(body: unknown, { at, how, junk }: Break): unknown {
  const copy = structuredClone(body ?? {}) as Record<string, unknown>;
  const paths = pathsOf(copy);
  const path = paths[at % Math.max(1, paths.length)] ?? [];
  const last = path.at(-1);
  const parent = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((part, key) => part[key] as Record<string, unknown>, copy);
  if (how === 'added' || last === undefined)
    Object.defineProperty(parent, `extra${at}`, { value: junk, enumerable: true });
  else if (how === 'removed') delete parent[last];
  else parent[last] = junk;
  return copy;
}

const textOf = (junk: unknown) =>
  encodeURIComponent(wellFormed(typeof junk === 'string' ? junk : JSON.stringify(junk)));
const wellFormed = (text: string) => text.toWellFormed().slice(0, 2000);

function requestOf(
  { method, template, body, query }: (typeof documented)[number],
  how: Break,
): [string, Send] {
  const junk = textOf(how.junk) || '%20';
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    how.kind === 'path' || name === 'provider' ? junk : name === 'site' ? 'default' : 'plan_basic',
  );
  const name = query[how.at % Math.max(1, query.length)] ?? 'page';
  const address = how.kind === 'query' ? `${path}?${name}=${junk}` : path;
  const headers = how.kind === 'header' ? Object.fromEntries([how.header as [string, string]]) : {};
  if (method === 'GET') return [address, { headers }];
  switch (how.kind) {
    case 'field':
      return [address, { body: broken(body, how), headers }];
    case 'whole':
      return [address, { body: how.junk ?? null, headers }];
    case 'raw':
      return [address, { raw: how.raw, headers: { 'Content-Type': 'application/json' } }];
    case 'type':
      return [address, { raw: JSON.stringify(body ?? {}), headers: { 'Content-Type': how.type } }];
    default:
      return [address, { body: body ?? {}, headers }];
  }
}

/** What somebody shows who may do it. Each operation has people of its own, since some end their own session. */
async function shownFor(id: string): Promise<Record<string, string>> {
  const who = ACCESS[id];
  if (who === 'office') {
    return { 'X-Client': office, 'X-Site': 'default', 'X-System-Code': 'AUTH_MANAGEMENT' };
  }
  const human = await newHuman(client);
  if (who === 'admin')
    await DB_DEFAULT.prepare("update users set role = 'admin' where id = ?").bind(human.id).run();
  if (who !== 'machine') return { Authorization: `Bearer ${human.token}` };
  const made = await client.post(
    '/api/v1/users/me/apikeys',
    { name: 'k', key_type: 'test' },
    { token: human.token },
  );
  return { Authorization: `Bearer ${dataOf(made).api_key}` };
}

describe('broken requests', () => {
  it.each(documented)('of $id are refused as documented, or make sense', async (operation) => {
    const shown = await shownFor(operation.id);
    await fc.assert(
      fc.asyncProperty(Break, async (how) => {
        const [path, send] = requestOf(operation, how);
        const answer = await client.send(operation.method, path, {
          ...send,
          headers: { ...shown, ...send.headers },
        });
        expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
        expect(answer.headers.get('X-Request-Id')).toMatch(/^req_/);
      }),
      { numRuns: RUNS },
    );
  });
});
