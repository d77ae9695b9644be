import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { applyNotice } from '#flows/commerce/settle-payment';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { ERRORS } from '../shared/errors/table.ts';
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
  const outcome = notice ? await applied(ctx, notice) : 'nothing to do';
  ctx.log.info('payment.notice', { provider: provider.name, orderId: notice?.orderId, outcome });
  const answer = provider.acknowledge();
  return c.body(answer.body, answer.status, { 'Content-Type': answer.contentType });
}

/** What many at once change over and over is told again later: providers repeat what is not acknowledged. */
async function applied(ctx: Ctx, notice: PaymentNotice): Promise<string> {
  try {
    return await applyNotice(ctx, notice);
  } catch (error) {
    const lost = error instanceof AppError && ERRORS[error.code].status === 409;
    throw lost ? new AppError('service_unavailable', { retryAfter: 1, cause: error }) : error;
  }
}
