import type { OpenAPIHono } from '@hono/zod-openapi';
import {
  getUserDetail,
  searchUsers,
  setUserAccess,
  setUserRole,
  setUserStatus,
} from '#flows/accounts/admin-users';
import { toIso } from '#kernel/clock';
import { listAuditLogs } from '#modules/operations/audit-logs';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './admin-users.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';
import { toAdminUser, toAdminUserDetail } from './users.mapper.ts';

export function serveAdminUsers(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.list, async (ctx, { query }) =>
    toList(await searchUsers(ctx, query, pageOf(query)), toAdminUser),
  );
  serve(app, routes.get, async (ctx, { params }) =>
    toAdminUserDetail(await getUserDetail(ctx, params.user_id)),
  );
  serve(app, routes.setStatus, async (ctx, { params, body }) =>
    toAdminUserDetail(await setUserStatus(ctx, params.user_id, body)),
  );
  serve(app, routes.setRole, async (ctx, { params, body }) =>
    toAdminUserDetail(await setUserRole(ctx, params.user_id, body.role)),
  );
  serve(app, routes.setAccess, async (ctx, { params, body }) =>
    toAdminUserDetail(await setUserAccess(ctx, params.user_id, body)),
  );

  serve(app, routes.auditLogs, async (ctx, { query }) =>
    toList(await listAuditLogs(ctx, query, pageOf(query)), (row) => ({
      audit_id: row.id,
      actor_kind: row.actorKind,
      actor_id: row.actorId,
      action: row.action,
      target: row.target,
      detail: row.detail,
      request_id: row.requestId,
      created_at: toIso(row.createdAt),
    })),
  );
}
