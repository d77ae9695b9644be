import { commit, commitApart } from '#db/commit';
import { type Person, requirePerson } from '#kernel/actor';
import { DAY, HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { authenticate, personOfSession } from '#modules/accounts/authenticate';
import { findStorefrontToken, insertStorefrontToken, touchStorefrontToken } from '#modules/storefront/store';
import { randomBase62 } from '#security/api-key';
import { keyedHash, keyedHashes } from '#security/keyed-hash';

const IDLE = 30 * DAY;
const PREFIX = 'st_';
const PURPOSE = 'storefront';

/** A token for a front end that cannot refresh one: good on the storefront only, while it is used and its session stands. */
export async function createStorefrontToken(ctx: Ctx): Promise<{ token: string; expiresAt: number }> {
  const { sessionId } = requirePerson(ctx.actor);
  const token = `${PREFIX}${randomBase62(43)}`;
  const expiresAt = ctx.now + IDLE;
  const hash = await keyedHash(ctx.secrets.tokenPepper, PURPOSE, token);
  await commit(ctx, [insertStorefrontToken(ctx, { hash, sessionId, createdAt: ctx.now, expiresAt })]);
  return { token, expiresAt };
}

/** The person of a storefront token, or of an access token; null for all else. */
export async function personOfToken(ctx: Ctx, token: string): Promise<Person | null> {
  if (!token.startsWith(PREFIX)) return authenticate(ctx, token);
  const hashes = await keyedHashes(ctx.secrets.tokenPepper, PURPOSE, token);
  const found = await findStorefrontToken(ctx, hashes, ctx.now);
  const person = found && (await personOfSession(ctx, found));
  if (!found || !person) return null;
  // To the hour is exact enough, and spares a write for each request.
  if (found.expiresAt < ctx.now + IDLE - HOUR) {
    await commitApart(ctx, [touchStorefrontToken(ctx, found.hash, ctx.now + IDLE)]);
  }
  return person;
}
