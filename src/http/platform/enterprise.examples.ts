import type { z } from '@hono/zod-openapi';
import type { Invitation, Member, MemberIdentity, MemberQuota, Profile } from './enterprise.schemas.ts';

export const ENTERPRISE_ID = 'ent_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC';
export const MEMBER_ID = 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BD';

export const PROFILE = {
  enterprise_id: ENTERPRISE_ID,
  enterprise_name: 'XX 科技有限公司',
  credit_code: '9111****',
  verify_status: 'verified',
  member_count: 12,
  contact_name: '李四',
  contact_phone: '139****9000',
} satisfies z.input<typeof Profile>;

export const OWNER = {
  member_id: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BF',
  email: 'owner@company.com',
  nickname: '李四',
  role: 'admin',
  is_owner: true,
  status: 'active',
  joined_at: '2024-01-01T00:00:00Z',
} satisfies z.input<typeof MemberIdentity>;

export const DEVELOPER = {
  member_id: MEMBER_ID,
  email: 'dev@company.com',
  nickname: '开发同学',
  role: 'member',
  is_owner: false,
  status: 'active',
  joined_at: '2024-01-01T00:00:00Z',
} satisfies z.input<typeof MemberIdentity>;

export const JOINED = {
  ...DEVELOPER,
  member_id: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BE',
  email: 'newmember@company.com',
  nickname: '新同事',
  joined_at: '2024-01-03T02:15:40Z',
} satisfies z.input<typeof MemberIdentity>;

export const QUOTA = {
  tokens_per_day: 500_000,
  requests_per_day: null,
  tokens_used_today: 12_000,
  requests_used_today: 34,
} satisfies z.input<typeof MemberQuota>;

/** The latest two of twelve. */
export const MEMBERS = [
  {
    ...JOINED,
    quota: { tokens_per_day: null, requests_per_day: null, tokens_used_today: 0, requests_used_today: 0 },
  },
  { ...DEVELOPER, quota: QUOTA },
] satisfies z.input<typeof Member>[];

export const INVITATION = {
  invitation_id: 'invitation_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  email: 'newmember@company.com',
  role: 'member',
  created_at: '2024-01-02T09:00:00Z',
  expires_at: '2024-01-09T09:00:00Z',
} satisfies z.input<typeof Invitation>;
