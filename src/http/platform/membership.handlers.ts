import type { OpenAPIHono } from '@hono/zod-openapi';
import { getMembershipUsage } from '#flows/commerce/get-membership';
import {
  cancelMembership,
  dropScheduled,
  renewMembership,
  resumeMembership,
} from '#flows/commerce/membership-acts';
import { subscribe } from '#flows/commerce/subscribe';
import { toIso } from '#kernel/clock';
import { listHistory } from '#modules/commerce/list-history';
import type { SurfaceEnv } from '../shared/surface.ts';
import { cancelWords, toHistoryItem, toMembership, toOrdered, toSubscription } from './membership.mapper.ts';
import * as routes from './membership.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';

export function serveMembership(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.me, async (ctx, { query }) =>
    toMembership(await getMembershipUsage(ctx, query.program), ctx.site.timeZone, ctx.now),
  );

  serve(app, routes.subscribe, async (ctx, { body }) => toSubscription(ctx, await subscribe(ctx, body)));
  serve(app, routes.renew, async (ctx, { body }) => toOrdered(ctx, await renewMembership(ctx, body)));

  serve(app, routes.cancel, async (ctx, { body }) => {
    const validUntil = await cancelMembership(ctx, body.reason ?? null);
    return {
      status: 'cancelled' as const,
      auto_renew: false as const,
      valid_until: validUntil === null ? null : toIso(validUntil),
      message: cancelWords(validUntil, ctx.locale),
    };
  });

  serve(app, routes.resume, async (ctx) => {
    const validUntil = await resumeMembership(ctx);
    return {
      status: 'active' as const,
      auto_renew: true as const,
      valid_until: validUntil === null ? null : toIso(validUntil),
    };
  });

  serve(app, routes.dropScheduled, async (ctx) => {
    await dropScheduled(ctx);
    return {};
  });

  serve(app, routes.history, async (ctx, { query }) =>
    toList(await listHistory(ctx, query.program, pageOf(query)), toHistoryItem),
  );
}
