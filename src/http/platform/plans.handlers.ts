import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { getVisiblePlan } from '#flows/commerce/get-plan';
import { updatePlan } from '#flows/commerce/update-plan';
import { createPlan } from '#modules/catalogue/create-plan';
import { listPlans } from '#modules/catalogue/plans';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { toPlan } from './plans.mapper.ts';
import * as routes from './plans.routes.ts';
import { pageOf, toList } from './schemas.ts';

export function servePlans(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.list, async (ctx, { query, c }) => {
    cacheForVisitors(c);
    return toList(await listPlans(ctx, query, pageOf(query)), toPlan);
  });

  serve(app, routes.get, async (ctx, { params, c }) => {
    const plan = toPlan(await getVisiblePlan(ctx, params.plan_id));
    cacheForVisitors(c);
    return plan;
  });

  serve(app, routes.create, async (ctx, { body }) => toPlan(await createPlan(ctx, body)));

  serve(app, routes.update, async (ctx, { params, body }) => {
    const { plan, pushed } = await updatePlan(ctx, params.plan_id, body);
    return { ...toPlan(plan), pushed };
  });
}

/** Plans are the same for every visitor of a site; the ETag is made by the `etag` middleware of these paths. */
function cacheForVisitors(c: Context<SurfaceEnv>): void {
  c.header('Vary', 'X-Site, Authorization', { append: true });
  if (c.get('ctx').actor.kind === 'visitor') c.header('Cache-Control', 'public, max-age=60');
}
