import type { z } from '@hono/zod-openapi';
import { formatDecimal } from '#kernel/money';
import type { TokenPlan } from '#modules/catalogue/store';
import type * as routes from './plans.routes.ts';

export function toPlan(plan: TokenPlan): z.infer<typeof routes.Plan> {
  return {
    plan_id: plan.id,
    name: plan.name,
    type: plan.audience,
    price_monthly: plan.monthly === null ? null : formatDecimal(plan.monthly),
    price_yearly: plan.yearly === null ? null : formatDecimal(plan.yearly),
    currency: plan.currency,
    status: plan.status,
    benefits: plan.benefits as z.infer<typeof routes.Plan>['benefits'],
  };
}
