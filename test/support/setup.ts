import { env } from 'cloudflare:test';
import type { D1Migration } from '@cloudflare/vitest-pool-workers';

const { DB_DEFAULT, DB_CN, MIGRATIONS } = env as unknown as {
  DB_DEFAULT: D1Database;
  DB_CN: D1Database;
  MIGRATIONS: D1Migration[];
};

// One transaction a database: one for each statement makes every test file wait two seconds.
const queries = MIGRATIONS.flatMap((migration) => migration.queries);
for (const db of [DB_DEFAULT, DB_CN]) await db.batch(queries.map((query) => db.prepare(query)));

// Production refuses what passes here: more rounds of PBKDF2, and WebAssembly that is compiled at run time.
const MOST_ROUNDS = 100_000;
for (const name of ['deriveBits', 'deriveKey'] as const) {
  const derive = crypto.subtle[name].bind(crypto.subtle) as (...all: unknown[]) => Promise<never>;
  Object.defineProperty(crypto.subtle, name, {
    value: (algorithm: { iterations?: number }, ...rest: unknown[]) => {
      if ((algorithm.iterations ?? 0) > MOST_ROUNDS)
        return Promise.reject(new DOMException('PBKDF2 rounds above 100000', 'NotSupportedError'));
      return derive(algorithm, ...rest);
    },
  });
}
const disallowed = () => new WebAssembly.CompileError('Wasm code generation disallowed by embedder');
for (const name of ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']) {
  Object.defineProperty(WebAssembly, name, { value: () => Promise.reject(disallowed()) });
}
Object.defineProperty(WebAssembly, 'Module', {
  value: () => {
    throw disallowed();
  },
});
