import type { OpenAPIHono } from '@hono/zod-openapi';
import { etag, RETAINED_304_HEADERS } from 'hono/etag';
import { AppError } from '#kernel/errors';
import { readBody } from '../shared/body.ts';
import { allowOrigins } from '../shared/cors.ts';
import { createRouter } from '../shared/faults.ts';
import { chooseSite, errorHandler, identifyRequest } from '../shared/frame.ts';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import { serveAdminClients } from './admin-clients.handlers.ts';
import { serveAdminCommerce } from './admin-commerce.handlers.ts';
import { serveAdminEnterprises } from './admin-enterprises.handlers.ts';
import { serveAdminStats } from './admin-stats.handlers.ts';
import { serveStorefrontAdmin } from './admin-storefront.handlers.ts';
import { serveAdminUsers } from './admin-users.handlers.ts';
import { serveApiKeys } from './api-keys.handlers.ts';
import { serveAuth } from './auth.handlers.ts';
import { serveEnterprise } from './enterprise.handlers.ts';
import { failure } from './envelope.ts';
import { serveMembership } from './membership.handlers.ts';
import { serveOrders } from './orders.handlers.ts';
import { servePayments } from './payments.handlers.ts';
import { servePlans } from './plans.handlers.ts';
import { serveQuota } from './quota.handlers.ts';
import { serveTbk } from './tbk.handlers.ts';
import { serveUsers } from './users.handlers.ts';
import { serveVerification } from './verification.handlers.ts';
import { serveWallet } from './wallet.handlers.ts';

/** Accounts, keys, memberships, quotas: `/api/v1/*` for people and machines, `/admin/v1/*` for admins. */
export function createPlatform(): OpenAPIHono<SurfaceEnv> {
  const app = createRouter();
  app.onError(errorHandler(failure));
  app.notFound((c) => failure(c, new AppError('not_found')));

  app.use(identifyRequest, allowOrigins, readBody);
  const conditional = etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...CORS_HEADERS] });
  app.use('/api/v1/membership/plans', conditional);
  app.use('/api/v1/membership/plans/*', conditional);
  servePayments(app);
  app.use(chooseSite);

  serveAuth(app);
  serveUsers(app);
  serveVerification(app);
  serveEnterprise(app);
  serveApiKeys(app);
  serveAdminUsers(app);
  serveAdminClients(app);
  serveAdminEnterprises(app);
  serveAdminStats(app);
  servePlans(app);
  serveMembership(app);
  serveOrders(app);
  serveWallet(app);
  serveAdminCommerce(app);
  serveTbk(app);
  serveStorefrontAdmin(app);
  serveQuota(app);
  return app;
}

/** A 304 must stay readable to browsers of other origins. */
const CORS_HEADERS = ['access-control-allow-origin', 'access-control-expose-headers'];

const app = createPlatform();

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
