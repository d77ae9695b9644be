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
  /** What generated clients call it: a verb and its object, in camelCase. */
  operationId: string;
  tag: string;
  summary: string;
  description: string;
  params?: P;
  query?: Q;
  body?: B;
  status?: 200 | 201;
  data: D;
  /** What is sent, and the data of its answer: the seed's own where it has one. */
  example: { body?: z.input<B>; data: z.input<D> };
  /** What it can refuse beyond what every operation of its kind can. */
  errors?: readonly ErrorCode[];
  /** Honours `Idempotency-Key`: it creates or pays. */
  idempotent?: boolean | 'required';
  /** Answers an `ETag`, and 304 to whoever has it already. */
  conditional?: boolean;
  /** Says in its headers how much is left, also where it refuses. */
  rateLimited?: boolean;
}
export type AnyContract<X> = Contract<Schema, Schema, Schema, Schema> & X;

/** How a surface speaks: what it does before the schema step, and how it wraps what it answers. */
export interface Manner<X> {
  steps(contract: AnyContract<X>): MiddlewareHandler<SurfaceEnv>[];
  security(contract: AnyContract<X>): Record<string, string[]>[];
  /** The schema of an answer, from that of its data; and what one looks like. */
  success(contract: AnyContract<X>): Schema;
  example(contract: AnyContract<X>): unknown;
  answer(c: Context<SurfaceEnv>, contract: AnyContract<X>, data: object): Response;
  /** The codes of the refusals that the steps and the contract imply. */
  refusals(contract: AnyContract<X>): ErrorCode[];
  error: RefusalManner;
  failure(c: Context<SurfaceEnv>, error: AppError): Response;
}

/** How a refusal looks in the document. */
export interface RefusalManner {
  schema: Schema;
  example(code: ErrorCode): unknown;
  /** Where the surface has statuses of its own. */
  statusOf?(code: ErrorCode): number;
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
    const { method, path, operationId, tag, summary, description, params, query, body, example } = contract;
    const any = contract as unknown as AnyContract<X>;
    const status = contract.status ?? 200;
    const headers = {
      ...(contract.idempotent
        ? {
            'Idempotency-Key': contract.idempotent === 'required' ? IdempotencyKeyNeeded : IdempotencyKey,
          }
        : {}),
      ...(contract.conditional ? { 'If-None-Match': IfNoneMatch } : {}),
    };
    const route = createRoute({
      method,
      path,
      operationId,
      tags: [tag],
      summary,
      description,
      security: manner.security(any),
      middleware: manner.steps(any),
      request: {
        ...(params ? { params: params as never } : {}),
        ...(query ? { query: query as never } : {}),
        ...(Object.keys(headers).length > 0 ? { headers: z.object(headers) as never } : {}),
        ...(body
          ? {
              body: {
                required: true,
                content: { 'application/json': { schema: body, example: example.body } },
              },
            }
          : {}),
      },
      responses: {
        [status]: {
          description: summary,
          headers: {
            ...ANSWERED,
            ...(contract.conditional ? TAGGED : {}),
            ...(contract.idempotent ? REPLAYED : {}),
            ...(contract.rateLimited ? LIMITED : {}),
          },
          content: { 'application/json': { schema: manner.success(any), example: manner.example(any) } },
        },
        ...(contract.conditional
          ? { 304: { description: 'Nothing has changed', headers: { ...ANSWERED, ...TAGGED } } }
          : {}),
        ...refusalsBy(manner.error, codesOf(manner, any), contract.rateLimited ? LIMITED : {}),
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

const IdempotencyKey = z.string().min(1).max(255).optional().openapi({
  description: 'The same key again is the same answer for a day, and nothing is done twice.',
  example: '7c3f6a52-4f0e-4b8e-9d55-0f6f3b1a2c11',
});
/** Its handler says by a code of its own that it is missing. */
const IdempotencyKeyNeeded = IdempotencyKey.openapi({ param: { required: true } });
const IfNoneMatch = z.string().optional().openapi({ description: 'The `ETag` that is known already.' });

/** The headers of answers, which `docs/document.ts` describes. */
export const ANSWERED = headers('X-Request-Id');
const RETRIED = headers('Retry-After');
const TAGGED = headers('ETag');
const REPLAYED = headers('Idempotent-Replayed');
const LIMITED = headers(
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit-Tokens',
  'X-RateLimit-Remaining-Tokens',
  'X-RateLimit-Reset-Tokens',
);

function headers(...names: string[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Refusals that say when to come again. */
const RETRIABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'account_throttled',
  'idempotency_in_progress',
  'quota_exceeded',
  'quota_overloaded',
  'service_unavailable',
  'too_many_unknown_keys',
]);

/** The code of every refusal that an operation can answer. */
function codesOf<X>(manner: Manner<X>, contract: AnyContract<X>): ErrorCode[] {
  return [
    ...manner.refusals(contract),
    'internal_error',
    ...(contract.idempotent
      ? (['idempotency_in_progress', 'idempotency_answer_lost', 'idempotency_key_reused'] as const)
      : []),
    ...(contract.errors ?? []),
  ];
}

/** Refusals as the document shows them: by status, each with what a client will really see. */
export function refusalsBy(
  error: RefusalManner,
  codes: ErrorCode[],
  limited: ReturnType<typeof headers> = {},
) {
  const { statusOf = (code: ErrorCode) => ERRORS[code].status } = error;
  const byStatus = Map.groupBy(new Set(codes), statusOf);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: names.map((name) => `\`${name}\``).join(', '),
        headers: {
          ...ANSWERED,
          ...(names.some((name) => RETRIABLE.has(name)) ? RETRIED : {}),
          ...(status === 429 ? limited : {}),
        },
        content: {
          'application/json': {
            schema: error.schema,
            examples: Object.fromEntries(names.map((name) => [name, { value: error.example(name) }])),
          },
        },
      },
    ]),
  );
}
