import type { z } from '@hono/zod-openapi';
import type { MemberQuota as QuotaView } from '#flows/enterprise/member-quota';
import { toIso } from '#kernel/clock';
import type { MemberUsage } from '#kernel/quota';
import { showPhone } from '#modules/accounts/phone';
import type { InvitationRow } from '#modules/enterprise/invitation-store';
import type { MemberRow } from '#modules/enterprise/member-store';
import type { EnterpriseRow } from '#modules/enterprise/store';
import { maskPhone } from '#security/mask';
import type { Invitation, Member, MemberIdentity, MemberQuota, Profile } from './enterprise.schemas.ts';

export function toProfile(row: EnterpriseRow, memberCount: number): z.infer<typeof Profile> {
  return {
    enterprise_id: row.id,
    enterprise_name: row.name,
    credit_code: row.maskedCreditCode,
    verify_status: row.verifyStatus,
    member_count: memberCount,
    contact_name: row.contactName,
    contact_phone: row.contactPhone === null ? null : maskPhone(showPhone(row.contactPhone)),
  };
}

export function toMember(row: MemberRow): z.infer<typeof MemberIdentity> {
  return {
    member_id: row.userId,
    email: row.email,
    nickname: row.nickname,
    role: row.role,
    is_owner: row.isOwner,
    status: row.status,
    joined_at: toIso(row.joinedAt),
  };
}

export function toMemberWithQuota(row: MemberRow, usage: MemberUsage): z.infer<typeof Member> {
  const { tokens = 0, requests = 0 } = usage[row.userId] ?? {};
  return {
    ...toMember(row),
    quota: {
      tokens_per_day: row.tokensPerDay,
      requests_per_day: row.requestsPerDay,
      tokens_used_today: tokens,
      requests_used_today: requests,
    },
  };
}

export function toQuota(quota: QuotaView): z.infer<typeof MemberQuota> {
  return {
    tokens_per_day: quota.tokensPerDay,
    requests_per_day: quota.requestsPerDay,
    tokens_used_today: quota.tokensUsedToday,
    requests_used_today: quota.requestsUsedToday,
  };
}

/** The token is in the mail and nowhere else. */
export function toInvitation(row: InvitationRow): z.infer<typeof Invitation> {
  return {
    invitation_id: row.id,
    email: row.email,
    role: row.role,
    created_at: toIso(row.createdAt),
    expires_at: toIso(row.expiresAt),
  };
}
