import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { getStorefront } from '#flows/storefront/settings';
import { personOfToken } from '#flows/storefront/tokens';
import { AppError } from '#kernel/errors';
import { chineseUnlessEnglish } from '#kernel/locale';
import { readBody } from '../shared/body.ts';
import { allowOrigins } from '../shared/cors.ts';
import { chooseSite, errorHandler, identifyRequest } from '../shared/frame.ts';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import { ACTIONS } from './actions.ts';
import { document } from './document.ts';
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

const app = createStorefront();

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
