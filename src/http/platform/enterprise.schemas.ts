import { z } from '@hono/zod-openapi';
import { Time } from './schemas.ts';

/** `GET /enterprise/profile` (seed 002 §1.4). */
export const Profile = z
  .object({
    enterprise_id: z.string().openapi({ example: 'ent_01HX…' }),
    enterprise_name: z.string().openapi({ example: 'XX 科技有限公司' }),
    credit_code: z.string().nullable().openapi({ example: '9111****' }),
    verify_status: z.enum(['unverified', 'pending', 'verified', 'rejected']),
    member_count: z.int().openapi({ description: 'Active members, the owner included' }),
    contact_name: z.string().nullable(),
    contact_phone: z.string().nullable().openapi({ example: '139****9000' }),
  })
  .openapi('EnterpriseProfile');

/** Who a member is. */
export const MemberIdentity = z
  .object({
    member_id: z.string().openapi({ example: 'u_01HX…' }),
    email: z.string().nullable(),
    nickname: z.string().nullable(),
    role: z.enum(['admin', 'member']),
    is_owner: z.boolean(),
    status: z.enum(['active', 'frozen', 'deleted']),
    joined_at: Time,
  })
  .openapi('MemberIdentity');

/** Caps (null = none of its own) and what was settled today. */
export const MemberQuota = z
  .object({
    tokens_per_day: z.int().nullable(),
    requests_per_day: z.int().nullable(),
    tokens_used_today: z.int(),
    requests_used_today: z.int(),
  })
  .openapi('MemberQuota');

export const Member = MemberIdentity.extend({ quota: MemberQuota }).openapi('Member');

export const Invitation = z
  .object({
    invitation_id: z.string(),
    email: z.string(),
    role: z.enum(['admin', 'member']),
    created_at: Time,
    expires_at: Time,
  })
  .openapi('Invitation');
