import type { MiddlewareHandler } from 'hono';
import { requireAdmin, requirePerson } from '#kernel/actor';
import { AppError } from '#kernel/errors';
import { authenticate } from '#modules/accounts/authenticate';
import type { SurfaceEnv } from './surface.ts';

/**
 * Who may ask: `open` whoever (a token that is sent is not looked at: it may be the very one to be replaced), `anyone` (a token that is sent must be good all the same), a signed-in `person`, an `admin`,
 * a `machine` with an API key, a `reader` with either, a `holder` of a token that may have expired.
 */
export type Access = 'open' | 'anyone' | 'person' | 'admin' | 'machine' | 'reader' | 'holder';

/** The authentication and area steps of an operation. */
export function authenticated(access: Access): MiddlewareHandler<SurfaceEnv>[] {
  return [STEPS[access]];
}

const identifyPerson: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  const token = bearerOf(c.req.header('Authorization'));
  if (token !== null) {
    const ctx = c.get('ctx');
    const person = await authenticate(ctx, token);
    if (!person) throw new AppError('unauthenticated');
    c.set('ctx', { ...ctx, actor: person });
    c.header('Cache-Control', 'no-store');
  }
  await next();
};

const STEPS: Record<Access, MiddlewareHandler<SurfaceEnv>> = {
  open: (_, next) => next(),
  anyone: identifyPerson,
  holder: async (c, next) => {
    const ctx = c.get('ctx');
    const token = bearerOf(c.req.header('Authorization'));
    const person = token && (await authenticate(ctx, token));
    if (person) c.set('ctx', { ...ctx, actor: person });
    c.header('Cache-Control', 'no-store');
    await next();
  },
  person: (c, next) =>
    identifyPerson(c, () => {
      requirePerson(c.get('ctx').actor);
      return next();
    }),
  admin: (c, next) =>
    identifyPerson(c, () => {
      requireAdmin(c.get('ctx').actor);
      return next();
    }),
  machine: async (c, next) => {
    const token = bearerOf(c.req.header('Authorization'));
    if (!token?.startsWith('sk-')) throw new AppError('unauthenticated');
    c.set('apiKey', token);
    c.header('Cache-Control', 'no-store');
    await next();
  },
  reader: (c, next) =>
    bearerOf(c.req.header('Authorization'))?.startsWith('sk-')
      ? STEPS.machine(c, next)
      : STEPS.person(c, next),
};

/** The token of `Authorization: Bearer …`; null without a header, 401 for any other scheme. */
function bearerOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(header)?.[1];
  if (token === undefined) throw new AppError('unauthenticated');
  return token;
}
