import type { OpenAPIHono } from '@hono/zod-openapi';
import {
  getEnterpriseProfile,
  listMembers,
  removeMember,
  setRole,
  transferOwnership,
} from '#flows/enterprise/enterprise-members';
import { inviteMember, listInvitations, revokeInvitation } from '#flows/enterprise/invite-member';
import { acceptInvitation } from '#flows/enterprise/join-enterprise';
import { getMemberQuota, setMemberQuota } from '#flows/enterprise/member-quota';
import { updateEnterprise } from '#flows/enterprise/verify-enterprise';
import type { SurfaceEnv } from '../shared/surface.ts';
import { toInvitation, toMember, toMemberWithQuota, toProfile, toQuota } from './enterprise.mapper.ts';
import * as routes from './enterprise.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';

export function serveEnterprise(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.profile, async (ctx) => {
    const { enterprise, memberCount } = await getEnterpriseProfile(ctx);
    return toProfile(enterprise, memberCount);
  });
  serve(app, routes.updateProfile, async (ctx, { body }) => {
    await updateEnterprise(ctx, body);
    const { enterprise, memberCount } = await getEnterpriseProfile(ctx);
    return toProfile(enterprise, memberCount);
  });

  serve(app, routes.invite, async (ctx, { body }) => toInvitation(await inviteMember(ctx, body)));
  serve(app, routes.invitations, async (ctx, { query }) =>
    toList(await listInvitations(ctx, pageOf(query)), toInvitation),
  );
  serve(app, routes.revokeInvitation, async (ctx, { params }) => {
    await revokeInvitation(ctx, params.invitation_id);
    return {};
  });
  serve(app, routes.acceptInvitation, async (ctx, { body }) => {
    const { enterpriseId, member } = await acceptInvitation(ctx, body.token);
    return { ...toMember(member), enterprise_id: enterpriseId };
  });

  serve(app, routes.members, async (ctx, { query }) => {
    const { members, usage } = await listMembers(ctx, pageOf(query));
    return toList(members, (member) => toMemberWithQuota(member, usage));
  });
  serve(app, routes.remove, async (ctx, { params }) => {
    await removeMember(ctx, params.member_id);
    return {};
  });
  serve(app, routes.quota, async (ctx, { params }) => toQuota(await getMemberQuota(ctx, params.member_id)));
  serve(app, routes.setQuota, async (ctx, { params, body }) =>
    toQuota(await setMemberQuota(ctx, params.member_id, body)),
  );
  serve(app, routes.setRole, async (ctx, { params, body }) =>
    toMember(await setRole(ctx, params.member_id, body.role)),
  );
  serve(app, routes.transfer, async (ctx, { body }) =>
    toMember(await transferOwnership(ctx, body.member_id)),
  );
}
