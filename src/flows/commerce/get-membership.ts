import { quotaOwnerOf, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import type { QuotaReading } from '#kernel/quota';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { selectTokenPlans, type TokenPlan } from '#modules/catalogue/store';
import { type GrantRow, selectGrants, selectHolding } from '#modules/commerce/holding-store';
import { type Membership, membershipAt } from '#modules/commerce/rules';

export interface MembershipView {
  membership: Membership<GrantRow>;
  /** The plan that is or was held; null with `none`. */
  plan: TokenPlan | null;
  /** The plan whose benefits count now: the held one, else the free one. */
  effective: TokenPlan | null;
  autoRenew: boolean;
}

/** What the caller holds of program `token`, or their enterprise, from grants and now: one D1 call for the grants, one for plans. */
export async function getMembership(ctx: Ctx): Promise<MembershipView> {
  const owner = quotaOwnerOf(requirePerson(ctx.actor));
  const [held, granted] = await ctx.db.batch([
    selectHolding(ctx, owner, 'token'),
    selectGrants(ctx, owner, 'token'),
  ]);
  const membership = membershipAt(granted, held[0]?.cancelledAt != null, ctx.now);
  const planId = membership.current?.productId;
  const plans = await selectTokenPlans(ctx, planId ? [planId, FREE_PLAN_ID] : [FREE_PLAN_ID]);
  const plan = plans.find(({ id }) => id === planId) ?? null;
  const holds = membership.status === 'active' || membership.status === 'cancelled';
  return {
    membership,
    plan,
    effective: (holds ? plan : plans.find(({ id }) => id === FREE_PLAN_ID)) ?? null,
    autoRenew: holds && (held[0]?.autoRenew ?? false),
  };
}

/** {@link getMembership} with what this month has used, as the quota object counts it. */
export async function getMembershipUsage(ctx: Ctx): Promise<MembershipView & { usage: QuotaReading | null }> {
  const person = requirePerson(ctx.actor);
  const at = { site: ctx.site.key, owner: quotaOwnerOf(person) };
  const [view, reading] = await Promise.all([
    getMembership(ctx),
    ctx.quota.read(at, { userId: person.userId }),
  ]);
  return { ...view, usage: 'outcome' in reading ? null : reading };
}
