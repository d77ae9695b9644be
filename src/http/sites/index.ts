import type { OpenAPIHono } from '@hono/zod-openapi';
import { AppError } from '#kernel/errors';
import { readBody } from '../shared/body.ts';
import { allowOrigins } from '../shared/cors.ts';
import { createRouter } from '../shared/faults.ts';
import { errorHandler, identifyRequest } from '../shared/frame.ts';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import { headerSteps } from './auth.ts';
import { failure } from './envelope.ts';
import { serveMemberTypes } from './member-types.handlers.ts';
import { servePackages } from './packages.handlers.ts';

/** Membership packages for back offices of several sites and systems: `/api/members*` (seed 001). */
export function createSites(): OpenAPIHono<SurfaceEnv> {
  const app = createRouter();
  app.onError(errorHandler(failure));
  app.notFound((c) => failure(c, new AppError('not_found')));
  app.use(identifyRequest, allowOrigins, readBody, ...headerSteps);
  // Before packages, whose `{id}` would take `types` for one.
  serveMemberTypes(app);
  servePackages(app);
  return app;
}

const app = createSites();

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
