import { type AuditEntry, commit, commitApart } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { OrderProgram } from '#kernel/programs';
import { findQuotaOwner } from '#modules/enterprise/member-store';
import { isDeletionPending } from '#modules/keys/store';
import { markPushed, pendingPushes, requestPushOfUser } from '#modules/operations/store';
import { loadOwnerSnapshot } from './owner-snapshot.ts';

/**
 * Tells an owner's object what has just been committed (`requestPush` in that batch), before it is answered.
 * Where the object cannot be reached the answer is 503, and cron tells it within a minute.
 */
export async function pushOwner(ctx: Ctx, owner: string): Promise<void> {
  try {
    await push(ctx, owner);
  } catch (error) {
    ctx.log.error('push.failed', error, { owner });
    throw new AppError('service_unavailable', { retryAfter: 60, cause: error });
  }
}

/** {@link pushOwner} of whoever has an order, where its program means something to a quota object. */
export async function pushHolder(
  ctx: Ctx,
  { owner, program }: { owner: string; program: OrderProgram },
): Promise<void> {
  if (program === 'token') await pushOwner(ctx, owner);
}

/**
 * {@link commit} of something that the object behind a user's keys must know: their enterprise's as the batch finds
 * it, else their own. Gives the owner that is to be pushed.
 */
export async function commitForOwner(
  ctx: Ctx,
  userId: string,
  statements: Statement[],
  audit?: AuditEntry,
): Promise<string> {
  // First, so that it finds the membership which the batch may end.
  const [pushed] = await commit(ctx, [requestPushOfUser(ctx, userId, ctx.now), ...statements], audit);
  const [row] = (pushed as D1Result<{ owner: string }>).results;
  if (!row) throw new Error('a push was requested of nobody');
  return row.owner;
}

/**
 * Tells the object of a key that was deleted before, where that is still outstanding. False where
 * nothing is: the key is simply not there.
 */
export async function pushAgain(ctx: Ctx, userId: string, keyId: string): Promise<boolean> {
  if (!(await isDeletionPending(ctx, userId, keyId))) return false;
  await pushOwner(ctx, await findQuotaOwner(ctx, userId));
  return true;
}

/** Tells up to `most` owners that still have to be told. One that fails stays pending. */
export async function drainPushes(ctx: Ctx, most: number): Promise<number> {
  const owners = await pendingPushes(ctx, most);
  let applied = 0;
  // Ten at a time: fast enough for two hundred before an answer, and few enough open connections.
  for (let start = 0; start < owners.length; start += 10) {
    const results = await Promise.allSettled(
      owners.slice(start, start + 10).map((owner) => push(ctx, owner)),
    );
    for (const result of results) {
      if (result.status === 'fulfilled') applied += 1;
      else ctx.log.error('push.failed', result.reason);
    }
  }
  return applied;
}

async function push(ctx: Ctx, owner: string): Promise<void> {
  const snapshot = await loadOwnerSnapshot(ctx, owner);
  await ctx.quota.apply({ site: ctx.site.key, owner }, snapshot);
  await commitApart(ctx, [markPushed(ctx, owner, snapshot.version)]);
}
