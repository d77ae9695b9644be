import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { selectAccess, type UserAccess } from '#modules/accounts/admin-store';
import { deleteCodes, deleteCodesOf } from '#modules/accounts/code-store';
import { CaptchaToken, Ciphertext, KeyId } from '#modules/accounts/inputs';
import type { SessionRow } from '#modules/accounts/session-store';
import { allSessions, anonymiseSessions, endSessions } from '#modules/accounts/session-store';
import { eraseUser, findUserById, isLastAdmin, type UserRow } from '#modules/accounts/store';
import {
  allEvents,
  allGrants,
  type EventRow,
  type GrantRow,
  stopRenewals,
} from '#modules/commerce/holding-store';
import { listOrders, type OrderRow } from '#modules/commerce/order-store';
import { eraseEnterprise, findEnterpriseName } from '#modules/enterprise/store';
import { forgetKeys } from '#modules/keys/resolve-key';
import {
  type ApiKeyRow,
  deleteApiKeysOf,
  eraseKeyNames,
  keyHashesOf,
  listApiKeys,
} from '#modules/keys/store';
import { deleteMailOf, requestPush } from '#modules/operations/store';
import { confirmPassword } from './passwords.ts';
import { pushOwner } from './push-owner.ts';

export const DeleteAccountInput = z.object({
  key_id: KeyId,
  password: Ciphertext,
  captcha_token: CaptchaToken.nullish(),
});

export interface AccountData {
  user: UserRow;
  sessions: SessionRow[];
  keys: ApiKeyRow[];
  orders: OrderRow[];
  events: EventRow[];
  grants: GrantRow[];
  access: UserAccess;
  enterpriseName: string | null;
}

/** A page of this size holds all that anybody has. */
const ALL = { page: 1, pageSize: 10_000 };

/** All that is kept of the caller. */
export async function exportAccount(ctx: Ctx): Promise<AccountData> {
  const { userId } = requirePerson(ctx.actor);
  const [user] = await findUserById(ctx, userId);
  if (!user) throw new AppError('unauthenticated');
  const [sessions, keys, orders, events, grants, [access], enterpriseName] = await Promise.all([
    allSessions(ctx, userId),
    listApiKeys(ctx, { userId, now: ctx.now }, ALL),
    listOrders(ctx, userId, ALL),
    allEvents(ctx, userId),
    allGrants(ctx, userId),
    selectAccess(ctx, userId),
    findEnterpriseName(ctx, userId),
  ]);
  return {
    user,
    sessions,
    keys: keys.items,
    orders: orders.items,
    events,
    grants,
    access: access ?? { systems: [], permissions: [] },
    enterpriseName,
  };
}

/**
 * Ends an account: sessions and keys at once, personal data for good. Orders and the ledger stay, of somebody
 * without a name.
 */
export async function deleteAccount(ctx: Ctx, input: z.infer<typeof DeleteAccountInput>): Promise<void> {
  const { userId } = requirePerson(ctx.actor);
  const { user } = await confirmPassword(ctx, userId, { ...input, encrypted: input.password }, 'password');
  if (user.role === 'admin' && (await isLastAdmin(ctx, userId))) throw new AppError('last_admin');
  const hashes = await keyHashesOf(ctx, userId);
  await commit(
    ctx,
    [
      eraseUser(ctx, user, ctx.now),
      guard(ctx, user.role === 'admin' ? 'last_admin' : 'password_wrong'),
      endSessions(ctx, userId, ctx.now, null),
      anonymiseSessions(ctx, userId),
      deleteApiKeysOf(ctx, userId, ctx.now),
      eraseKeyNames(ctx, userId),
      deleteCodesOf(ctx, userId),
      deleteMailOf(ctx, userId),
      ...(user.emailKey ? [deleteCodes(ctx, user.emailKey)] : []),
      eraseEnterprise(ctx, userId, ctx.now),
      stopRenewals(ctx, userId, ctx.now),
      requestPush(ctx, userId, ctx.now),
    ],
    { action: 'account.deleted', target: userId },
  );
  ctx.defer(forgetKeys(ctx, hashes));
  await pushOwner(ctx, userId);
}
