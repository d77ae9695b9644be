import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { applyNotice } from '#flows/commerce/settle-payment';
import { AppError } from '#kernel/errors';
import { openContext } from '../shared/frame.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './payments.routes.ts';

/** Providers' notifications. The path names the site, since providers send no `X-Site`. */
export function servePayments(app: OpenAPIHono<SurfaceEnv>): void {
  app.post('/api/v1/payments/:provider/notify', (c) => notify(c, 'default'));
  app.post('/api/v1/payments/:provider/:site/notify', (c) => notify(c, c.req.param('site')));
  app.openAPIRegistry.registerPath(routes.notify);
}

async function notify(c: Context<SurfaceEnv>, siteKey: string): Promise<Response> {
  const site = c.env.sites.find(({ key }) => key === siteKey);
  if (!site) throw new AppError('site_unknown');
  openContext(c, site);
  const ctx = { ...c.get('ctx'), actor: { kind: 'system' as const } };
  const provider = ctx.payments.find(c.req.param('provider') ?? '');
  if (!provider) throw new AppError('not_found');
  const notice = await provider.verify(c.req.raw.headers, c.get('body'), ctx.now);
  const outcome = notice ? await applyNotice(ctx, notice) : 'nothing to do';
  ctx.log.info('payment.notice', { provider: provider.name, orderId: notice?.orderId, outcome });
  const answer = provider.acknowledge();
  return c.body(answer.body, answer.status, { 'Content-Type': answer.contentType });
}
