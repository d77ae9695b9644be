import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { deleteApiKey as deleteRow } from '#modules/keys/store';
import { requestPush } from '#modules/operations/store';
import { pushOwner } from './push-owner.ts';

/** Deletes a key of the caller. Its quota object knows before this is answered: the next request is refused. */
export async function deleteApiKey(ctx: Ctx, keyId: string): Promise<void> {
  const { userId } = requirePerson(ctx.actor);
  await commit(ctx, [
    deleteRow(ctx, userId, keyId, ctx.now),
    guard(ctx, 'not_found'),
    requestPush(ctx, userId, ctx.now),
  ]);
  await pushOwner(ctx, userId);
}
