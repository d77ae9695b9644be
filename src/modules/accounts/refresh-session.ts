import { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { keyedHashes } from '#security/keyed-hash';
import { endSession, findRefreshToken, spendRefreshToken, touchSession } from './session-store.ts';
import { issueTokens, RACE_WINDOW, type SignIn } from './sign-in.ts';

export const RefreshInput = z.object({ refresh_token: z.string().min(1).max(200) });

/**
 * A new pair of tokens for an old refresh token, which is spent by it. Of two at once one wins; a token that
 * was spent longer ago has been stolen from somebody, so its whole session ends.
 */
export async function refreshSession(ctx: Ctx, input: z.infer<typeof RefreshInput>): Promise<SignIn> {
  const found = await findByToken(ctx, input.refresh_token);
  if (!found) throw new AppError('session_ended');
  const { token, session, user } = found;
  if (token.spentAt !== null) {
    if (ctx.now - token.spentAt > RACE_WINDOW && session.endedAt === null) {
      await commit(ctx, [endSession(ctx, user.id, session.id, ctx.now)], {
        action: 'session.reuse_detected',
        target: session.id,
      });
    }
    throw new AppError('session_ended');
  }
  if (!isUsable(found, ctx.now)) throw new AppError('session_ended');
  const { statement, signIn } = await issueTokens(ctx, session.id, user);
  await commit(ctx, [
    spendRefreshToken(ctx, token.hash, ctx.now),
    guard(ctx, 'session_ended'),
    statement,
    touchSession(ctx, session.id, ctx.now),
  ]);
  return signIn;
}

type Found = NonNullable<Awaited<ReturnType<typeof findRefreshToken>>>;

/** A refresh token with its session and user, or null. */
export async function findByToken(ctx: Ctx, text: string): Promise<Found | null> {
  return findRefreshToken(ctx, await keyedHashes(ctx.secrets.tokenPepper, 'refresh', text));
}

/** Whether a refresh token may be used: unspent, in time, its session live, its user active. */
export function isUsable({ token, session, user }: Found, now: number): boolean {
  return (
    token.spentAt === null &&
    token.expiresAt > now &&
    session.endedAt === null &&
    session.expiresAt > now &&
    user.status === 'active'
  );
}
