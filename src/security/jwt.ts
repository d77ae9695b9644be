import { jwtVerify, SignJWT } from 'jose';
import type { Keyring } from '#kernel/secrets';
import { utf8 } from './bytes.ts';
import { fingerprint } from './keyed-hash.ts';

const ALGORITHM = 'HS256';
export const ACCESS_TOKEN_SECONDS = 600;

export interface AccessClaims {
  userId: string;
  sessionId: string;
}

/** An access token: HS256, 10 minutes, `aud` = site, `kid` = the secret's version. */
export async function signAccessToken(
  ring: Keyring,
  site: string,
  claims: AccessClaims,
  now: number,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({ sid: claims.sessionId })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: await fingerprint(ring.current) })
    .setSubject(claims.userId)
    .setAudience(site)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
    .sign(utf8(ring.current));
}

/** The claims of a token that is ours, for this site and not expired; else null. */
export async function verifyAccessToken(
  ring: Keyring,
  site: string,
  token: string,
  now: number,
): Promise<AccessClaims | null> {
  for (const secret of [ring.current, ring.previous]) {
    if (secret === null) continue;
    try {
      const { payload } = await jwtVerify(token, utf8(secret), {
        algorithms: [ALGORITHM],
        audience: site,
        currentDate: new Date(now),
        requiredClaims: ['sub', 'sid', 'exp'],
      });
      if (typeof payload.sub !== 'string' || typeof payload.sid !== 'string') return null;
      return { userId: payload.sub, sessionId: payload.sid };
    } catch {
      // Not of this secret; the other one may fit.
    }
  }
  return null;
}
