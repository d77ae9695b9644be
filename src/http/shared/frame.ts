import type { Context, ErrorHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError } from '#kernel/errors';
import { localeOf } from '#kernel/locale';
import { createContext } from '#kernel/services';
import type { Site } from '#kernel/site';
import type { SurfaceEnv } from './surface.ts';

/** Gives the request an id, which every answer carries and every log line names. */
export const identifyRequest = createMiddleware<SurfaceEnv>(async (c, next) => {
  const requestId = c.env.ids.next('req', c.env.clock.now());
  c.set('requestId', requestId);
  await next();
  c.header('X-Request-Id', requestId);
});

/** The platform's way to a site: `X-Site`, else the host, else `default`. Unknown → 404. */
export const chooseSite = createMiddleware<SurfaceEnv>(async (c, next) => {
  openContext(c, siteOf(c.env.sites, c.req.header('X-Site'), new URL(c.req.url).hostname));
  await next();
});

function siteOf(sites: Site[], named: string | undefined, host: string): Site {
  const site =
    named === undefined
      ? (sites.find(({ hosts }) => hosts.includes(host.toLowerCase())) ??
        sites.find(({ key }) => key === 'default'))
      : sites.find(({ key }) => key === named);
  if (!site) throw new AppError('site_unknown');
  return site;
}

/** Makes the context of a request, of a visitor until authentication says otherwise. */
export function openContext(c: Context<SurfaceEnv>, site: Site): void {
  c.set(
    'ctx',
    createContext(c.env, {
      site,
      actor: { kind: 'visitor' },
      address: c.req.header('CF-Connecting-IP') ?? null,
      requestId: c.get('requestId'),
      locale: localeOf(c.req.header('Accept-Language')),
      defer: (work) => c.executionCtx.waitUntil(work),
    }),
  );
}

/**
 * Turns what was thrown into an AppError for a surface to translate. What is not one of ours is logged with
 * its cause, and the client learns a constant text and the request id.
 */
export function errorHandler(
  translate: (c: Context<SurfaceEnv>, error: AppError) => Response,
): ErrorHandler<SurfaceEnv> {
  return (error, c) => {
    if (error instanceof AppError) return translate(c, error);
    const { method, path } = c.req;
    c.env.log.error('request.failed', error, { requestId: c.get('requestId'), method, path });
    return translate(c, new AppError('internal_error'));
  };
}
