import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The committed documents, which another step of `npm test` compares with the code. */

interface Response {
  headers?: Record<string, unknown>;
  content?: Record<string, { example?: unknown; examples?: Record<string, unknown> }>;
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security?: object[];
  requestBody?: { content: Record<string, { schema?: object; example?: unknown }> };
  responses: Record<string, Response>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
}

const root = resolve(import.meta.dirname, '../..');
const audiences = readdirSync(join(root, 'openapi'));
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Document;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

function operationsOf({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ name: `${method.toUpperCase()} ${path}`, path, operation }] : [];
    }),
  );
}

const whole = read('openapi.json');
const operations = operationsOf(whole);
/** The names of those of which something is not so. */
const without = (holds: (operation: Operation, path: string) => unknown) =>
  operations.filter(({ operation, path }) => !holds(operation, path)).map(({ name }) => name);

describe('the documents', () => {
  it('keep Redocly’s recommended rules, without a warning', () => {
    const files = ['openapi.json', ...audiences.map((file) => `openapi/${file}`)];
    const redocly = join(root, 'node_modules/@redocly/cli/bin/cli.js');
    const output = execFileSync(
      process.execPath,
      [redocly, 'lint', ...files, '--config', 'test/contract/redocly.yaml', '--format', 'json'],
      {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      },
    );
    // A report for each file.
    const totals = [...output.matchAll(/"(errors|warnings)": (\d+)/g)].map(([, kind, n]) => `${n} ${kind}`);
    expect(totals, output).toEqual(files.flatMap(() => ['0 errors', '0 warnings']));
  });

  it('have each operation in one audience', () => {
    const names = audiences.flatMap((file) => operationsOf(read(`openapi/${file}`)).map(({ name }) => name));
    expect(names.sort()).toEqual(operations.map(({ name }) => name).sort());
  });

  it('say what each operation is, and what it is called', () => {
    expect(without(({ summary, description }) => summary && description.length > summary.length)).toEqual([]);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id))).toEqual([]);
    const known = whole.tags.map(({ name }) => name);
    expect(without(({ tags }) => tags.every((tag) => known.includes(tag)))).toEqual([]);
    const used = new Set(operations.flatMap(({ operation }) => operation.tags));
    expect(known.filter((name) => !used.has(name))).toEqual([]);
  });

  it('show what is sent and what is answered', () => {
    expect(
      without(({ requestBody, operationId }) =>
        Object.values(requestBody?.content ?? {}).every(
          ({ example, schema }) =>
            // A provider sends its own.
            operationId === 'notifyPayment' ||
            example !== undefined ||
            Object.keys(schema ?? {}).length === 0,
        ),
      ),
    ).toEqual([]);
    expect(
      without(({ responses }) =>
        Object.entries(responses)
          .filter(([status]) => status !== '304')
          .every(([, { content = {} }]) =>
            Object.values(content).some(({ example, examples }) => example !== undefined || examples),
          ),
      ),
    ).toEqual([]);
  });

  it('say how each can be refused, and by which id to ask about it', () => {
    const inBody = (path: string) => path.startsWith('/storefront/') || path === '/healthz';
    expect(
      without(
        ({ responses }, path) => inBody(path) || Object.keys(responses).some((status) => /^4/.test(status)),
      ),
    ).toEqual([]);
    expect(without(({ responses }, path) => inBody(path) || responses[500])).toEqual([]);
    expect(
      without(({ responses }) => Object.values(responses).every(({ headers }) => headers?.['X-Request-Id'])),
    ).toEqual([]);
    expect(without(({ security }) => security)).toEqual([]);
  });
});
