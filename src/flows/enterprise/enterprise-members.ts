import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import type { MemberUsage } from '#kernel/quota';
import { setUserType } from '#modules/accounts/store';
import {
  type MemberTarget,
  mayAct,
  requireAct,
  requireTarget,
  stillManages,
} from '#modules/enterprise/acting';
import { revokeAdminInvitationsBy } from '#modules/enterprise/invitation-store';
import {
  countMembers,
  endMembership,
  findMember,
  findPendingLeave,
  isRemovalPending,
  listMemberRows,
  type MemberRow,
  setMemberRole,
  transferEnterprise,
} from '#modules/enterprise/member-store';
import { type EnterpriseRow, findEnterpriseRow } from '#modules/enterprise/store';
import { deleteMembershipKeys, moveKeyVersions } from '#modules/keys/store';
import { moveOwnerVersion, requestPush } from '#modules/operations/store';
import { unpausing } from '../commerce/pause-membership.ts';
import { pushOwner } from '../quota/push-owner.ts';

export const SetMemberRoleInput = z.object({ role: z.enum(['admin', 'member']) });
export const TransferInput = z.object({ member_id: z.string().min(1).max(64) });

/** The caller's company as it is shown, and how many belong to it. */
export async function getEnterpriseProfile(
  ctx: Ctx,
): Promise<{ enterprise: EnterpriseRow; memberCount: number }> {
  const { enterprise } = requireAct(ctx.actor, 'profile.read');
  const [row, memberCount] = await Promise.all([
    findEnterpriseRow(ctx, enterprise.id),
    countMembers(ctx, enterprise.id),
  ]);
  if (!row) throw new AppError('not_found');
  return { enterprise: row, memberCount };
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
  const person = requirePerson(ctx.actor);
  const isSelf = memberId === 'me' || memberId === person.userId;
  const enterpriseId = person.enterprise?.id ?? (isSelf ? await findPendingLeave(ctx, person.userId) : null);
  if (enterpriseId === null) throw new AppError('enterprise_none');
  if (person.enterprise) {
    try {
      await endMember(ctx, await requireTarget(ctx, 'remove', memberId), isSelf);
    } catch (error) {
      const gone = hasCode(error, 'not_found') && (await isRemovalPending(ctx, enterpriseId, memberId));
      if (!gone) throw error;
    }
  }
  await pushOwner(ctx, enterpriseId);
}

async function endMember(ctx: Ctx, target: MemberTarget, isSelf: boolean): Promise<void> {
  const { enterprise, member } = target;
  const { userId } = member;
  await commit(
    ctx,
    [
      ...(isSelf ? [] : [stillManages(ctx, target)]),
      endMembership(ctx, enterprise.id, userId, ctx.now),
      guard(ctx, 'not_found'),
      revokeAdminInvitationsBy(ctx, enterprise.id, userId, ctx.now),
      deleteMembershipKeys(ctx, userId, enterprise.id, ctx.now),
      moveKeyVersions(ctx, userId, ctx.now),
      requestPush(ctx, enterprise.id, ctx.now),
      moveOwnerVersion(ctx, userId),
      ...(await unpausing(ctx, userId)),
    ],
    { action: 'enterprise.member_removed', target: enterprise.id, detail: { member: userId } },
  );
}

/** Makes a member an admin of the enterprise, or an admin a member. */
export async function setRole(ctx: Ctx, memberId: string, role: 'admin' | 'member'): Promise<MemberRow> {
  const target = await requireTarget(ctx, 'role.set', memberId);
  const { enterprise, member } = target;
  await commit(
    ctx,
    [
      stillManages(ctx, target),
      setMemberRole(ctx, enterprise.id, member.userId, role),
      guard(ctx, 'not_found'),
      ...(role === 'member' ? [revokeAdminInvitationsBy(ctx, enterprise.id, member.userId, ctx.now)] : []),
    ],
    { action: 'enterprise.role_set', target: enterprise.id, detail: { member: member.userId, role } },
  );
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
      setMemberRole(ctx, enterprise.id, memberId, 'admin'),
      guard(ctx, 'not_found'),
      transferEnterprise(ctx, enterprise.id, person.userId, memberId, ctx.now),
      guard(ctx, 'not_found'),
      setUserType(ctx, memberId, 'enterprise', ctx.now),
      setUserType(ctx, person.userId, 'personal', ctx.now),
    ],
    { action: 'enterprise.owner_transferred', target: enterprise.id, detail: { to: memberId } },
  );
  return { ...member, role: 'admin', isOwner: true };
}
