import type { OpenAPIHono } from '@hono/zod-openapi';
import { deleteApiKey, rotateApiKey, updateApiKey } from '#flows/quota/change-api-key';
import { createApiKey } from '#flows/quota/create-api-key';
import { getKeySelf } from '#flows/quota/key-self';
import { toIso } from '#kernel/clock';
import { effectiveBenefits } from '#modules/catalogue/rules';
import { listApiKeys } from '#modules/keys/list-api-keys';
import type { SurfaceEnv } from '../shared/surface.ts';
import { toApiKey } from './api-keys.mapper.ts';
import * as routes from './api-keys.routes.ts';
import { byKey } from './by-key.ts';
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

  serve(app, routes.update, async (ctx, { params, body }) =>
    toApiKey(await updateApiKey(ctx, params.key_id, body), ctx.now),
  );

  serve(app, routes.rotate, async (ctx, { params, body }) => {
    const { row, apiKey, graceUntil } = await rotateApiKey(ctx, params.key_id, body);
    return {
      key_id: row.id,
      api_key: apiKey,
      name: row.name,
      key_type: row.keyType,
      old_key_valid_until: graceUntil === null ? null : toIso(graceUntil),
    };
  });

  serve(app, routes.self, async (ctx, { c }) => {
    const { key, name, plan } = await byKey(c, (text) => getKeySelf(ctx, text));
    return {
      key_id: key.keyId,
      name,
      key_type: key.test ? ('test' as const) : ('production' as const),
      owner: key.owner,
      plan_id: plan.id,
      effective_benefits: effectiveBenefits(plan.benefits),
    };
  });

  serve(app, routes.remove, async (ctx, { params }) => {
    await deleteApiKey(ctx, params.key_id);
    return {};
  });
}
