import type { OpenAPIHono } from '@hono/zod-openapi';
import { deleteApiKey } from '#flows/delete-api-key';
import { createApiKey } from '#modules/keys/create-api-key';
import { listApiKeys } from '#modules/keys/list-api-keys';
import type { SurfaceEnv } from '../shared/surface.ts';
import { toApiKey } from './api-keys.mapper.ts';
import * as routes from './api-keys.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';

export function serveApiKeys(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.list, async (ctx, { query }) =>
    toList(await listApiKeys(ctx, query, pageOf(query)), (row) => toApiKey(row, ctx.now)),
  );

  serve(app, routes.create, async (ctx, { body }) => {
    const { row, apiKey } = await createApiKey(ctx, body);
    return { key_id: row.id, api_key: apiKey, name: row.name, key_type: row.keyType };
  });

  serve(app, routes.remove, async (ctx, { params }) => {
    await deleteApiKey(ctx, params.key_id);
    return {};
  });
}
