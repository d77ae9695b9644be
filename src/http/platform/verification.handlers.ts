import type { OpenAPIHono } from '@hono/zod-openapi';
import {
  approveVerification,
  readVerification,
  rejectVerification,
  revokeVerification,
  searchVerifications,
} from '#flows/accounts/review-verification';
import { getEnterpriseVerification, submitEnterprise } from '#flows/enterprise/verify-enterprise';
import { getRealname, submitRealname } from '#modules/accounts/verify-realname';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';
import { toEnterpriseStatus, toRealnameStatus, toReview, toVerification } from './verification.mapper.ts';
import * as routes from './verification.routes.ts';

export function serveVerification(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.submitRealname, async (ctx, { body }) => toVerification(await submitRealname(ctx, body)));
  serve(app, routes.realname, async (ctx) => toRealnameStatus(await getRealname(ctx)));
  serve(app, routes.submitEnterprise, async (ctx, { body }) =>
    toVerification(await submitEnterprise(ctx, body)),
  );
  serve(app, routes.enterprise, async (ctx) => toEnterpriseStatus(await getEnterpriseVerification(ctx)));

  serve(app, routes.list, async (ctx, { query }) =>
    toList(await searchVerifications(ctx, query, pageOf(query)), toVerification),
  );
  serve(app, routes.get, async (ctx, { params }) =>
    toReview(await readVerification(ctx, params.verification_id)),
  );
  serve(app, routes.approve, async (ctx, { params }) =>
    toVerification(await approveVerification(ctx, params.verification_id)),
  );
  serve(app, routes.reject, async (ctx, { params, body }) =>
    toVerification(await rejectVerification(ctx, params.verification_id, body.reason)),
  );
  serve(app, routes.revoke, async (ctx, { params, body }) =>
    toVerification(await revokeVerification(ctx, params.verification_id, body.reason)),
  );
}
