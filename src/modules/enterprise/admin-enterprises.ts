import { z } from 'zod';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { allMembers, type MemberRow } from './member-store.ts';
import { type EnterpriseWithOwner, findEnterprise, listEnterpriseRows } from './store.ts';

export const ListEnterprisesInput = z.object({
  verify_status: z.enum(['unverified', 'pending', 'verified', 'rejected']).optional(),
  keyword: z.string().max(100).optional(),
});

/** Enterprises of the site, newest first; the keyword is sought literally in the name and the owner's e-mail. */
export async function searchEnterprises(
  ctx: Ctx,
  input: z.infer<typeof ListEnterprisesInput>,
  page: Page,
): Promise<Slice<EnterpriseWithOwner>> {
  requireAdmin(ctx.actor);
  const filter = { verifyStatus: input.verify_status, keyword: input.keyword || undefined };
  return listEnterpriseRows(ctx, filter, page);
}

/** One enterprise with its members. */
export async function getEnterprise(
  ctx: Ctx,
  id: string,
): Promise<{ enterprise: EnterpriseWithOwner; members: MemberRow[] }> {
  requireAdmin(ctx.actor);
  const enterprise = await findEnterprise(ctx, id);
  if (!enterprise) throw new AppError('not_found');
  return { enterprise, members: await allMembers(ctx, id) };
}
