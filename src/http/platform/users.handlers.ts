import type { OpenAPIHono } from '@hono/zod-openapi';
import { getMe } from '#flows/get-me';
import { register } from '#flows/register';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { toAccount, toMe } from './users.mapper.ts';
import * as routes from './users.routes.ts';

export function serveUsers(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.register, async (ctx, { body }) => toAccount(await register(ctx, body)));
  serve(app, routes.me, async (ctx) => toMe(await getMe(ctx)));
}
