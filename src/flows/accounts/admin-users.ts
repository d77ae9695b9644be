import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { type Access, checkedAccess } from '#kernel/permissions';
import { listUsers, selectAccess, setAccess, setRole, setStatus } from '#modules/accounts/admin-store';
import { findUserById, type UserRow } from '#modules/accounts/store';
import { selectGrantsOfUser } from '#modules/commerce/holding-store';
import { heldAt } from '#modules/commerce/rules';
import { moveKeyVersions } from '#modules/keys/store';
import { commitForOwner, pushOwner } from '../quota/push-owner.ts';

export const ListUsersInput = z.object({
  user_type: z.enum(['personal', 'enterprise']).optional(),
  status: z.enum(['active', 'frozen']).optional(),
  keyword: z.string().max(100).optional(),
});

export const SetStatusInput = z.object({
  status: z.enum(['active', 'frozen']),
  reason: z.string().trim().min(1).max(200),
});
export const SetRoleInput = z.object({ role: z.enum(['user', 'admin']) });
export const SetAccessInput = z.object({
  systems: z.array(z.string().max(64)).max(50),
  permissions: z.array(z.string().max(64)).max(50),
});

export interface UserDetail {
  user: UserRow;
  access: Access;
  planId: string | null;
  endsAt: number | null;
}

/** Users of the site, newest first; the keyword is sought literally in e-mail, phone and nickname. */
export async function searchUsers(
  ctx: Ctx,
  input: z.infer<typeof ListUsersInput>,
  page: Page,
): Promise<Slice<UserRow>> {
  requireAdmin(ctx.actor);
  const filter = { userType: input.user_type, status: input.status, keyword: input.keyword || undefined };
  return listUsers(ctx, filter, page);
}

/** One user with access and level. Deleted ones are found too: their orders still name them. */
export async function getUserDetail(ctx: Ctx, userId: string): Promise<UserDetail> {
  requireAdmin(ctx.actor);
  const [[user], [access], grants] = await ctx.db.batch([
    findUserById(ctx, userId),
    selectAccess(ctx, userId),
    selectGrantsOfUser(ctx, userId, 'token'),
  ]);
  if (!user) throw new AppError('not_found');
  const held = heldAt(grants, ctx.now);
  return {
    user,
    access: access ?? { systems: [], permissions: [] },
    planId: held?.productId ?? null,
    endsAt: held?.endsAt ?? null,
  };
}

/** Freezes or thaws. Sessions end to be accepted at once, keys from the next request on. */
export async function setUserStatus(
  ctx: Ctx,
  userId: string,
  input: z.infer<typeof SetStatusInput>,
): Promise<UserDetail> {
  const admin = requireAdmin(ctx.actor);
  if (admin.userId === userId) throw new AppError('not_yourself');
  await requireUser(ctx, userId);
  const owner = await commitForOwner(
    ctx,
    userId,
    [
      setStatus(ctx, userId, input.status, ctx.now),
      guard(ctx, 'last_admin'),
      moveKeyVersions(ctx, userId, ctx.now),
    ],
    { action: `user.${input.status}`, target: userId, detail: { reason: input.reason } },
  );
  await pushOwner(ctx, owner);
  return getUserDetail(ctx, userId);
}

/** Makes an admin, or a user of one. The last admin stays one. */
export async function setUserRole(ctx: Ctx, userId: string, role: 'user' | 'admin'): Promise<UserDetail> {
  const admin = requireAdmin(ctx.actor);
  if (admin.userId === userId) throw new AppError('not_yourself');
  await requireUser(ctx, userId);
  await commit(ctx, [setRole(ctx, userId, role, ctx.now), guard(ctx, 'last_admin')], {
    action: 'user.role_set',
    target: userId,
    detail: { role },
  });
  return getUserDetail(ctx, userId);
}

/** Grants a person back-office systems and permissions (`sites.md`); dead at once when taken away. */
export async function setUserAccess(
  ctx: Ctx,
  userId: string,
  input: z.infer<typeof SetAccessInput>,
): Promise<UserDetail> {
  requireAdmin(ctx.actor);
  const access = checkedAccess(ctx.site, input);
  await requireUser(ctx, userId);
  await commit(ctx, [setAccess(ctx, userId, access, ctx.now)], {
    action: 'user.access_set',
    target: userId,
    detail: { ...access },
  });
  return getUserDetail(ctx, userId);
}

async function requireUser(ctx: Ctx, userId: string): Promise<void> {
  const [user] = await findUserById(ctx, userId);
  if (!user || user.status === 'deleted') throw new AppError('not_found');
}
