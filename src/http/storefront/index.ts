import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { getStorefront } from '#flows/storefront/settings';
import { personOfToken } from '#flows/storefront/tokens';
import { AppError } from '#kernel/errors';
import { chineseUnlessEnglish } from '#kernel/locale';
import { readBody } from '../shared/body.ts';
import { allowOrigins } from '../shared/cors.ts';
import { chooseSite, errorHandler, identifyRequest } from '../shared/frame.ts';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import type { Action } from './action.ts';
import { ACTIONS } from './actions.ts';
import { failure, success } from './envelope.ts';
import { type Parameters, readParameters, textOf } from './parameters.ts';

const PLUGIN = 'membershiplevelvip';
/** ShopXO's ways to a plugin: the route is in `s`, or it is the path. */
const ROUTE = /^\/?(api\/)?plugins\/index\/?$/i;

/**
 * ShopXO's VIP-level plugin, for its front ends to run against as they are (seed 004): `/storefront/{control}/{action}`,
 * and the addresses that those know. HTTP 200 always.
 */
export function createStorefront(): OpenAPIHono<SurfaceEnv> {
  const app = new OpenAPIHono<SurfaceEnv>();
  app.onError(errorHandler(failure));
  app.notFound((c) => failure(c, new AppError('action_unknown')));
  app.use(identifyRequest, allowOrigins, readBody, chooseSite, async (c, next) => {
    c.set('ctx', { ...c.get('ctx'), locale: chineseUnlessEnglish(c.req.header('Accept-Language')) });
    c.header('Cache-Control', 'no-store');
    await next();
  });

  app.on(['GET', 'POST'], '/storefront/:control/:action', async (c) => {
    const { control, action } = c.req.param();
    return run(c, control, action, await readParameters(c));
  });
  app.on(['GET', 'POST'], ['/api.php', '/index.php', '/plugins/index'], async (c) => {
    const parameters = await readParameters(c);
    const byPath = c.req.path === '/plugins/index';
    if (!byPath && !ROUTE.test(textOf(parameters, 's'))) throw new AppError('plugin_parameters');
    const [name, control, action] = ['pluginsname', 'pluginscontrol', 'pluginsaction'].map((one) =>
      textOf(parameters, one),
    );
    if (!name || !control || !action) throw new AppError('plugin_parameters');
    if (name.toLowerCase() !== PLUGIN) throw new AppError('plugin_unknown');
    return run(c, control, action, parameters);
  });
  document(app);
  return app;
}

async function run(
  c: Context<SurfaceEnv>,
  control: string,
  action: string,
  parameters: Parameters,
): Promise<Response> {
  const ctx = c.get('ctx');
  const settings = await getStorefront(ctx);
  if (settings.is_enable !== '1') throw new AppError('plugin_off');
  const found = ACTIONS.find(
    (one) => one.control === control.toLowerCase() && one.action === action.toLowerCase(),
  );
  if (!found) throw new AppError('action_unknown');
  if (found.writes && c.req.method !== 'POST') throw new AppError('post_required');
  const token = tokenOf(c, parameters);
  const actor = token === '' ? null : await personOfToken(ctx, token);
  if (!actor && !found.open) throw new AppError('unauthenticated');
  return success(c, await found.run(actor ? { ...ctx, actor } : ctx, settings, parameters));
}

/** The token of the query or form, as this front end sends it; else of the header. */
function tokenOf(c: Context<SurfaceEnv>, parameters: Parameters): string {
  const sent = textOf(parameters, 'token');
  return sent || (/^Bearer +([\x21-\x7e]+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? '');
}

const Answer = z
  .object({
    msg: z.string().openapi({ example: '处理成功' }),
    code: z.int().openapi({ description: '0 done; see the codes of the storefront', example: 0 }),
    data: z.unknown(),
  })
  .openapi('StorefrontAnswer');

/** The document shows the routes that have no query in their path; they are the same actions. */
function document(app: OpenAPIHono<SurfaceEnv>): void {
  for (const one of ACTIONS) {
    const methods = one.writes ? (['post'] as const) : (['get', 'post'] as const);
    for (const method of methods) {
      app.openAPIRegistry.registerPath({
        method,
        path: `/storefront/${one.control}/${one.action}`,
        tags: ['Storefront'],
        summary: one.summary,
        security: one.open ? [] : [{ bearer: [] }],
        request: parametersOf(one, method),
        responses: {
          200: { description: one.summary, content: { 'application/json': { schema: Answer } } },
        },
      });
    }
  }
}

const Public = z.object({
  application: z.string().optional().openapi({ example: 'web' }),
  application_client_type: z.string().optional().openapi({ example: 'pc' }),
  token: z.string().optional().openapi({ description: 'An access token, or a storefront token' }),
});

function parametersOf({ takes = {} }: Action, method: 'get' | 'post') {
  const own = Object.fromEntries(
    Object.entries(takes).map(([name, description]) => [
      name,
      z.string().optional().openapi({ description }),
    ]),
  );
  return method === 'get'
    ? { query: Public.extend(own) }
    : {
        query: Public,
        body: {
          content: {
            'application/x-www-form-urlencoded': { schema: z.object(own) },
            'application/json': { schema: z.object(own) },
          },
        },
      };
}

const app = createStorefront();

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
