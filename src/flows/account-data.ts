import { z } from 'zod';
import { commit } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { deleteCodes, deleteCodesOf } from '#modules/accounts/code-store';
import type { SessionRow } from '#modules/accounts/session-store';
import { anonymiseSessions, endSessions, liveSessions } from '#modules/accounts/session-store';
import { eraseUser, findUserById, isLastAdmin, type UserRow } from '#modules/accounts/store';
import { type EventRow, listEvents, stopRenewals } from '#modules/commerce/holding-store';
import { listOrders, type OrderRow } from '#modules/commerce/order-store';
import { eraseEnterprise } from '#modules/enterprise/store';
import { type ApiKeyRow, deleteApiKeysOf, eraseKeyNames, listApiKeys } from '#modules/keys/store';
import { deleteMailTo, requestPush } from '#modules/operations/store';
import { confirmPassword } from './passwords.ts';
import { pushOwner } from './push-owner.ts';

export const DeleteAccountInput = z.object({
  key_id: z.string().min(1).max(64),
  password: z.string().min(1).max(1024),
  captcha_token: z.string().min(1).max(8192).nullish(),
});

export interface AccountData {
  user: UserRow;
  sessions: SessionRow[];
  keys: ApiKeyRow[];
  orders: OrderRow[];
  events: EventRow[];
}

/** A page of this size holds all that anybody has. */
const ALL = { page: 1, pageSize: 10_000 };

/** All that is kept of the caller. */
export async function exportAccount(ctx: Ctx): Promise<AccountData> {
  const { userId } = requirePerson(ctx.actor);
  const [user] = await findUserById(ctx, userId);
  if (!user) throw new AppError('unauthenticated');
  const [sessions, keys, orders, events] = await Promise.all([
    liveSessions(ctx, userId, ctx.now),
    listApiKeys(ctx, { userId, now: ctx.now }, ALL),
    listOrders(ctx, userId, ALL),
    listEvents(ctx, userId, 'token', ALL),
  ]);
  return { user, sessions, keys: keys.rows, orders: orders.rows, events: events.rows };
}

/**
 * Ends an account: sessions and keys at once, personal data for good. Orders and the ledger stay, of somebody
 * without a name.
 */
export async function deleteAccount(ctx: Ctx, input: z.infer<typeof DeleteAccountInput>): Promise<void> {
  const { userId } = requirePerson(ctx.actor);
  const { user } = await confirmPassword(ctx, userId, { ...input, encrypted: input.password }, 'password');
  if (user.role === 'admin' && (await isLastAdmin(ctx, userId))) throw new AppError('last_admin');
  await commit(
    ctx,
    [
      eraseUser(ctx, userId, ctx.now),
      endSessions(ctx, userId, ctx.now, null),
      anonymiseSessions(ctx, userId),
      deleteApiKeysOf(ctx, userId, ctx.now),
      eraseKeyNames(ctx, userId),
      deleteCodesOf(ctx, userId),
      ...(user.emailKey ? [deleteCodes(ctx, user.emailKey), deleteMailTo(ctx, user.emailKey)] : []),
      eraseEnterprise(ctx, userId, ctx.now),
      stopRenewals(ctx, userId, ctx.now),
      requestPush(ctx, userId, ctx.now),
    ],
    { action: 'account.deleted', target: userId },
  );
  await pushOwner(ctx, userId);
}
