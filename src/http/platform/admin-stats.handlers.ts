import type { OpenAPIHono } from '@hono/zod-openapi';
import { formatDecimal } from '#kernel/money';
import { getStats } from '#modules/commerce/get-stats';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './admin-stats.routes.ts';
import { serve } from './operation.ts';

export function serveAdminStats(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.stats, async (ctx, { query }) => {
    const { members, currency, revenue } = await getStats(ctx, query);
    return {
      members: members.map(({ productId, state, n }) => ({ plan_id: productId, status: state, count: n })),
      currency,
      revenue: revenue.map(({ day, orders, paid, refunded }) => ({
        day,
        orders,
        amount: formatDecimal(paid),
        refunded_amount: formatDecimal(refunded),
      })),
    };
  });
}
