import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { findByToken, isUsable } from './refresh-session.ts';
import { endSession, endSessions, listLiveSessions, type SessionRow } from './session-store.ts';

export const LogoutInput = z.object({
  all: z.boolean().default(false),
  refresh_token: z.string().min(1).max(200).nullish(),
});

/** Ends the session of the access token, or of the refresh token where that has expired; or all of them. */
export async function logout(ctx: Ctx, input: z.infer<typeof LogoutInput>): Promise<void> {
  const { userId, sessionId } = await sessionToEnd(ctx, input.refresh_token ?? null);
  await commit(ctx, [
    input.all ? endSessions(ctx, userId, ctx.now, null) : endSession(ctx, userId, sessionId, ctx.now),
  ]);
}

async function sessionToEnd(ctx: Ctx, refreshToken: string | null) {
  if (ctx.actor.kind !== 'visitor') return requirePerson(ctx.actor);
  const found = refreshToken === null ? null : await findByToken(ctx, refreshToken);
  if (!found || !isUsable(found, ctx.now)) throw new AppError('unauthenticated');
  return { userId: found.user.id, sessionId: found.session.id };
}

/** The caller's live sessions, newest first. */
export async function listSessions(
  ctx: Ctx,
  page: Page,
): Promise<Slice<{ row: SessionRow; current: boolean }>> {
  const { userId, sessionId } = requirePerson(ctx.actor);
  const live = await listLiveSessions(ctx, userId, ctx.now, page);
  return { ...live, items: live.items.map((row) => ({ row, current: row.id === sessionId })) };
}

/** Ends one of the caller's sessions, this one included. */
export async function deleteSession(ctx: Ctx, id: string): Promise<void> {
  const { userId } = requirePerson(ctx.actor);
  await commit(ctx, [endSession(ctx, userId, id, ctx.now), guard(ctx, 'not_found')]);
}
