import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { SurfaceEnv } from './surface.ts';

/** Answers browsers of the origins that the deployment names; `*` allows all. Tokens are headers, never cookies. */
export const allowOrigins = createMiddleware<SurfaceEnv>((c, next) => {
  const { corsOrigins } = c.env;
  return cors({
    origin: corsOrigins.includes('*') ? '*' : corsOrigins,
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: [
      'ETag',
      'Idempotent-Replayed',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'X-Request-Id',
      'x-ratelimit-limit-tokens',
      'x-ratelimit-remaining-tokens',
      'x-ratelimit-reset-tokens',
    ],
    maxAge: 600,
  })(c, next);
});
