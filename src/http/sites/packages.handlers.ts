import type { OpenAPIHono } from '@hono/zod-openapi';
import {
  createPackage,
  deletePackage,
  getPackage,
  listPackages,
  listValidPackages,
  setPackageStatus,
  updatePackage,
} from '#modules/catalogue/packages/packages';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { toPackage, toValidPackage } from './packages.mapper.ts';
import * as routes from './packages.routes.ts';
import { pageOf, toList } from './schemas.ts';

export function servePackages(app: OpenAPIHono<SurfaceEnv>): void {
  // Before `{id}`, which would take it for one.
  serve(app, routes.validList, async (ctx) => (await listValidPackages(ctx)).map(toValidPackage));

  serve(app, routes.list, async (ctx, { query }) =>
    toList(await listPackages(ctx, query, pageOf(query)), toPackage),
  );
  serve(app, routes.get, async (ctx, { params }) => toPackage(await getPackage(ctx, params.id)));
  serve(app, routes.create, async (ctx, { body }) => toPackage(await createPackage(ctx, body)));
  serve(app, routes.update, async (ctx, { params, body }) =>
    toPackage(await updatePackage(ctx, params.id, body)),
  );
  serve(app, routes.remove, async (ctx, { params }) => {
    await deletePackage(ctx, params.id);
    return { result: true as const };
  });
  for (const route of [routes.setStatus, routes.patchStatus]) {
    serve(app, route, async (ctx, { params, body }) =>
      toPackage(await setPackageStatus(ctx, params.id, body.status)),
    );
  }
}
