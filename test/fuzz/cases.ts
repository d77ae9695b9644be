import fc from 'fast-check';
import { generateSync, type JsonSchema } from 'json-schema-faker';
import type { Wire } from './client.ts';
import { JUNK, RAW, violationsOf } from './junk.ts';
import type { Document, Operation, Parameter, Schema } from './operations.ts';

/** How a request is made from an operation: as the document has it, or broken in one way. */
const Plan = fc.record({
  kind: fc.constantFrom(
    'valid',
    'valid',
    'valid',
    'bounds',
    'bounds',
    'bounds',
    'junk',
    'junk',
    'missing',
    'extra',
    'whole',
    'raw',
    'type',
    'query',
    'query',
    'path',
    'header',
    'twice',
    'huge',
    'double',
  ),
  /** What the schema's own values are drawn from. */
  seed: fc.nat(2 ** 30),
  /** Which field, parameter, header or way. */
  at: fc.nat(1000),
  way: fc.nat(1000),
  junk: fc.oneof(
    fc.constantFrom(...JUNK),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
  ),
  /** From the example, or from the schema. */
  example: fc.boolean(),
});
type Plan = typeof Plan extends fc.Arbitrary<infer T> ? T : never;

/** Ids that are somebody's, by the parameter that names them. */
export type Known = Record<string, string[]>;

/** Requests of an operation: what is shown of who asks is added when they are sent. */
export function casesOf(operation: Operation, document: Document, known: Known): fc.Arbitrary<Wire> {
  return Plan.map((plan) => wireOf(operation, document, known, plan));
}

function wireOf(operation: Operation, document: Document, known: Known, plan: Plan): Wire {
  const { method, body } = operation;
  const path = pathOf(operation, document, known, plan);
  const headers: Wire['headers'] = headersOf(operation, plan);
  const wire: Wire = { method, path, headers, body: null, isBroken: false };
  if (method === 'GET' || !body) return wire;
  const base = plan.example ? body.example : generated(body.schema, document, plan.seed);
  const isForm = !body.types.includes('application/json') || (body.types.length > 1 && plan.way % 2 === 0);
  const withType = (type: string) =>
    headers.some(([name]) => name === 'Content-Type') || headers.push(['Content-Type', type]);
  if (plan.kind === 'raw') {
    withType('application/json');
    const raw = pick(RAW, plan.way);
    return { ...wire, body: raw, isBroken: !isForm && (raw !== '' || body.required) };
  }
  const value = bodyOf(base, operation, document, plan);
  if (plan.kind === 'type') {
    withType(pick(TYPES, plan.way));
    return { ...wire, body: textOf(value) };
  }
  withType(isForm ? 'application/x-www-form-urlencoded' : 'application/json');
  if (isForm) return { ...wire, body: formOf(value) };
  const text = plan.kind === 'twice' ? twice(value, plan) : textOf(value);
  // What a storefront's front end sends are texts, whatever the type.
  const isStrict = body.types.length === 1 && plan.kind !== 'twice';
  return { ...wire, body: text, isBroken: isStrict && body.check(JSON.parse(text)).length > 0 };
}

function bodyOf(
  base: unknown,
  { body }: Operation,
  document: Document,
  { kind, at, way, junk }: Plan,
): unknown {
  if (kind === 'whole') return junk;
  if (!body || !['bounds', 'junk', 'missing', 'extra'].includes(kind)) return base;
  const copy = structuredClone(base ?? {}) as Record<string, unknown>;
  const leaves = leavesOf(copy, body.schema, document);
  const leaf = leaves[at % Math.max(1, leaves.length)];
  if (kind === 'extra' || !leaf) return { ...copy, [`extra_${at}`]: junk };
  if (kind === 'missing') delete leaf.parent[leaf.key];
  else leaf.parent[leaf.key] = kind === 'junk' ? junk : pick(violationsOf(leaf.schema), way);
  return copy;
}

interface Leaf {
  parent: Record<string, unknown>;
  key: string;
  schema: Schema;
}

/** Each part of a value, with what its schema says of it. */
function leavesOf(value: unknown, schema: Schema, document: Document): Leaf[] {
  if (typeof value !== 'object' || value === null) return [];
  const { properties = {}, items } = flat(schema, document);
  return Object.entries(value).flatMap(([key, part]) => {
    const below = flat(properties[key] ?? items ?? {}, document);
    return [
      { parent: value as Record<string, unknown>, key, schema: below },
      ...leavesOf(part, below, document),
    ];
  });
}

/** A schema without references, and of alternatives the first that says something. */
function flat(schema: Schema, document: Document): Schema {
  const { $ref, allOf = [], anyOf = [], oneOf = [], ...own } = schema;
  const name = $ref?.split('/').at(-1) ?? '';
  const parts = [...($ref ? [document.components.schemas[name] ?? {}] : []), ...allOf];
  const [chosen] = [...anyOf, ...oneOf].filter(({ type }) => type !== 'null');
  if (chosen) parts.push(chosen);
  const flattened = parts.map((part) => flat(part, document));
  const properties = Object.assign({}, ...flattened.map((part) => part.properties), own.properties);
  return Object.assign({}, ...flattened, own, Object.keys(properties).length > 0 ? { properties } : {});
}

/** A value that a schema allows. */
function generated(schema: Schema, { components }: Document, seed: number): unknown {
  return generateSync({ ...schema, components } as JsonSchema, {
    seed,
    maxDefaultItems: 2,
    optionalsProbability: 0.6,
  });
}

function pathOf({ path, parameters }: Operation, document: Document, known: Known, plan: Plan): string {
  const { kind, seed, at, way, junk } = plan;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (kind === 'path') return segment(junk);
    const own = known[name] ?? [];
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    if (own.length > 0 && seed % 4 > 0) return pick(own, at);
    return segment(generated(parameter?.schema ?? {}, document, seed));
  });
  const queries = parameters.filter((one) => one.in === 'query');
  const given = queries.filter((one, index) => one.required || (seed >> index) % 3 === 0);
  const pairs = given.map(
    ({ name, schema }) => [name, generated(schema, document, seed + at)] as [string, unknown],
  );
  if (kind === 'query') pairs.push(brokenQuery(queries, document, plan));
  if (kind === 'double' && pairs[0]) pairs.push([pairs[0][0], pick(JUNK, way)]);
  if (kind === 'huge' && way % 2 === 0) pairs.push(['q', 'x'.repeat(12_000)]);
  const query = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`).join('&');
  return query === '' ? filled : `${filled}?${query}`;
}

function brokenQuery(queries: Parameter[], document: Document, { at, way, junk }: Plan): [string, unknown] {
  const parameter = pick(queries, at);
  if (!parameter || way % 5 === 0) return [`extra_${at}`, junk];
  return [parameter.name, way % 2 === 0 ? junk : pick(violationsOf(flat(parameter.schema, document)), way)];
}

/** A part of a path is never empty: that would be another path. */
const segment = (value: unknown) =>
  encoded(value)
    .replaceAll('%2F', '/')
    .replaceAll(/^\.*\/?$/g, '-')
    .slice(0, 2000)
    .replaceAll('/', '%2F');

const encoded = (value: unknown) =>
  encodeURIComponent((typeof value === 'string' ? value : textOf(value)).toWellFormed());

const TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json, application/json',
  ';',
  '',
];

const HEADERS: Wire['headers'] = [
  ['Idempotency-Key', 'k'.repeat(256)],
  ['Idempotency-Key', ''],
  ['Idempotency-Key', 'é'],
  ['Accept-Language', 'zz-ZZ;q=x, *;q=9'],
  ['Accept-Language', 'zh'.repeat(400)],
  ['X-Site', '../cn'],
  ['X-Site', 'constructor'],
  ['X-System-Code', 'x'.repeat(5000)],
  ['If-None-Match', '*'],
  ['If-None-Match', 'x'.repeat(7000)],
  ['Content-Type', 'application/json, application/json'],
  ['Authorization', 'Bearer a b'],
  ['Authorization', 'Basic eDp5'],
  ['Authorization', `Bearer ${'x'.repeat(6000)}`],
  ['X-Client', `ck-${'0'.repeat(32)}`],
  ['Cookie', 'a=b'.repeat(2000)],
  ['X-Forwarded-For', "1.2.3.4, ' or 1=1"],
  ['CF-Connecting-IP', 'not an address'],
  ['Range', 'bytes=0-1'],
  ['Expect', 'nothing'],
  ['X-HTTP-Method-Override', 'DELETE'],
];

function headersOf({ parameters }: Operation, { kind, at, way, seed }: Plan): Wire['headers'] {
  const header = pick(HEADERS, way);
  if (kind === 'header') return [header];
  // The second one is another than the first.
  if (kind === 'double') return [header, [header[0], `${header[1]}2`]];
  if (kind === 'huge') return way % 2 === 1 ? [[`X-Extra-${at}`, 'y'.repeat(12_000)]] : [];
  const takesKey = parameters.some((one) => one.name === 'Idempotency-Key');
  return takesKey && kind === 'valid' && seed % 2 === 0 ? [['Idempotency-Key', `k${seed % 50}`]] : [];
}

/** A body in which a field is twice. */
function twice(value: unknown, { at, junk }: Plan): string {
  const text = textOf(value);
  const keys = Object.keys(Object(value));
  const key = keys[at % Math.max(1, keys.length)] ?? 'x';
  return text.startsWith('{')
    ? `{${JSON.stringify(key)}:${textOf(junk)}${text === '{}' ? '' : ','}${text.slice(1)}`
    : text;
}

const textOf = (value: unknown) => JSON.stringify(value) ?? 'null';

function formOf(value: unknown): string {
  return Object.entries(Object(value))
    .map(([name, part]) => `${encoded(name)}=${encoded(part)}`)
    .join('&');
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % Math.max(1, list.length)] as T;
}
