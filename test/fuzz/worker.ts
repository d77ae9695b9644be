import { AsyncLocalStorage } from 'node:async_hooks';
import { watchedD1 } from '../../src/dev/metered-d1.ts';
import local, { QuotaObject } from '../../src/dev/worker.ts';
import type { Env } from '../../src/env.ts';

export { QuotaObject };

/** What a request wrote: verbs and tables of D1, and of KV. */
const writes = new AsyncLocalStorage<Set<string>>();

const WRITE = /^\s*(insert|update|delete)(?: or \w+)?(?: into| from)?\s+["`]?(\w+)/i;

function watched(env: Env): Env {
  const databases = Object.entries(env).filter(([name]) => name.startsWith('DB_'));
  const done = ({ sql, changes }: { sql: string; changes: number }) => {
    const [, verb, table] = WRITE.exec(sql) ?? [];
    if (changes > 0)
      writes.getStore()?.add(table ? `${verb?.toLowerCase()} ${table}` : sql.replaceAll(/\s+/g, ' '));
  };
  const kv = new Proxy(env.KV, {
    get(target, name) {
      if (name === 'put' || name === 'delete') writes.getStore()?.add(`${name} KV`);
      const member = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const bound = databases.map(([name, db]) => [name, watchedD1(db as D1Database, { done, costs: false })]);
  return { ...env, ...Object.fromEntries(bound), KV: kv };
}

let bindings: Env | null = null;

/** `POST /fuzz/sql`: statements of the default site's database, as one transaction. Through Miniflare each would take 10 ms. */
async function runSql(request: Request, db: D1Database): Promise<Response> {
  const statements = (await request.json()) as [sql: string, ...values: unknown[]][];
  await db.batch(statements.map(([sql, ...values]) => db.prepare(sql).bind(...values)));
  return new Response(null, { status: 204 });
}

/** RSA keys take half a second each; here all of a size are the same. */
const made = new Map<string, Promise<unknown>>();
const generateKey = crypto.subtle.generateKey.bind(crypto.subtle);
crypto.subtle.generateKey = ((...parameters: [{ name: string }, boolean, string[]]) => {
  const kind = JSON.stringify(parameters);
  if (!parameters[0].name.startsWith('RSA'))
    return generateKey(...(parameters as unknown as Parameters<typeof generateKey>));
  const key = made.get(kind) ?? generateKey(...(parameters as unknown as Parameters<typeof generateKey>));
  made.set(kind, key);
  return key;
}) as typeof generateKey;

/** The local run's Worker, which also says in `X-Wrote` what a request wrote. */
export default {
  fetch: (request, env, execution) => {
    if (new URL(request.url).pathname === '/fuzz/sql') return runSql(request, env.DB_DEFAULT as D1Database);
    bindings ??= watched(env);
    const wrote = new Set<string>();
    return writes.run(wrote, async () => {
      const answer = await local.fetch(request, bindings ?? env, execution);
      const told = new Response(answer.body, answer);
      if (wrote.size > 0) told.headers.set('X-Wrote', [...wrote].join(', '));
      return told;
    });
  },
} satisfies ExportedHandler<Env>;
