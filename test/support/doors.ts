import {
  createExecutionContext,
  createScheduledController,
  env,
  waitOnExecutionContext,
} from 'cloudflare:test';
import worker from '../../src/dev/worker.ts';

/**
 * A door to the Worker, with bindings of the test's own where it wants some. They are bound at the first
 * request of a test file, so a file with its own uses one door only. The handler is called in the runtime and
 * not through the pool's `SELF`, which becomes slower with every request (70 ms after six hundred).
 */
export function doorWith(bindings: Record<string, unknown>): (request: Request) => Promise<Response> {
  const own = { ...env, ...bindings } as unknown as Parameters<typeof worker.fetch>[1];
  return async (request) => {
    const execution = createExecutionContext();
    const response = await worker.fetch(request as Parameters<typeof worker.fetch>[0], own, execution);
    await waitOnExecutionContext(execution);
    return response;
  };
}

/** Runs the jobs of a cron expression, with what the file's door is bound to. */
export async function runCron(expression: string): Promise<void> {
  const execution = createExecutionContext();
  const controller = createScheduledController({ cron: expression });
  await worker.scheduled(controller, env as unknown as Parameters<typeof worker.scheduled>[1], execution);
  await waitOnExecutionContext(execution);
}

/** Calls that reached a D1 database: a batch is one. */
export class CountingD1 {
  calls = 0;
  private readonly db: D1Database;

  constructor(db: D1Database) {
    this.db = db;
  }

  /** The database as a binding. */
  get binding(): D1Database {
    const batch = (statements: D1PreparedStatement[]) => {
      this.calls += 1;
      return this.db.batch(statements.map((one) => originals.get(one) ?? one));
    };
    const prepare = (sql: string) => this.counted(this.db.prepare(sql));
    return new Proxy(this.db, {
      get: (target, name) => {
        if (name === 'batch') return batch;
        if (name === 'prepare') return prepare;
        return Reflect.get(target, name);
      },
    });
  }

  /** How many calls an operation makes. */
  async during<T>(operation: () => Promise<T>): Promise<{ calls: number; result: T }> {
    const before = this.calls;
    const result = await operation();
    return { calls: this.calls - before, result };
  }

  private counted(statement: D1PreparedStatement): D1PreparedStatement {
    const wrapped = new Proxy(statement, {
      get: (target, name) => {
        if (name === 'bind') return (...values: unknown[]) => this.counted(target.bind(...values));
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...parameters: unknown[]) => {
          this.calls += 1;
          return Reflect.apply(member, target, parameters);
        };
      },
    });
    originals.set(wrapped, statement);
    return wrapped;
  }
}

const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

/** KV as it may be at its worst: reads give what was stored this long ago, misses included. */
export function laggingKv(kv: KVNamespace, lagMs: number, now: () => number): KVNamespace {
  const written = new Map<string, { at: number; value: string | null }[]>();
  const note = (name: string, value: string | null) =>
    written.set(name, [...(written.get(name) ?? []), { at: now(), value }]);
  return new Proxy(kv, {
    get(target, name) {
      switch (name) {
        case 'put':
          return async (key: string, value: string) => note(key, value);
        case 'delete':
          return async (key: string) => note(key, null);
        case 'get':
          return async (key: string) => {
            const history = written.get(key) ?? [];
            const seen = history.findLast(({ at }) => at <= now() - lagMs) ?? history[0];
            return seen?.value == null ? null : JSON.parse(seen.value);
          };
        default:
          return Reflect.get(target, name);
      }
    },
  });
}
