import { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import type { MemberUsage } from '#kernel/quota';
import { setUserType } from '#modules/accounts/store';
import { mayAct, requireAct, requireTarget } from '#modules/enterprise/acting';
import {
  endMembership,
  findMember,
  isRemovalPending,
  listMemberRows,
  type MemberRow,
  setMemberRole,
  transferEnterprise,
  updateMember,
} from '#modules/enterprise/member-store';
import { type EnterpriseRow, findEnterpriseRow } from '#modules/enterprise/store';
import { deleteMembershipKeys, moveKeyVersions } from '#modules/keys/store';
import { moveOwnerVersion, requestPush } from '#modules/operations/store';
import { pushOwner } from '../quota/push-owner.ts';

export const SetMemberRoleInput = z.object({ role: z.enum(['admin', 'member']) });
export const TransferInput = z.object({ member_id: z.string().min(1).max(64) });

/** The caller's company as it is shown, and how many belong to it. */
export async function getEnterpriseProfile(
  ctx: Ctx,
): Promise<{ enterprise: EnterpriseRow; memberCount: number }> {
  const { enterprise } = requireAct(ctx.actor, 'profile.read');
  const [row, { total }] = await Promise.all([
    findEnterpriseRow(ctx, enterprise.id),
    listMemberRows(ctx, enterprise.id, undefined, { page: 1, pageSize: 1 }),
  ]);
  if (!row) throw new AppError('not_found');
  return { enterprise: row, memberCount: total };
}

/** Members with what they settled today, newest first; who manages nobody sees their own row only. */
export async function listMembers(
  ctx: Ctx,
  page: Page,
): Promise<{ members: Slice<MemberRow>; usage: MemberUsage }> {
  const { person, enterprise } = requireAct(ctx.actor, 'profile.read');
  const only = mayAct(enterprise, 'members.list') ? undefined : person.userId;
  const [members, usage] = await Promise.all([
    listMemberRows(ctx, enterprise.id, only, page),
    ctx.quota.memberUsage({ site: ctx.site.key, owner: enterprise.id }),
  ]);
  return { members, usage };
}

/**
 * Ends a membership, of another or (`me`) one's own. The keys of that membership die at once, the others go back
 * to the personal plan; what is reserved still settles to the enterprise. Tried again while the enterprise's
 * object still has to be told, it tells it and succeeds.
 */
export async function removeMember(ctx: Ctx, memberId: string): Promise<void> {
  const { enterprise } = requireAct(ctx.actor, 'profile.read');
  try {
    const { member } = await requireTarget(ctx, 'remove', memberId);
    await endMember(ctx, enterprise.id, member.userId);
  } catch (error) {
    const gone = hasCode(error, 'not_found') && (await isRemovalPending(ctx, enterprise.id, memberId));
    if (!gone) throw error;
  }
  await pushOwner(ctx, enterprise.id);
}

async function endMember(ctx: Ctx, enterpriseId: string, userId: string): Promise<void> {
  await commit(
    ctx,
    [
      endMembership(ctx, enterpriseId, userId, ctx.now),
      guard(ctx, 'not_found'),
      deleteMembershipKeys(ctx, userId, enterpriseId, ctx.now),
      moveKeyVersions(ctx, userId, ctx.now),
      requestPush(ctx, enterpriseId, ctx.now),
      moveOwnerVersion(ctx, userId),
    ],
    { action: 'enterprise.member_removed', target: enterpriseId, detail: { member: userId } },
  );
}

/** Makes a member an admin of the enterprise, or an admin a member. */
export async function setRole(ctx: Ctx, memberId: string, role: 'admin' | 'member'): Promise<MemberRow> {
  const { enterprise, member } = await requireTarget(ctx, 'role.set', memberId);
  await commit(ctx, [setMemberRole(ctx, enterprise.id, member.userId, role), guard(ctx, 'not_found')], {
    action: 'enterprise.role_set',
    target: enterprise.id,
    detail: { member: member.userId, role },
  });
  return { ...member, role };
}

/**
 * Hands the enterprise over to another member; who gives it stays as an admin. An account's type follows: whoever
 * owns a company is an enterprise user.
 */
export async function transferOwnership(ctx: Ctx, memberId: string): Promise<MemberRow> {
  const { enterprise, person } = requireAct(ctx.actor, 'owner.transfer');
  const member = await findMember(ctx, enterprise.id, memberId);
  if (member?.status !== 'active') throw new AppError('not_found');
  if (member.userId === person.userId) return member;
  await commit(
    ctx,
    [
      transferEnterprise(ctx, enterprise.id, person.userId, memberId, ctx.now),
      guard(ctx, 'not_found'),
      updateMember(ctx, enterprise.id, memberId, { role: 'admin' }),
      setUserType(ctx, memberId, 'enterprise', ctx.now),
      setUserType(ctx, person.userId, 'personal', ctx.now),
    ],
    { action: 'enterprise.owner_transferred', target: enterprise.id, detail: { to: memberId } },
  );
  return { ...member, role: 'admin', isOwner: true };
}
