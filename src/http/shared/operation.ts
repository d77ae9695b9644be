import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import type { Ctx } from '#kernel/context';
import type { AppError, ErrorCode } from '#kernel/errors';
import { ERRORS } from './errors/table.ts';
import { idempotently } from './idempotency.ts';
import type { SurfaceEnv } from './surface.ts';

type Schema = z.ZodType;
const None = z.object({});

/** One operation: what it reads and what it answers. A surface adds what it asks of its own (`X`). */
export interface Contract<P extends Schema, Q extends Schema, B extends Schema, D extends Schema> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  tag: string;
  summary: string;
  description?: string;
  params?: P;
  query?: Q;
  body?: B;
  status?: 200 | 201;
  data: D;
  /** What it can refuse beyond what every operation of its kind can. */
  errors?: readonly ErrorCode[];
  /** Honours `Idempotency-Key`: it creates or pays. */
  idempotent?: boolean;
}
export type AnyContract<X> = Contract<Schema, Schema, Schema, Schema> & X;

/** How a surface speaks: what it does before the schema step, and how it wraps what it answers. */
export interface Manner<X> {
  steps(contract: AnyContract<X>): MiddlewareHandler<SurfaceEnv>[];
  security(contract: AnyContract<X>): Record<string, string[]>[];
  /** Headers of its own, for the document. */
  headers?: z.ZodRawShape;
  /** The schema of an answer, from that of its data. */
  success(contract: AnyContract<X>): Schema;
  answer(c: Context<SurfaceEnv>, contract: AnyContract<X>, data: object): Response;
  /** The codes of the refusals that the steps and the contract imply. */
  refusals(contract: AnyContract<X>): ErrorCode[];
  /** How a refusal looks in the document. */
  error: {
    schema: Schema;
    example(code: ErrorCode): unknown;
    /** Where the surface has statuses of its own. */
    statusOf?(code: ErrorCode): number;
  };
  failure(c: Context<SurfaceEnv>, error: AppError): Response;
}

/** What a handler is given: checked input, by its schemas. */
export interface Call<P extends Schema, Q extends Schema, B extends Schema> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  c: Context<SurfaceEnv>;
}

/** The two words a surface is written in: `operation` declares one, `serve` gives it its handler. */
export function operationsOf<X>(manner: Manner<X>) {
  /** Declares an operation. The result is a route for the document and, with `serve`, for the server. */
  function operation<
    P extends Schema = typeof None,
    Q extends Schema = typeof None,
    B extends Schema = typeof None,
    D extends Schema = Schema,
  >(contract: Contract<P, Q, B, D> & X) {
    const { method, path, params, query, body, tag, summary, description } = contract;
    const any = contract as unknown as AnyContract<X>;
    const status = contract.status ?? 200;
    const headers = {
      ...manner.headers,
      ...(contract.idempotent ? { 'Idempotency-Key': z.string().min(1).max(255).optional() } : {}),
    };
    const route = createRoute({
      method,
      path,
      tags: [tag],
      summary,
      ...(description ? { description } : {}),
      security: manner.security(any),
      middleware: manner.steps(any),
      request: {
        ...(params ? { params: params as never } : {}),
        ...(query ? { query: query as never } : {}),
        ...(Object.keys(headers).length > 0 ? { headers: z.object(headers) as never } : {}),
        ...(body ? { body: { required: true, content: { 'application/json': { schema: body } } } } : {}),
      },
      responses: {
        [status]: {
          description: summary,
          content: { 'application/json': { schema: manner.success(any) } },
        },
        ...refusalsOf(manner, any),
      },
    });
    return { contract, status, route };
  }

  type Operation<P extends Schema, Q extends Schema, B extends Schema, D extends Schema> = ReturnType<
    typeof operation<P, Q, B, D>
  >;

  /** Serves an operation: the handler gives the data, this puts it in the envelope. */
  function serve<P extends Schema, Q extends Schema, B extends Schema, D extends Schema>(
    app: OpenAPIHono<SurfaceEnv>,
    { contract, route }: Operation<P, Q, B, D>,
    handler: (ctx: Ctx, call: Call<P, Q, B>) => Promise<z.input<D>>,
  ): void {
    const run = async (c: Context<SurfaceEnv>, ctx: Ctx) => {
      const valid = (target: string) => (c.req.valid as (target: string) => never)(target);
      const data = await handler(ctx, {
        params: contract.params ? valid('param') : ({} as never),
        query: contract.query ? valid('query') : ({} as never),
        body: contract.body ? valid('json') : ({} as never),
        c,
      });
      return manner.answer(c, contract as unknown as AnyContract<X>, data as object);
    };
    const answer = (c: Context<SurfaceEnv>) =>
      contract.idempotent
        ? idempotently(
            c,
            (ctx) => run(c, ctx),
            (error) => manner.failure(c, error),
          )
        : run(c, c.get('ctx'));
    app.openapi(route, answer as never);
  }

  return { operation, serve };
}

/** Every refusal that an operation can answer, by status. */
function refusalsOf<X>(manner: Manner<X>, contract: AnyContract<X>) {
  const codes: ErrorCode[] = [
    ...manner.refusals(contract),
    'internal_error',
    ...(contract.idempotent
      ? (['idempotency_in_progress', 'idempotency_answer_lost', 'idempotency_key_reused'] as const)
      : []),
    ...(contract.errors ?? []),
  ];
  const { statusOf = (code: ErrorCode) => ERRORS[code].status } = manner.error;
  const byStatus = Map.groupBy(new Set(codes), statusOf);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: names.map((name) => `\`${name}\``).join(', '),
        content: {
          'application/json': {
            schema: manner.error.schema,
            examples: Object.fromEntries(names.map((name) => [name, { value: manner.error.example(name) }])),
          },
        },
      },
    ]),
  );
}
