import { z } from 'zod';
import { abortIf, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Access } from '#kernel/permissions';
import { selectAccess } from '#modules/accounts/admin-store';
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
import { type EntryRow, listEntryRows } from '#modules/commerce/wallet-store';
import { eraseInvitations, revokeInvitations } from '#modules/enterprise/invitation-store';
import {
  endMemberships,
  findMember,
  hasOtherMembers,
  type MemberRow,
} from '#modules/enterprise/member-store';
import { type EnterpriseRow, eraseEnterprise, findEnterpriseRow } from '#modules/enterprise/store';
import { forgetKeys } from '#modules/keys/resolve-key';
import {
  type ApiKeyRow,
  deleteApiKeysOf,
  eraseKeyNames,
  keyHashesOf,
  listApiKeys,
} from '#modules/keys/store';
import { deleteMailOf } from '#modules/operations/store';
import { allGifts, eraseConsignees, type GiftRow } from '#modules/referral/gift-store';
import { listRewardRows, type RewardRow } from '#modules/referral/reward-store';
import { erasePayees, listWithdrawalRows, type WithdrawalRow } from '#modules/referral/withdrawal-store';
import { findVipMember, forgetVipMember, type VipMember } from '#modules/storefront/store';
import { commitForOwner, pushOwner } from '../quota/push-owner.ts';
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
  access: Access;
  verifications: VerificationRow[];
  enterprise: EnterpriseRow | null;
  member: MemberRow | null;
  entries: EntryRow[];
  rewards: RewardRow[];
  gifts: GiftRow[];
  withdrawals: WithdrawalRow[];
  storefront: VipMember | null;
}

/** A page of this size holds all that anybody has. */
const ALL = { page: 1, pageSize: 10_000 };

/** All that is kept of the caller. */
export async function exportAccount(ctx: Ctx): Promise<AccountData> {
  const { userId, enterprise: affiliation } = requirePerson(ctx.actor);
  const [user] = await findUserById(ctx, userId);
  if (!user) throw new AppError('unauthenticated');
  const [sessions, keys, orders, events, grants, [access], verifications, enterprise, member] =
    await Promise.all([
      allSessions(ctx, userId),
      listApiKeys(ctx, { userId, now: ctx.now }, ALL),
      listOrders(ctx, [userId], ALL),
      allEvents(ctx, userId),
      allGrants(ctx, userId),
      selectAccess(ctx, userId),
      allVerifications(ctx, userId),
      affiliation && findEnterpriseRow(ctx, affiliation.id),
      affiliation && findMember(ctx, affiliation.id, userId),
    ]);
  const [entries, rewards, gifts, withdrawals, storefront] = await Promise.all([
    listEntryRows(ctx, userId, undefined, ALL),
    listRewardRows(ctx, userId, ALL),
    allGifts(ctx, userId),
    listWithdrawalRows(ctx, { userId }, ALL),
    findVipMember(ctx, userId),
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
    member,
    entries: entries.items,
    rewards: rewards.items,
    gifts,
    withdrawals: withdrawals.items,
    storefront,
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
  const owner = await commitForOwner(
    ctx,
    userId,
    [
      eraseUser(ctx, user, ctx.now),
      guard(ctx, user.role === 'admin' ? 'last_admin' : 'password_wrong'),
      endSessions(ctx, userId, ctx.now, null),
      anonymiseSessions(ctx, userId),
      deleteApiKeysOf(ctx, userId, ctx.now),
      eraseKeyNames(ctx, userId),
      deleteCodesOf(ctx, userId),
      deleteMailOf(ctx, userId, user.email),
      ...(user.emailKey ? [deleteCodes(ctx, user.emailKey)] : []),
      eraseVerifications(ctx, userId, ctx.now),
      eraseConsignees(ctx, userId),
      erasePayees(ctx, userId),
      ...forgetVipMember(ctx, userId),
      ...leaving(ctx, userId, user.emailKey),
      stopRenewals(ctx, userId, ctx.now),
    ],
    { action: 'account.deleted', target: userId },
  );
  ctx.defer(forgetKeys(ctx, hashes));
  await pushOwner(ctx, owner);
}

/**
 * The end of what somebody had in an enterprise, whatever that is when the batch runs. A company of their own ends
 * with them; one that has members must be handed over first.
 */
function leaving(ctx: Ctx, userId: string, emailKey: string | null): Statement[] {
  return [
    abortIf(ctx, hasOtherMembers(userId), 'enterprise_has_members'),
    revokeInvitations(ctx, userId, ctx.now),
    eraseEnterprise(ctx, userId, ctx.now),
    endMemberships(ctx, userId, ctx.now),
    ...(emailKey ? [eraseInvitations(ctx, emailKey, ctx.now)] : []),
  ];
}
