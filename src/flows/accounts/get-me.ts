import { quotaOwnerOf, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findUserById, type UserRow } from '#modules/accounts/store';
import { selectGrants } from '#modules/commerce/holding-store';
import { heldAt } from '#modules/commerce/rules';

export interface Me {
  user: UserRow;
  /** The held plan's id, null where none is held now. */
  planId: string | null;
  /** Exclusive end; null = for ever or none. */
  endsAt: number | null;
}

/** The caller's account with their level: one D1 call after the session's. */
export async function getMe(ctx: Ctx): Promise<Me> {
  const person = requirePerson(ctx.actor);
  const { userId } = person;
  const [[user], granted] = await ctx.db.batch([
    findUserById(ctx, userId),
    selectGrants(ctx, quotaOwnerOf(person), 'token'),
  ]);
  if (!user) throw new AppError('unauthenticated');
  const held = heldAt(granted, ctx.now);
  return { user, planId: held?.productId ?? null, endsAt: held?.endsAt ?? null };
}
