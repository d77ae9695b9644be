import { holderOf, quotaOwnerOf, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import type { Program } from '#kernel/programs';
import type { QuotaReading } from '#kernel/quota';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { planIdOf } from '#modules/catalogue/rules';
import { findProduct, selectTokenPlans, type TokenPlan } from '#modules/catalogue/store';
import type { Benefit } from '#modules/catalogue/types';
import { type GrantRow, type HoldingRow, selectGrants, selectHolding } from '#modules/commerce/holding-store';
import { followingOf, type Membership, membershipAt } from '#modules/commerce/rules';

export interface MembershipView {
  membership: Membership<GrantRow>;
  /** The plan that is or was held; null with `none`. Other programs' products have no audience and no benefits. */
  plan: (Pick<TokenPlan, 'id' | 'name'> & Partial<Pick<TokenPlan, 'audience' | 'benefits'>>) | null;
  /** The plan whose benefits count now: the held one, else the free one. */
  effective: { benefits?: Benefit[] } | null;
  autoRenew: boolean;
  /** What follows at the end: paid already, or to be paid from the wallet. */
  scheduled: { planId: string; period: string | null; startsAt: number } | null;
}

/** What the caller holds of a program, or their enterprise of token plans: one D1 call for grants, one for products. */
async function getMembership(ctx: Ctx, program: Program): Promise<MembershipView> {
  const person = requirePerson(ctx.actor);
  const owner = holderOf(person, program);
  const [[holding], granted] = await ctx.db.batch([
    selectHolding(ctx, owner, program),
    selectGrants(ctx, owner, program),
  ]);
  const membership = membershipAt(granted, holding?.cancelledAt != null, ctx.now);
  const holds = membership.status === 'active' || membership.status === 'cancelled';
  return {
    membership,
    ...(await plansOf(ctx, program, membership.current?.productId, holds)),
    autoRenew: holds && (holding?.autoRenew ?? false),
    scheduled: scheduledOf(membership, holding, granted, ctx.now),
  };
}

async function plansOf(ctx: Ctx, program: Program, planId: string | undefined, holds: boolean) {
  if (program !== 'token') {
    const product = planId ? await findProduct(ctx, planId) : null;
    return { plan: product && { ...product, id: planIdOf(product.id) }, effective: null };
  }
  const plans = await selectTokenPlans(ctx, planId ? [planId, FREE_PLAN_ID] : [FREE_PLAN_ID]);
  const plan = plans.find(({ id }) => id === planId) ?? null;
  return { plan, effective: (holds ? plan : plans.find(({ id }) => id === FREE_PLAN_ID)) ?? null };
}

function scheduledOf(
  { endsAt }: Membership<GrantRow>,
  holding: HoldingRow | undefined,
  granted: GrantRow[],
  now: number,
): MembershipView['scheduled'] {
  const paid = followingOf(granted, now);
  if (paid) return { planId: planIdOf(paid.productId), period: paid.period, startsAt: paid.fromAt };
  if (!holding?.scheduledProductId || endsAt === null || endsAt <= now) return null;
  return { planId: holding.scheduledProductId, period: holding.scheduledPeriod, startsAt: endsAt };
}

/** {@link getMembership} with what this month has used, as the quota object counts it. */
export async function getMembershipUsage(
  ctx: Ctx,
  program: Program,
): Promise<MembershipView & { usage: QuotaReading | null }> {
  if (program !== 'token') return { ...(await getMembership(ctx, program)), usage: null };
  const person = requirePerson(ctx.actor);
  const at = { site: ctx.site.key, owner: quotaOwnerOf(person) };
  const [view, reading] = await Promise.all([
    getMembership(ctx, program),
    ctx.quota.read(at, { userId: person.userId }),
  ]);
  return { ...view, usage: 'outcome' in reading ? null : reading };
}
