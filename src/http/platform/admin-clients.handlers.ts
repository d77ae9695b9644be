import type { OpenAPIHono } from '@hono/zod-openapi';
import { toIso } from '#kernel/clock';
import type { Permission } from '#kernel/permissions';
import { createClient, deleteClient, listClients } from '#modules/clients/clients';
import type { ClientRow } from '#modules/clients/store';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './admin-clients.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';

export function serveAdminClients(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.create, async (ctx, { body }) => {
    const { row, key } = await createClient(ctx, body);
    return { ...toClient(row), client_key: key };
  });
  serve(app, routes.list, async (ctx, { query }) => toList(await listClients(ctx, pageOf(query)), toClient));
  serve(app, routes.remove, async (ctx, { params }) => {
    await deleteClient(ctx, params.client_id);
    return {};
  });
}

function toClient({ id, name, systems, permissions, createdAt }: ClientRow) {
  return {
    client_id: id,
    name,
    systems,
    permissions: permissions as Permission[],
    created_at: toIso(createdAt),
  };
}
