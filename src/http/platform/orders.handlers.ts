import type { OpenAPIHono } from '@hono/zod-openapi';
import { cancelOrder, getOwnOrder, listOwnOrders } from '#flows/commerce/orders';
import { payOrder } from '#flows/commerce/pay-order';
import { toIso } from '#kernel/clock';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { toOrder } from './orders.mapper.ts';
import * as routes from './orders.routes.ts';
import { pageOf, toList } from './schemas.ts';

export function serveOrders(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.list, async (ctx, { query }) => toList(await listOwnOrders(ctx, pageOf(query)), toOrder));
  serve(app, routes.get, async (ctx, { params }) => toOrder(await getOwnOrder(ctx, params.order_id)));
  serve(app, routes.cancel, async (ctx, { params }) => toOrder(await cancelOrder(ctx, params.order_id)));

  serve(app, routes.pay, async (ctx, { params, body }) => {
    const { order, provider, parameters } = await payOrder(ctx, params.order_id, body);
    return { order_id: order.id, provider, expires_at: toIso(order.expiresAt), parameters };
  });
}
