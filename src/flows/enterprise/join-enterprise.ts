import { type AuditEntry, commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findUserById, updateUser } from '#modules/accounts/store';
import {
  acceptInvitation as acceptInvitationRow,
  findInvitationByToken,
  type InvitationRow,
} from '#modules/enterprise/invitation-store';
import { findMember, insertMember, type MemberRow } from '#modules/enterprise/member-store';
import { moveKeyVersions } from '#modules/keys/store';
import { isPushPending, moveOwnerVersion, requestPush } from '#modules/operations/store';
import { keyedHashes } from '#security/keyed-hash';
import { pausing } from '../commerce/pause-membership.ts';
import { pushOwner } from '../quota/push-owner.ts';

/** What invitations begin with, so that a registration tells them from referral codes. */
export const INVITATION_PREFIX = 'inv_';

/** The invitation behind a token, if it can be accepted with this address; whatever it is, no more of it is told. */
export async function findInvitationFor(
  ctx: Ctx,
  token: string,
  emailKey: string | null,
): Promise<InvitationRow | null> {
  const hashes = await keyedHashes(ctx.secrets.tokenPepper, 'invitation', token);
  const row = await findInvitationByToken(ctx, hashes);
  if (row && row.emailKey !== emailKey) throw new AppError('invitation_not_yours');
  return row;
}

/** Whether an invitation can still be accepted. */
export function isOpen(row: InvitationRow, now: number): boolean {
  return row.state === 'open' && row.expiresAt > now;
}

/**
 * Makes a user a member. `invitation_ended` where the invitation has been used or revoked meanwhile,
 * `member_already` where they belong to an enterprise.
 */
export function joining(ctx: Ctx, row: InvitationRow, userId: string): Statement[] {
  return [
    acceptInvitationRow(ctx, row.id, userId, ctx.now),
    guard(ctx, 'invitation_ended'),
    insertMember(ctx, {
      id: ctx.ids.next('em', ctx.now),
      enterpriseId: row.enterpriseId,
      userId,
      role: row.role,
      joinedAt: ctx.now,
    }),
  ];
}

/** What the audit log keeps of it. */
export function joinedAudit({ enterpriseId, id }: InvitationRow, userId: string): AuditEntry {
  return {
    action: 'enterprise.member_joined',
    target: enterpriseId,
    detail: { member: userId, invitation: id },
  };
}

/**
 * Accepts an invitation as the signed-in user. Reading the mail verifies the address; the user's keys draw on
 * the enterprise from now on.
 */
export async function acceptInvitation(
  ctx: Ctx,
  token: string,
): Promise<{ enterpriseId: string; member: MemberRow }> {
  const { userId } = requirePerson(ctx.actor);
  const [user] = await findUserById(ctx, userId);
  const row = await findInvitationFor(ctx, token, user?.emailKey ?? null);
  if (!row || !user) throw new AppError('not_found');
  const { enterpriseId } = row;
  if (!isOpen(row, ctx.now)) {
    const member = row.state === 'accepted' ? await findMember(ctx, enterpriseId, userId) : null;
    if (!member || !(await isPushPending(ctx, userId))) throw new AppError('invitation_ended');
    // Accepted before, but the object could not be told: told now, it is done.
    await pushOwner(ctx, userId);
    return { enterpriseId, member };
  }
  await commit(
    ctx,
    [
      ...joining(ctx, row, userId),
      ...(await pausing(ctx, userId)),
      updateUser(ctx, userId, { emailVerifiedAt: user.emailVerifiedAt ?? ctx.now, updatedAt: ctx.now }),
      moveKeyVersions(ctx, userId, ctx.now),
      // The personal object must not admit what caches still bring to it; the enterprise's reads anew.
      requestPush(ctx, userId, ctx.now),
      moveOwnerVersion(ctx, enterpriseId),
    ],
    joinedAudit(row, userId),
  );
  await pushOwner(ctx, userId);
  const member = await findMember(ctx, enterpriseId, userId);
  if (!member) throw new AppError('not_found');
  return { enterpriseId, member };
}
