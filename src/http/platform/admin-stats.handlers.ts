import type { OpenAPIHono } from '@hono/zod-openapi';
import { getStats } from '#flows/commerce/get-stats';
import { formatDecimal } from '#kernel/money';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './admin-stats.routes.ts';
import { serve } from './operation.ts';

export function serveAdminStats(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.stats, async (ctx, { query }) => {
    const { members, currency, revenue, tokens, backlog } = await getStats(ctx, query);
    return {
      members: members.map(({ productId, state, n }) => ({ plan_id: productId, status: state, count: n })),
      currency,
      revenue: revenue.map(({ day, orders, paid, refunded }) => ({
        day,
        orders,
        amount: formatDecimal(paid),
        refunded_amount: formatDecimal(refunded),
      })),
      tokens: tokens.map(({ day, tokens: used, requests, testTokens, expired }) => ({
        day,
        tokens: used,
        requests,
        test_tokens: testTokens,
        expired_tokens: expired,
      })),
      backlog,
    };
  });
}
