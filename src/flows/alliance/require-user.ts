import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { serialOrId } from '#kernel/serial';
import { findUserById, findUserBySerial, type UserRow } from '#modules/accounts/store';

/** A user by the number that this surface shows, or by their id. */
export async function requireUser(ctx: Ctx, id: string): Promise<UserRow> {
  const by = serialOrId(id);
  const [user] = 'id' in by ? await findUserById(ctx, by.id) : await findUserBySerial(ctx, by.serial);
  if (!user || user.status === 'deleted') throw new AppError('not_found');
  return user;
}
