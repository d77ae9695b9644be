import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const src = join(root, 'src');

interface Import {
  from: string;
  /** A path below src, or a package's name. */
  to: string;
  inside: boolean;
  typeOnly: boolean;
  dynamic: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'));
const imports = files.flatMap(importsOf);
const roomOf = (file: string) =>
  file.includes('/') ? (file.split('/')[0] ?? file) : file.replace(/\.ts$/, '');

/** Which rooms a room may import from: the one-way streets of the design. */
const ALLOWED: Record<string, string[]> = {
  kernel: [],
  security: ['kernel'],
  db: ['kernel'],
  modules: ['kernel', 'db', 'security'],
  programs: ['modules', 'kernel'],
  providers: ['kernel', 'security'],
  quota: ['kernel', 'security'],
  flows: ['modules', 'programs', 'kernel', 'db', 'security'],
  jobs: ['flows', 'modules', 'db', 'kernel'],
  http: ['flows', 'modules', 'kernel', 'security', 'db'],
  app: ['http', 'kernel'],
  env: ['kernel', 'quota', 'providers'],
  bind: ['kernel', 'db', 'flows', 'providers', 'quota', 'env'],
  worker: ['app', 'bind', 'env', 'jobs', 'quota', 'providers', 'flows', 'kernel'],
};

describe('imports', () => {
  it('run one way', () => {
    const wrong = imports.filter(({ from, to, inside }) => {
      const [room, target] = [roomOf(from), roomOf(to)];
      if (!inside || room === target || room === 'dev') return false;
      // db knows the tables of the modules whose rows go into every batch.
      if (room === 'db' && target === 'modules') return !to.endsWith('tables.ts');
      return !ALLOWED[room]?.includes(target);
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('between modules are of types and tables only', () => {
    const moduleOf = (file: string) => /^modules\/([^/]+)\//.exec(file)?.[1];
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const [mine, other] = [moduleOf(from), moduleOf(to)];
      return mine && other && mine !== other && !to.endsWith('tables.ts') && !typeOnly;
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('of http by http keep to the surface and what is shared', () => {
    const wrong = imports.filter(({ from, to }) => {
      const mine = /^http\/([^/]+)\//.exec(from)?.[1];
      const other = /^http\/([^/]+)\//.exec(to)?.[1];
      return mine && other && mine !== other && other !== 'shared' && mine !== 'docs';
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('load surfaces on first use only', () => {
    const eager = imports.filter(
      ({ from, to, dynamic, typeOnly }) =>
        ['worker.ts', 'app.ts', 'bind.ts'].includes(from) && to.startsWith('http/') && !dynamic && !typeOnly,
    );
    expect(eager).toEqual([]);
  });

  it('keep frameworks where they belong', () => {
    const rules: [name: RegExp, where: RegExp][] = [
      [/^(hono|@hono\/)/, /^(http\/|app\.ts|worker\.ts|dev\/)/],
      [/^cloudflare:/, /^(worker\.ts|quota\/(object|client)\.ts|dev\/)/],
      [/^drizzle-orm/, /^(db\/|.*tables\.ts$|.*store\.ts$)/],
      [/^(miniflare|wrangler|node:(fs|child_process|net))/, /^dev\//],
    ];
    const wrong = imports.filter(
      ({ from, to, inside, typeOnly }) =>
        !inside &&
        rules.some(([name, where]) => name.test(to) && !where.test(from)) &&
        // The port's type of a database is Drizzle's.
        !(from === 'kernel/ports.ts' && typeOnly),
    );
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('have no circles', () => {
    const edges = Map.groupBy(
      imports.filter(({ inside, typeOnly }) => inside && !typeOnly),
      ({ from }) => from,
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const { to } of edges.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('never reach dev from outside', () => {
    expect(imports.filter(({ from, to }) => roomOf(from) !== 'dev' && to.startsWith('dev/'))).toEqual([]);
  });

  it('find every file used', () => {
    const entries = /^(worker\.ts|dev\/(worker|start|openapi|bench\/(run|worker))\.ts|.*tables\.ts)$/;
    const used = new Set(imports.map(({ to }) => to));
    expect(files.filter((file) => !entries.test(file) && !used.has(file))).toEqual([]);
  });
});

describe('files', () => {
  it('are named in kebab-case and hold one idea', () => {
    const odd = files.filter(
      (file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.(routes|handlers|mapper|schemas|examples))?\.ts$/.test(file),
    );
    expect(odd).toEqual([]);
    const large = files.filter((file) => readFileSync(join(src, file), 'utf8').split('\n').length > 301);
    expect(large).toEqual([]);
  });
});

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean, dynamic: boolean) => {
    if (specifier && ts.isStringLiteral(specifier))
      found.push({ ...resolved(file, specifier.text), typeOnly, dynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { importClause } = node;
      const bindings = importClause?.namedBindings;
      const allTypes =
        !!bindings && ts.isNamedImports(bindings) && bindings.elements.every(({ isTypeOnly }) => isTypeOnly);
      add(node.moduleSpecifier, !!importClause?.isTypeOnly || (allTypes && !importClause?.name), false);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly, false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function resolved(from: string, specifier: string): Pick<Import, 'from' | 'to' | 'inside'> {
  if (specifier.startsWith('#')) return { from, to: `${specifier.slice(1)}.ts`, inside: true };
  if (!specifier.startsWith('.')) return { from, to: specifier, inside: false };
  return { from, to: relative(src, join(src, dirname(from), specifier)).replaceAll('\\', '/'), inside: true };
}
