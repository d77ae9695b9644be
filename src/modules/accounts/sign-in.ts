import { DAY, SECOND } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { randomBase62 } from '#security/api-key';
import { ACCESS_TOKEN_SECONDS, signAccessToken } from '#security/jwt';
import { keyedHash } from '#security/keyed-hash';
import { insertRefreshToken } from './session-store.ts';
import type { UserRow } from './store.ts';

/** A session's whole life, and how long a refresh token stays good unused. */
export const SESSION_LIFE = 90 * DAY;
export const REFRESH_LIFE = 30 * DAY;

/** A spent refresh token within this time is a race of two tabs; later it is a theft. */
export const RACE_WINDOW = 10 * SECOND;

/** What someone who has signed in goes away with. */
export interface SignIn {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  refreshToken: string;
  user: UserRow;
}

/** A pair of tokens for a session, and the statement that makes the refresh token good. */
export async function issueTokens(ctx: Ctx, sessionId: string, user: UserRow) {
  const refreshToken = `rt_${randomBase62(43)}`;
  const statement = insertRefreshToken(ctx, {
    hash: await keyedHash(ctx.secrets.tokenPepper, 'refresh', refreshToken),
    sessionId,
    createdAt: ctx.now,
    expiresAt: ctx.now + REFRESH_LIFE,
  });
  const accessToken = await signAccessToken(
    ctx.secrets.accessToken,
    ctx.site.key,
    { userId: user.id, sessionId },
    ctx.now,
  );
  const signIn: SignIn = { accessToken, expiresIn: ACCESS_TOKEN_SECONDS, refreshToken, user };
  return { statement, signIn };
}
