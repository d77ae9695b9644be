import type { OpenAPIHono } from '@hono/zod-openapi';
import { resetPassword } from '#flows/accounts/passwords';
import { toIso } from '#kernel/clock';
import { login } from '#modules/accounts/login';
import { refreshSession } from '#modules/accounts/refresh-session';
import { getPublicKey, rotateRsaKeysNow } from '#modules/accounts/rsa-keys';
import { deleteSession, listSessions, logout } from '#modules/accounts/sessions';
import { maskAddress } from '#security/mask';
import type { SurfaceEnv } from '../shared/surface.ts';
import { toPublicKey, toSignIn } from './auth.mapper.ts';
import * as routes from './auth.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';

export function serveAuth(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.publicKey, async (ctx) => toPublicKey(await getPublicKey(ctx)));

  serve(app, routes.rotateKeys, async (ctx, { body }) =>
    toPublicKey(await rotateRsaKeysNow(ctx, body.revoke)),
  );

  serve(app, routes.captcha, async (ctx, { c }) => {
    c.header('Cache-Control', 'no-store');
    return (await ctx.captcha.challenge(ctx.site.key, ctx.now)) as never;
  });

  serve(app, routes.login, async (ctx, { body, c }) => {
    c.header('Cache-Control', 'no-store');
    return toSignIn(await login(ctx, body, c.req.header('User-Agent') ?? null));
  });

  serve(app, routes.refresh, async (ctx, { body, c }) => {
    c.header('Cache-Control', 'no-store');
    return toSignIn(await refreshSession(ctx, body));
  });

  serve(app, routes.logout, async (ctx, { body }) => {
    await logout(ctx, body);
    return {};
  });

  serve(app, routes.sessions, async (ctx, { query }) =>
    toList(await listSessions(ctx, pageOf(query)), ({ row, current }) => ({
      session_id: row.id,
      device: row.device,
      address: row.address === null ? null : maskAddress(row.address),
      created_at: toIso(row.createdAt),
      last_used_at: toIso(row.lastUsedAt),
      current,
    })),
  );

  serve(app, routes.endSession, async (ctx, { params }) => {
    await deleteSession(ctx, params.session_id);
    return {};
  });

  serve(app, routes.resetPassword, async (ctx, { body }) => {
    await resetPassword(ctx, body);
    return {};
  });
}
