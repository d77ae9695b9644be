import type { OpenAPIHono } from '@hono/zod-openapi';
import { cancelMembership } from '#flows/commerce/cancel-membership';
import { getMembershipUsage } from '#flows/commerce/get-membership';
import { subscribe } from '#flows/commerce/subscribe';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import { listHistory } from '#modules/commerce/list-history';
import type { SurfaceEnv } from '../shared/surface.ts';
import { cancelWords, toHistoryItem, toMembership } from './membership.mapper.ts';
import * as routes from './membership.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';

export function serveMembership(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.me, async (ctx) =>
    toMembership(await getMembershipUsage(ctx), ctx.site.timeZone, ctx.now),
  );

  serve(app, routes.subscribe, async (ctx, { body }) => {
    const order = await subscribe(ctx, body);
    return {
      order_id: order.id,
      plan_name: order.snapshot.title,
      original_amount: formatDecimal(order.originalAmount),
      discount_amount: formatDecimal(order.discountAmount),
      credit_amount: formatDecimal(order.creditAmount),
      final_amount: formatDecimal(order.finalAmount),
      currency: order.currency,
      payment: { providers: ctx.payments.names(), expires_at: toIso(order.expiresAt) },
    };
  });

  serve(app, routes.cancel, async (ctx, { body }) => {
    const { validUntil } = await cancelMembership(ctx, body.reason ?? null);
    return {
      status: 'cancelled' as const,
      auto_renew: false as const,
      valid_until: validUntil === null ? null : toIso(validUntil),
      message: cancelWords(validUntil, ctx.locale),
    };
  });

  serve(app, routes.history, async (ctx, { query }) =>
    toList(await listHistory(ctx, 'token', pageOf(query)), toHistoryItem),
  );
}
