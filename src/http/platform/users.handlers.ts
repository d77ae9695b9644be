import type { OpenAPIHono } from '@hono/zod-openapi';
import { deleteAccount, exportAccount } from '#flows/accounts/account-data';
import { confirmEmail } from '#flows/accounts/confirm-email';
import { sendEmailCode } from '#flows/accounts/email-code';
import { getMe } from '#flows/accounts/get-me';
import { changePassword } from '#flows/accounts/passwords';
import { register } from '#flows/accounts/register';
import { updateProfile } from '#modules/accounts/update-profile';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { toAccount, toExport, toMe } from './users.mapper.ts';
import * as routes from './users.routes.ts';

export function serveUsers(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.register, async (ctx, { body }) => toAccount(await register(ctx, body)));
  serve(app, routes.me, async (ctx) => toMe(await getMe(ctx)));

  serve(app, routes.updateMe, async (ctx, { body }) => {
    await updateProfile(ctx, body);
    return toMe(await getMe(ctx));
  });

  serve(app, routes.changePassword, async (ctx, { body }) => {
    await changePassword(ctx, body);
    return {};
  });

  serve(app, routes.sendCode, async (ctx, { body }) => {
    await sendEmailCode(ctx, body);
    return { expires_in: 600 };
  });

  serve(app, routes.confirmEmail, async (ctx, { body }) => {
    const user = await confirmEmail(ctx, body);
    return { email: user.email ?? '', email_verified: user.emailVerifiedAt !== null };
  });

  serve(app, routes.exportMe, async (ctx) => toExport(await exportAccount(ctx), ctx.now));

  serve(app, routes.deleteMe, async (ctx, { body }) => {
    await deleteAccount(ctx, body);
    return {};
  });
}
