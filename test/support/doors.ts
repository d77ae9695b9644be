import {
  createExecutionContext,
  createScheduledController,
  env,
  waitOnExecutionContext,
} from 'cloudflare:test';
import worker from '#built';

/**
 * A door to the Worker, with bindings of the test's own where it wants some. They are bound at the first
 * request of a test file, so a file with its own uses one door only. The handler is called in the runtime and
 * not through the pool's `SELF`, which becomes slower with every request (70 ms after six hundred).
 */
export function doorWith(
  bindings: Record<string, unknown>,
  to = worker,
): (request: Request) => Promise<Response> {
  const own = { ...env, ...bindings } as unknown as Parameters<typeof worker.fetch>[1];
  return async (request) => {
    const execution = createExecutionContext();
    const response = await to.fetch(request as Parameters<typeof worker.fetch>[0], own, execution);
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

/** What becomes of a call of a Durable Object: it goes well, or fails before or after it was carried out. */
export type Failure = 'none' | 'before' | 'after' | 'before, retryable' | 'after, retryable' | 'overloaded';

/** Durable Objects whose calls fail as they may in production: `next` says how the next ones do. */
export class Storm {
  next: Failure[] = [];
  /** What was carried out, whether or not anybody was told: method, parameters, result. */
  carried: { method: string; parameters: unknown[]; result: unknown }[] = [];

  over<T extends Rpc.DurableObjectBranded | undefined>(
    namespace: DurableObjectNamespace<T>,
  ): DurableObjectNamespace<T> {
    const get = (id: DurableObjectId) => this.stub(namespace.get(id));
    return new Proxy(namespace, {
      get(target, name) {
        if (name === 'get') return get;
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  private stub<T extends object>(stub: T): T {
    return new Proxy(stub, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...parameters: unknown[]) => Promise<unknown>;
        return async (...parameters: unknown[]) => {
          const failure = this.next.shift() ?? 'none';
          const overloaded = failure === 'overloaded';
          const retryable = failure.endsWith('retryable');
          const lost = Object.assign(new Error('Network connection lost.'), { overloaded, retryable });
          if (overloaded || failure.startsWith('before')) throw lost;
          const result = await Reflect.apply(method, target, parameters);
          this.carried.push({ method: String(name), parameters, result });
          if (failure.startsWith('after')) throw lost;
          return result;
        };
      },
    });
  }
}

/** KV as production has it: a second write of a key within a second is refused. */
export function strictKv(kv: KVNamespace): { binding: KVNamespace; refused: () => number } {
  const written = new Map<string, number>();
  let refused = 0;
  const write =
    (name: 'put' | 'delete') =>
    async (key: string, ...rest: unknown[]) => {
      const now = performance.now();
      if (now - (written.get(key) ?? Number.NEGATIVE_INFINITY) < 1000) {
        refused += 1;
        throw new Error('KV PUT failed: 429 Too Many Requests');
      }
      written.set(key, now);
      return (kv[name] as (...all: unknown[]) => Promise<void>)(key, ...rest);
    };
  const binding = new Proxy(kv, {
    get(target, name) {
      if (name === 'put' || name === 'delete') return write(name);
      const member = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { binding, refused: () => refused };
}
