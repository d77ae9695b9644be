import { z } from 'zod';
import { commit } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import { toIso } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { findUserById } from '#modules/accounts/store';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { findTokenPlan, type TokenPlan } from '#modules/catalogue/store';
import { insertEvent } from '#modules/commerce/holding-store';
import { lastOf, membershipAt, monthsFrom, nextSpan } from '#modules/commerce/rules';
import { findQuotaOwner } from '#modules/enterprise/member-store';
import { findOwnedEnterprise } from '#modules/enterprise/store';
import { quoteOf } from '#programs/token/quote';
import { Expiry } from '../quota/create-api-key.ts';
import { pushOwner } from '../quota/push-owner.ts';
import { changeGrants, heldBy } from './grant-changes.ts';

export const GrantInput = z
  .object({
    plan_id: z.string().min(1).max(64),
    period: z.enum(['monthly', 'yearly']).optional(),
    until: Expiry.optional(),
    reason: z.string().trim().min(1).max(200),
  })
  .superRefine((input, issues) => {
    if ((input.period === undefined) !== (input.until === undefined)) return;
    issues.addIssue({ code: 'custom', path: ['period'], message: 'give either a period or `until`' });
  });

/** What an admin gave. */
export interface Given {
  owner: string;
  plan: TokenPlan;
  from: number;
  until: number;
}

/**
 * Gives or extends a membership by hand: the plan that is held goes on after its end, another one counts from now on
 * (what was held comes back where it lasts longer). An enterprise plan goes to the enterprise that the user owns.
 */
export async function grantMembership(
  ctx: Ctx,
  userId: string,
  input: z.infer<typeof GrantInput>,
): Promise<Given> {
  requireAdmin(ctx.actor);
  const plan = await findTokenPlan(ctx, input.plan_id);
  if (!plan || plan.id === FREE_PLAN_ID) throw invalid('plan_id', 'is no plan that can be given');
  const owner = await receiverOf(ctx, userId, plan);
  const held = await heldBy(ctx, owner, 'token');
  const { status, current } = membershipAt(held.grants, false, ctx.now);
  const extends_ = status === 'active' && lastOf(held.grants, ctx.now)?.productId === plan.id;
  const span = spanOf(ctx, held.grants, extends_, input);
  const before = current && (await findTokenPlan(ctx, current.productId));
  const kind = quoteOf(held.grants, before, plan, 'monthly', ctx.now)?.kind ?? 'renew';
  const grant = {
    orderId: null,
    part: 0,
    productId: plan.id,
    period: input.period ?? null,
    paid: 0,
    ...span,
  };
  const id = ctx.ids.next('mh', ctx.now);
  await commit(
    ctx,
    [
      ...changeGrants(
        ctx,
        held,
        { insert: [grant], update: [] },
        {
          source: 'manual',
          // What was wished of an earlier membership does not come back with a gift.
          ...(status === 'active' ? {} : { autoRenew: false, unschedule: true }),
        },
      ),
      insertEvent(ctx, {
        id,
        owner,
        program: 'token',
        action: kind,
        reference: id,
        productId: plan.id,
        productName: plan.name,
        period: input.period ?? null,
        startedAt: span.fromAt,
        endsAt: span.untilAt,
        reason: input.reason,
        createdAt: ctx.now,
      }),
    ],
    {
      action: 'membership.granted',
      target: owner,
      detail: { plan: plan.id, until: toIso(span.untilAt), reason: input.reason },
    },
  );
  await pushOwner(ctx, owner);
  return { owner, plan, from: span.fromAt, until: span.untilAt };
}

async function receiverOf(ctx: Ctx, userId: string, plan: TokenPlan): Promise<string> {
  const [user] = await findUserById(ctx, userId);
  if (!user || user.status === 'deleted') throw new AppError('not_found');
  if (plan.audience === 'enterprise') {
    const enterprise = await findOwnedEnterprise(ctx, userId);
    if (!enterprise) throw invalid('plan_id', 'is for enterprises, and this user owns none');
    return enterprise.id;
  }
  if ((await findQuotaOwner(ctx, userId)) !== userId) throw new AppError('personal_plan_forbidden');
  return userId;
}

function spanOf(
  ctx: Ctx,
  grants: Parameters<typeof nextSpan>[0],
  extends_: boolean,
  { period, until }: z.infer<typeof GrantInput>,
) {
  const next = extends_ ? nextSpan(grants, period ?? 'monthly', ctx.now) : null;
  if (extends_ && !next) throw new AppError('membership_too_long');
  const fromAt = next?.fromAt ?? ctx.now;
  if (until !== undefined) {
    if (until <= fromAt) throw invalid('until', `must be after ${toIso(fromAt)}`);
    return { fromAt, untilAt: until, anchorAt: fromAt, anchorMonths: 0 };
  }
  return next ?? monthsFrom(fromAt, period ?? 'monthly');
}
