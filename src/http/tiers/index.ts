import type { OpenAPIHono } from '@hono/zod-openapi';
import { AppError } from '#kernel/errors';
import { readBody } from '../shared/body.ts';
import { allowOrigins } from '../shared/cors.ts';
import { createRouter } from '../shared/faults.ts';
import { chooseSite, errorHandler, identifyRequest } from '../shared/frame.ts';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import { failure, languageOf } from './envelope.ts';
import { serveLogs } from './logs.handlers.ts';
import { serveMembers } from './members.handlers.ts';
import { serveReferral } from './referral.handlers.ts';

/** An alliance's member tiers for its admins: `/admin/tbk/*` (seed 003). Members have `/api/v1/tbk/*`. */
export function createTiers(): OpenAPIHono<SurfaceEnv> {
  const app = createRouter();
  app.onError(errorHandler(failure));
  app.notFound((c) => failure(c, new AppError('not_found')));
  app.use(identifyRequest, allowOrigins, readBody, chooseSite, async (c, next) => {
    c.set('ctx', { ...c.get('ctx'), locale: languageOf(c) });
    await next();
  });
  serveMembers(app);
  serveLogs(app);
  serveReferral(app);
  return app;
}

const app = createTiers();

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
