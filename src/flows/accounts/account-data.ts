import { z } from 'zod';
import { abortIf, commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { type Person, quotaOwnerOf, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { selectAccess, type UserAccess } from '#modules/accounts/admin-store';
import { deleteCodes, deleteCodesOf } from '#modules/accounts/code-store';
import { CaptchaToken, Ciphertext, KeyId } from '#modules/accounts/inputs';
import type { SessionRow } from '#modules/accounts/session-store';
import { allSessions, anonymiseSessions, endSessions } from '#modules/accounts/session-store';
import { eraseUser, findUserById, isLastAdmin, type UserRow } from '#modules/accounts/store';
import {
  allVerifications,
  eraseVerifications,
  type VerificationRow,
} from '#modules/accounts/verification-store';
import {
  allEvents,
  allGrants,
  type EventRow,
  type GrantRow,
  stopRenewals,
} from '#modules/commerce/holding-store';
import { listOrders, type OrderRow } from '#modules/commerce/order-store';
import { eraseInvitations, revokeInvitations } from '#modules/enterprise/invitation-store';
import { endMemberships, hasOtherMembers, listMemberRows } from '#modules/enterprise/member-store';
import { type EnterpriseRow, eraseEnterprise, findEnterpriseRow } from '#modules/enterprise/store';
import { forgetKeys } from '#modules/keys/resolve-key';
import {
  type ApiKeyRow,
  deleteApiKeysOf,
  eraseKeyNames,
  keyHashesOf,
  listApiKeys,
} from '#modules/keys/store';
import { deleteMailOf, requestPush } from '#modules/operations/store';
import { pushOwner } from '../quota/push-owner.ts';
import { confirmPassword } from './passwords.ts';

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
  verifications: VerificationRow[];
  enterprise: EnterpriseRow | null;
}

/** A page of this size holds all that anybody has. */
const ALL = { page: 1, pageSize: 10_000 };

/** All that is kept of the caller. */
export async function exportAccount(ctx: Ctx): Promise<AccountData> {
  const { userId, enterprise: affiliation } = requirePerson(ctx.actor);
  const [user] = await findUserById(ctx, userId);
  if (!user) throw new AppError('unauthenticated');
  const [sessions, keys, orders, events, grants, [access], verifications, enterprise] = await Promise.all([
    allSessions(ctx, userId),
    listApiKeys(ctx, { userId, now: ctx.now }, ALL),
    listOrders(ctx, [userId], ALL),
    allEvents(ctx, userId),
    allGrants(ctx, userId),
    selectAccess(ctx, userId),
    allVerifications(ctx, userId),
    affiliation && findEnterpriseRow(ctx, affiliation.id),
  ]);
  return {
    user,
    sessions,
    keys: keys.items,
    orders: orders.items,
    events,
    grants,
    access: access ?? { systems: [], permissions: [] },
    verifications,
    enterprise,
  };
}

/**
 * Ends an account: sessions and keys at once, personal data for good. Orders and the ledger stay, of somebody
 * without a name.
 */
export async function deleteAccount(ctx: Ctx, input: z.infer<typeof DeleteAccountInput>): Promise<void> {
  const person = requirePerson(ctx.actor);
  const { userId, enterprise } = person;
  const { user } = await confirmPassword(ctx, userId, { ...input, encrypted: input.password }, 'password');
  if (user.role === 'admin' && (await isLastAdmin(ctx, userId))) throw new AppError('last_admin');
  await assertOwnsNobody(ctx, person);
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
      eraseVerifications(ctx, [userId, ...(enterprise?.role === 'owner' ? [enterprise.id] : [])], ctx.now),
      ...leaving(ctx, person, user.emailKey),
      stopRenewals(ctx, userId, ctx.now),
      requestPush(ctx, quotaOwnerOf(person), ctx.now),
    ],
    { action: 'account.deleted', target: userId },
  );
  ctx.defer(forgetKeys(ctx, hashes));
  await pushOwner(ctx, quotaOwnerOf(person));
}

/** An enterprise with members must be handed over first. */
async function assertOwnsNobody(ctx: Ctx, { enterprise }: Person): Promise<void> {
  if (enterprise?.role !== 'owner') return;
  const { total } = await listMemberRows(ctx, enterprise.id, undefined, { page: 1, pageSize: 1 });
  if (total > 1) throw new AppError('enterprise_has_members');
}

/** The end of what somebody had in an enterprise; of their own company nothing personal stays. */
function leaving(ctx: Ctx, { userId, enterprise }: Person, emailKey: string | null): Statement[] {
  const owned = enterprise?.role === 'owner' ? enterprise.id : null;
  return [
    ...(owned
      ? [
          abortIf(ctx, hasOtherMembers(owned, userId), 'enterprise_has_members'),
          revokeInvitations(ctx, owned, ctx.now),
          eraseEnterprise(ctx, userId, ctx.now),
          stopRenewals(ctx, owned, ctx.now),
        ]
      : []),
    endMemberships(ctx, userId, ctx.now),
    ...(emailKey ? [eraseInvitations(ctx, emailKey, ctx.now)] : []),
  ];
}
