import type { Affiliation, Person } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { verifyAccessToken } from '#security/jwt';
import { findLiveSession } from './session-store.ts';

/**
 * The person an access token names: signed by us, for this site, not expired, its session not ended, its
 * user active. The session is looked up each time, so that an end holds at once. Null for all else.
 */
export async function authenticate(
  ctx: Pick<Ctx, 'db' | 'site' | 'secrets' | 'now'>,
  token: string,
): Promise<Person | null> {
  const claims = await verifyAccessToken(ctx.secrets.accessToken, ctx.site.key, token, ctx.now);
  return claims && personOfSession(ctx, claims);
}

/** The person of a session that has not ended; null where it has, or its user is not active. */
export async function personOfSession(
  ctx: Pick<Ctx, 'db' | 'now'>,
  { sessionId, userId }: { sessionId: string; userId: string },
): Promise<Person | null> {
  const found = await findLiveSession(ctx, sessionId, ctx.now);
  if (!found || found.user.id !== userId || found.user.status !== 'active') return null;
  return {
    kind: found.user.role === 'admin' ? 'admin' : 'user',
    userId: found.user.id,
    sessionId: found.session.id,
    userType: found.user.userType,
    enterprise: affiliationOf(found),
  };
}

function affiliationOf({ user, enterprise }: LiveSession): Affiliation | null {
  if (!enterprise?.id || !enterprise.role) return null;
  const { id, role, verified, ownerId, ownerStatus } = enterprise;
  return {
    id,
    role: ownerId === user.id ? 'owner' : role,
    verified: Boolean(verified),
    frozen: ownerStatus !== 'active',
  };
}

type LiveSession = NonNullable<Awaited<ReturnType<typeof findLiveSession>>>;
