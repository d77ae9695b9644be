import type { OpenAPIHono } from '@hono/zod-openapi';
import { toIso } from '#kernel/clock';
import { login } from '#modules/accounts/login';
import { getPublicKey } from '#modules/accounts/rsa-keys';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './auth.routes.ts';
import { serve } from './operation.ts';
import { toAccount } from './users.mapper.ts';

export function serveAuth(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.publicKey, async (ctx) => {
    const key = await getPublicKey(ctx);
    return {
      key_id: key.keyId,
      public_key: key.publicPem,
      algorithm: 'RSA-OAEP-256' as const,
      expires_at: toIso(key.expiresAt),
    };
  });

  serve(app, routes.captcha, async (ctx, { c }) => {
    c.header('Cache-Control', 'no-store');
    return (await ctx.captcha.challenge(ctx.site.key, ctx.now)) as never;
  });

  serve(app, routes.login, async (ctx, { body, c }) => {
    c.header('Cache-Control', 'no-store');
    const signIn = await login(ctx, body, c.req.header('User-Agent') ?? null);
    return {
      access_token: signIn.accessToken,
      token_type: 'Bearer' as const,
      expires_in: signIn.expiresIn,
      refresh_token: signIn.refreshToken,
      user: toAccount(signIn.user),
    };
  });
}
