import type { z } from '@hono/zod-openapi';
import type { AccountData } from '#flows/accounts/account-data';
import type { UserDetail } from '#flows/accounts/admin-users';
import type { Me as MeView } from '#flows/accounts/get-me';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import { showPhone } from '#modules/accounts/phone';
import type { UserRow } from '#modules/accounts/store';
import { planIdOf } from '#modules/catalogue/rules';
import { lastSecondOf } from '#modules/commerce/rules';
import { maskPhone } from '#security/mask';
import { toApiKey } from './api-keys.mapper.ts';
import { toMember } from './enterprise.mapper.ts';
import { toHistoryItem } from './membership.mapper.ts';
import { toOrder } from './orders.mapper.ts';
import { toReward } from './tbk.mapper.ts';
import type { Account, AccountExport, AdminUser, AdminUserDetail, Me } from './users.schemas.ts';
import { toVerification } from './verification.mapper.ts';
import { toEntry } from './wallet.mapper.ts';

export function toAccount(user: UserRow): z.infer<typeof Account> {
  return {
    user_id: user.id,
    email: user.email,
    user_type: user.userType,
    created_at: toIso(user.createdAt),
  };
}

/** The level is the plan's code without `plan_`; `free` where none is held. */
export function toMe({ user, planId, endsAt }: MeView): z.infer<typeof Me> {
  return {
    ...toAccount(user),
    ...toProfile(user),
    phone: user.phone === null ? null : maskPhone(showPhone(user.phone)),
    ...toLevel(planId, endsAt),
  };
}

function toProfile(user: UserRow) {
  return {
    email_verified: user.emailVerifiedAt !== null,
    nickname: user.nickname,
    avatar: user.avatar,
    realname_verified: user.realnameVerifiedAt !== null,
  };
}

function toLevel(planId: string | null, endsAt: number | null) {
  return {
    membership_level: planId?.replace(/^plan_/, '') ?? 'free',
    membership_expires_at: endsAt === null ? null : toIso(lastSecondOf(endsAt)),
  };
}

export function toAdminUser(user: UserRow): z.infer<typeof AdminUser> {
  return {
    ...toAccount(user),
    ...toProfile(user),
    phone: user.phone === null ? null : showPhone(user.phone),
    role: user.role,
    status: user.status,
  };
}

export function toAdminUserDetail({
  user,
  access,
  planId,
  endsAt,
}: UserDetail): z.infer<typeof AdminUserDetail> {
  return { ...toAdminUser(user), ...toLevel(planId, endsAt), ...access };
}

/** One's own data is not masked. */
export function toExport(data: AccountData, now: number): z.infer<typeof AccountExport> {
  const { user } = data;
  return {
    user: {
      ...toAccount(user),
      ...toProfile(user),
      phone: user.phone === null ? null : showPhone(user.phone),
      role: user.role,
      referral_code: user.referralCode,
      inviter_id: user.inviterId,
      ...data.access,
    },
    enterprise: data.enterprise && {
      enterprise_id: data.enterprise.id,
      enterprise_name: data.enterprise.name,
      membership: data.member && toMember(data.member),
    },
    verifications: data.verifications.map(toVerification),
    sessions: data.sessions.map((row) => ({
      session_id: row.id,
      device: row.device,
      address: row.address,
      created_at: toIso(row.createdAt),
      last_used_at: toIso(row.lastUsedAt),
      ended_at: row.endedAt === null ? null : toIso(row.endedAt),
    })),
    api_keys: data.keys.map((row) => toApiKey(row, now)),
    orders: data.orders.map(toOrder),
    grants: data.grants.map((grant) => ({
      program: grant.program,
      plan_id: planIdOf(grant.productId),
      source: grant.source,
      order_id: grant.orderId,
      from: toIso(grant.fromAt),
      until: grant.untilAt === null ? null : toIso(grant.untilAt),
    })),
    membership_history: data.events.map(toHistoryItem),
    wallet_entries: data.entries.map(toEntry),
    rewards: data.rewards.map(toReward),
    storefront: data.storefront && {
      points: data.storefront.points,
      spending: formatDecimal(data.storefront.spending),
      level_by_hand: data.storefront.levelByHand,
    },
    gifts: data.gifts.map((gift) => ({
      order_no: gift.orderId,
      consignee: gift.consignee,
      claimed_at: toIso(gift.claimedAt),
    })),
    withdrawals: data.withdrawals.map((row) => ({
      withdrawal_id: row.id,
      amount: formatDecimal(row.amount),
      channel: row.channel,
      account: row.account,
      account_name: row.accountName,
      status: row.status,
      created_at: toIso(row.createdAt),
    })),
  };
}
