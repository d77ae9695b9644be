import type { Context, MiddlewareHandler, Next } from 'hono';
import type { Actor } from '#kernel/actor';
import { AppError } from '#kernel/errors';
import type { Access, Permission } from '#kernel/permissions';
import { selectAccess } from '#modules/accounts/admin-store';
import { authenticate } from '#modules/accounts/authenticate';
import { authenticateClient } from '#modules/clients/clients';
import { isWellFormedClientKey } from '#security/client-key';
import { throttleAddress } from '#security/ip';
import { openContext } from '../shared/frame.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { languageOf } from './envelope.ts';

type Step = MiddlewareHandler<SurfaceEnv>;
type C = Context<SurfaceEnv>;

/** The headers' order of spec sites: the site, who asks, the system, and (per operation) the permission. */
export const headerSteps: Step[] = [requireSite, requireCaller, requireSystem];

/** `X-Site` picks the database; nothing else does. */
async function requireSite(c: C, next: Next): Promise<void> {
  const named = c.req.header('X-Site');
  if (!named) throw new AppError('site_required');
  const site = c.env.sites.find(({ key }) => key === named);
  if (!site) throw new AppError('site_unknown');
  openContext(c, site);
  c.set('ctx', { ...c.get('ctx'), locale: languageOf(c) });
  c.header('Cache-Control', 'no-store');
  await next();
}

/** The user of a good JWT, else the client of a good key. Their rights are never added up. */
async function requireCaller(c: C, next: Next): Promise<void> {
  const caller = (await personOf(c)) ?? (await clientOf(c));
  if (!caller) throw new AppError('unauthenticated');
  c.set('ctx', { ...c.get('ctx'), actor: caller.actor });
  c.set('access', caller.access);
  await next();
}

async function requireSystem(c: C, next: Next): Promise<void> {
  const system = c.req.header('X-System-Code');
  if (!system) throw new AppError('system_required');
  const granted = c.get('access').systems.includes(system) && c.get('ctx').site.systems.includes(system);
  if (!granted) throw new AppError('system_forbidden');
  await next();
}

/** 403 where the caller was not granted what the operation needs. */
export function requirePermission(permission: Permission): Step {
  return async (c, next) => {
    if (!c.get('access').permissions.includes(permission)) throw new AppError('forbidden');
    await next();
  };
}

interface Caller {
  actor: Actor;
  access: Access;
}

async function personOf(c: C): Promise<Caller | null> {
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(c.req.header('Authorization') ?? '')?.[1];
  const ctx = c.get('ctx');
  const actor = token === undefined ? null : await authenticate(ctx, token);
  if (!actor) return null;
  const [access] = await selectAccess(ctx, actor.userId);
  return { actor, access: access ?? { systems: [], permissions: [] } };
}

/** Whoever tries out keys that look right is told to stop (429), by address. */
async function clientOf(c: C): Promise<Caller | null> {
  const key = c.req.header('X-Client');
  if (!key || !isWellFormedClientKey(key)) return null;
  const ctx = c.get('ctx');
  const client = await authenticateClient(ctx, key);
  if (client) return { actor: { kind: 'client', clientId: client.id }, access: client };
  if (await c.env.countUnknownKey(throttleAddress(ctx.address))) return null;
  throw new AppError('too_many_unknown_keys', { retryAfter: 60 });
}
