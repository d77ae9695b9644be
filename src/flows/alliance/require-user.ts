import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findUserById, findUserBySerial, type UserRow } from '#modules/accounts/store';

/** A user by the number that this surface shows, or by their id. */
export async function requireUser(ctx: Ctx, id: string): Promise<UserRow> {
  const [user] = /^[1-9]\d{0,14}$/.test(id)
    ? await findUserBySerial(ctx, Number(id))
    : await findUserById(ctx, id);
  if (!user || user.status === 'deleted') throw new AppError('not_found');
  return user;
}
