import { z } from 'zod';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { findTokenPlan, listTokenPlans, type TokenPlan } from './store.ts';

/** Applies to whoever holds nothing: shown and edited, never sold, never switched off. */
export const FREE_PLAN_ID = 'plan_free';

export const ListPlansInput = z.object({
  type: z.enum(['personal', 'enterprise']).optional(),
  status: z.enum(['active', 'disabled']).optional(),
});

/** Token plans; who is not an admin sees only active ones. */
export async function listPlans(
  ctx: Ctx,
  input: z.infer<typeof ListPlansInput>,
  page: Page,
): Promise<Slice<TokenPlan>> {
  const admin = ctx.actor.kind === 'admin';
  if (!admin && input.status === 'disabled') return { items: [], total: 0, ...page };
  const status = admin ? input.status : 'active';
  return listTokenPlans(ctx, { audience: input.type, status }, page);
}

/** One token plan, whatever its status; whether the caller may see it is {@link isVisible}'s to say. */
export async function getPlan(ctx: Ctx, id: string): Promise<TokenPlan> {
  const plan = await findTokenPlan(ctx, id);
  if (!plan) throw new AppError('not_found');
  return plan;
}

/** Disabled plans are shown to admins and to whoever holds them. */
export function isVisible(plan: TokenPlan, viewer: { admin: boolean; holds: boolean }): boolean {
  return plan.status === 'active' || viewer.admin || viewer.holds;
}
