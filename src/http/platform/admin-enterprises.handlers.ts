import type { OpenAPIHono, z } from '@hono/zod-openapi';
import { toIso } from '#kernel/clock';
import { getEnterprise, searchEnterprises } from '#modules/enterprise/admin-enterprises';
import type { EnterpriseWithOwner } from '#modules/enterprise/store';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './admin-enterprises.routes.ts';
import { toMember } from './enterprise.mapper.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';

export function serveAdminEnterprises(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.list, async (ctx, { query }) =>
    toList(await searchEnterprises(ctx, query, pageOf(query)), toEnterprise),
  );

  serve(app, routes.get, async (ctx, { params }) => {
    const { enterprise, members } = await getEnterprise(ctx, params.enterprise_id);
    return { ...toEnterprise(enterprise), members: members.map(toMember) };
  });
}

function toEnterprise(enterprise: EnterpriseWithOwner): z.infer<typeof routes.Enterprise> {
  return {
    enterprise_id: enterprise.id,
    enterprise_name: enterprise.name,
    verify_status: enterprise.verifyStatus,
    member_count: enterprise.memberCount,
    owner: { user_id: enterprise.ownerId, email: enterprise.ownerEmail },
    created_at: toIso(enterprise.createdAt),
  };
}
