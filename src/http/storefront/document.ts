import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError, type ErrorCode, type Fault } from '#kernel/errors';
import { ANSWERED } from '../shared/operation.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import type { Action, Taken } from './action.ts';
import { ACTIONS } from './actions.ts';
import { done, REFUSAL_CODES, refused, storefrontCode } from './envelope.ts';

type Method = 'get' | 'post';

const Message = z.string().openapi({
  description: 'For people: Chinese, unless `Accept-Language` likes English best.',
  example: '处理成功',
});

const Refusal = z
  .object({
    msg: Message.openapi({ example: '登录失效，请重新登录' }),
    code: z.int().openapi({
      enum: REFUSAL_CODES,
      description:
        '−1 a fault in parameters or business; −10 plugin unknown; −11 plugin switched off; −100 not found, or not in ' +
        'that state; −300 payment still pending; −400 sign in again; −5000 plugin, control or action missing.',
      example: -400,
    }),
    data: z.array(z.unknown()).openapi({ maxItems: 0, example: [] }),
  })
  .openapi('StorefrontRefusal');

/** The document shows the routes that have no query in their path; they are the same actions. */
export function document(app: OpenAPIHono<SurfaceEnv>): void {
  for (const one of ACTIONS) {
    const schema = z.union([answerOf(one), Refusal]);
    for (const method of one.writes ? (['post'] as const) : (['get', 'post'] as const)) {
      const codes = codesOf(one, method);
      app.openAPIRegistry.registerPath({
        method,
        path: `/storefront/${one.control}/${one.action}`,
        operationId: `storefront${nameOf(one)}${method === 'post' && !one.writes ? 'ByPost' : ''}`,
        tags: ['Storefront'],
        summary: one.summary,
        description: one.description,
        security: one.open ? [] : [{ bearer: [] }],
        request: method === 'get' ? { query: Public.extend(own(one)) } : { query: Public, body: bodyOf(one) },
        responses: {
          200: {
            description: `Always 200; the code tells: \`0\` done; ${told(codes)}`,
            headers: ANSWERED,
            content: { 'application/json': { schema, examples: examplesOf(one, codes) } },
          },
        },
      });
    }
  }
}

function answerOf(one: Action) {
  return z
    .object({ msg: Message, code: z.literal(0).openapi({ type: 'integer', enum: [0] }), data: one.data })
    .openapi(`Storefront${nameOf(one)}Answer`);
}

/** `BuyCreate`. */
function nameOf({ control, action }: Action): string {
  return [control, action].map((one) => one.charAt(0).toUpperCase() + one.slice(1)).join('');
}

/** Every refusal that an action can answer. */
function codesOf({ open, writes, errors }: Action, method: Method): ErrorCode[] {
  return [
    ...(method === 'post' ? (['payload_too_large'] as const) : []),
    'site_unknown',
    'invalid_input',
    'plugin_off',
    ...(writes ? (['post_required'] as const) : []),
    ...(open ? [] : (['unauthenticated'] as const)),
    ...errors,
    'internal_error',
  ];
}

/** The numbers of refusals, each with the names of the examples that have it. */
function told(codes: ErrorCode[]): string {
  return [...Map.groupBy(codes, storefrontCode)]
    .map(([number, names]) => `\`${number}\` ${names.map((name) => `\`${name}\``).join(', ')}`)
    .join('; ');
}

/** An answer and every refusal, as they are told in Chinese. */
function examplesOf(one: Action, codes: ErrorCode[]) {
  const refusals = codes.map((code) => {
    const error = new AppError(code, code === 'invalid_input' ? { faults: [faultOf(one)] } : {});
    return [code, { value: refused(error, 'zh') }] as const;
  });
  return { done: { value: done(one.example, 'zh') }, ...Object.fromEntries(refusals) };
}

/** What is most likely to be wrong with an action's parameters. */
function faultOf({ takes = {} }: Action): Fault {
  if (takes.page) return { path: 'page', message: 'must be a whole number' };
  const [needed] = ['id', 'order_no'].filter((name) => takes[name]);
  if (needed) return { path: needed, message: 'is required' };
  const [first = 'application'] = Object.keys(takes);
  return { path: first, message: 'is too long, or no text that can be read' };
}

const Public = z.object({
  application: z.string().optional().openapi({
    description: 'What front ends of ShopXO send; nothing here depends on it.',
    example: 'web',
  }),
  application_client_type: z.string().optional().openapi({
    description: 'What front ends of ShopXO send; nothing here depends on it.',
    example: 'pc',
  }),
  token: z
    .string()
    .optional()
    .openapi({
      description:
        'An access token, or a storefront token of `POST /api/v1/storefront/token`; in place of the header, and before ' +
        'it where both are sent.',
      example: 'st_4Gk2vQ8sXb7LmT9wRz3NpC6yHd1JfE5uAaKoVi0SxMq',
    }),
});

function own({ takes = {} }: Action) {
  return Object.fromEntries(Object.entries(takes).map(([name, one]) => [name, schemaOf(one)]));
}

function schemaOf({ required, ...shown }: Taken) {
  return required ? z.string().openapi(shown) : z.string().optional().openapi(shown);
}

/** Nothing has to be sent where nothing is needed. */
function bodyOf({ takes = {}, ...rest }: Action) {
  const schema = Public.extend(own({ takes, ...rest }));
  const example = {
    application: 'web',
    application_client_type: 'pc',
    ...Object.fromEntries(Object.entries(takes).map(([name, one]) => [name, one.example])),
  };
  return {
    description:
      'A form (also multipart) or JSON, whose numbers are read as texts. Each may also be in the query; the body ' +
      'comes first.',
    required: Object.values(takes).some(({ required }) => required),
    content: {
      'application/x-www-form-urlencoded': { schema, example },
      'application/json': { schema, example },
    },
  };
}
