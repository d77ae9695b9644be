import type { OpenAPIHono } from '@hono/zod-openapi';
import { shipGiftOf } from '#flows/alliance/gifts';
import { listTierLogs } from '#flows/alliance/tier-logs';
import type { SurfaceEnv } from '../shared/surface.ts';
import { said } from './envelope.ts';
import { toLog, toLogFilter } from './logs.mapper.ts';
import * as routes from './logs.routes.ts';
import { serve } from './operation.ts';
import { toPaginator } from './paginator.ts';

export function serveLogs(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.list, async (ctx, { query }) => {
    const { timeZone } = ctx.site;
    const page = { page: query.page, pageSize: query.limit };
    return toPaginator(await listTierLogs(ctx, toLogFilter(query, timeZone), page), (log) =>
      toLog(log, timeZone),
    );
  });

  serve(app, routes.express, async (ctx, { params, body, c }) => {
    await shipGiftOf(ctx, params.id, body);
    return said(c, '发货成功', 'Shipped.');
  });
}
