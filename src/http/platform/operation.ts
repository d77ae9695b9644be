import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import type { Ctx } from '#kernel/context';
import type { ErrorCode } from '#kernel/errors';
import { parseJsonBody } from '../shared/body.ts';
import { idempotently } from '../shared/idempotency.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { type Access, authenticated } from './auth.ts';
import { ErrorBody, failure, success } from './envelope.ts';
import { PLATFORM_ERRORS, wireCode } from './errors.ts';

const None = z.object({});

/** One operation of the platform: what it reads, what it answers, who may ask. */
export interface Contract<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  D extends z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'delete';
  path: string;
  access: Access;
  tag: string;
  summary: string;
  description?: string;
  params?: P;
  query?: Q;
  body?: B;
  status?: 200 | 201;
  data: D;
  /** What it can refuse beyond what every operation of its kind can. */
  errors?: ErrorCode[];
  /** Honours `Idempotency-Key`: it creates or pays. */
  idempotent?: boolean;
  /** The answer is `data` itself, without an envelope (another's wire format). */
  bare?: boolean;
}

/** Declares an operation. The result is a route for the document and, with {@link serve}, for the server. */
export function operation<
  P extends z.ZodType = typeof None,
  Q extends z.ZodType = typeof None,
  B extends z.ZodType = typeof None,
  D extends z.ZodType = z.ZodType,
>(contract: Contract<P, Q, B, D>) {
  const { method, path, access, params, query, body, data } = contract;
  const status = contract.status ?? 200;
  const headers = contract.idempotent
    ? z.object({ 'Idempotency-Key': z.string().min(1).max(255).optional() })
    : undefined;
  const route = createRoute({
    method,
    path,
    tags: [contract.tag],
    summary: contract.summary,
    ...(contract.description ? { description: contract.description } : {}),
    security: SECURITY[access],
    middleware: [
      ...authenticated(access),
      ...(body ? [jsonBody] : method === 'get' ? [] : [anyBody]),
    ] as MiddlewareHandler<SurfaceEnv>[],
    request: {
      ...(params ? { params: params as never } : {}),
      ...(query ? { query: query as never } : {}),
      ...(headers ? { headers: headers as never } : {}),
      ...(body ? { body: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    },
    responses: {
      [status]: {
        description: contract.summary,
        content: { 'application/json': { schema: contract.bare ? data : success(data) } },
      },
      ...refusals(contract),
    },
  });
  return { contract, status, route };
}

type AnyOperation<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  D extends z.ZodType,
> = ReturnType<typeof operation<P, Q, B, D>>;

/** What a handler is given: checked input, by its schemas. */
export interface Call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  c: Context<SurfaceEnv>;
}

/** Serves an operation: the handler gives the data, this puts it in the envelope. */
export function serve<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, D extends z.ZodType>(
  app: OpenAPIHono<SurfaceEnv>,
  { contract, route, status }: AnyOperation<P, Q, B, D>,
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
    return c.json(contract.bare ? (data as object) : { code: 0, data }, status);
  };
  const answer = (c: Context<SurfaceEnv>) =>
    contract.idempotent
      ? idempotently(
          c,
          (ctx) => run(c, ctx),
          (error) => failure(c, error),
        )
      : run(c, c.get('ctx'));
  app.openapi(route, answer as never);
}

const SECURITY: Record<Access, Record<string, string[]>[]> = {
  open: [],
  anyone: [{}, { bearer: [] }],
  person: [{ bearer: [] }],
  admin: [{ bearer: [] }],
  holder: [{ bearer: [] }, {}],
  machine: [{ apiKey: [] }],
  reader: [{ apiKey: [] }, { bearer: [] }],
};

/** Parses the body where the schema step comes: after authentication and area. */
const jsonBody: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  const bytes = c.get('body');
  parseJsonBody(bytes, c.req.header('Content-Type'));
  const headers = new Headers(c.req.raw.headers);
  headers.set('Content-Type', 'application/json');
  headers.delete('Content-Length');
  c.req.raw = new Request(c.req.url, {
    method: c.req.method,
    headers,
    body: bytes.byteLength > 0 ? bytes : '{}',
  });
  await next();
};

/** An operation that reads no body still refuses one that is no JSON. */
const anyBody: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  parseJsonBody(c.get('body'), c.req.header('Content-Type'));
  await next();
};

/** Every refusal that an operation can answer, by status. */
function refusals(contract: Contract<z.ZodType, z.ZodType, z.ZodType, z.ZodType>) {
  const { access, query, idempotent } = contract;
  const codes: ErrorCode[] = [
    'site_unknown',
    'internal_error',
    ...(contract.params ? (['not_found'] as const) : []),
    ...(contract.method !== 'get' || query ? (['invalid_input'] as const) : []),
    ...(contract.method === 'get' ? [] : (['payload_too_large'] as const)),
    ...(access === 'open' ? [] : (['unauthenticated'] as const)),
    ...(access === 'admin' ? (['forbidden'] as const) : []),
    ...(idempotent
      ? (['idempotency_in_progress', 'idempotency_answer_lost', 'idempotency_key_reused'] as const)
      : []),
    ...(contract.errors ?? []),
  ];
  const byStatus = Map.groupBy(new Set(codes), (code) => PLATFORM_ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: names.map((name) => `\`${name}\``).join(', '),
        content: { 'application/json': { schema: ErrorBody, examples: errorExamples(names) } },
      },
    ]),
  );
}

/** One example a code: what a client will really see. */
function errorExamples(names: ErrorCode[]) {
  return Object.fromEntries(
    names.map((error) => [
      error,
      {
        value: { code: wireCode(error), error, message: PLATFORM_ERRORS[error].en, request_id: 'req_01HX…' },
      },
    ]),
  );
}
