import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { MemberTypeRow } from '#modules/catalogue/packages/member-type-store';
import {
  createMemberType,
  deleteMemberType,
  getMemberType,
  listMemberTypes,
  listValidMemberTypes,
  updateMemberType,
} from '#modules/catalogue/packages/member-types';
import type { SurfaceEnv } from '../shared/surface.ts';
import { toTimestamp } from './envelope.ts';
import * as routes from './member-types.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toIds, toList } from './schemas.ts';

export function serveMemberTypes(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.validList, async (ctx) =>
    (await listValidMemberTypes(ctx)).map(({ serial, code, name }) => ({ ...toIds(serial), code, name })),
  );
  serve(app, routes.list, async (ctx, { query }) =>
    toList(await listMemberTypes(ctx, pageOf(query)), toMemberType),
  );
  serve(app, routes.get, async (ctx, { params }) => toMemberType(await getMemberType(ctx, params.id)));
  serve(app, routes.create, async (ctx, { body }) => toMemberType(await createMemberType(ctx, body)));
  serve(app, routes.update, async (ctx, { params, body }) =>
    toMemberType(await updateMemberType(ctx, params.id, body)),
  );
  serve(app, routes.remove, async (ctx, { params }) => {
    await deleteMemberType(ctx, params.id);
    return { result: true as const };
  });
}

function toMemberType(row: MemberTypeRow): z.infer<typeof routes.MemberType> {
  return {
    ...toIds(row.serial),
    code: row.code,
    name: row.name,
    status: row.active ? 1 : 0,
    createTime: toTimestamp(row.createdAt),
    updateTime: toTimestamp(row.updatedAt),
  };
}
