import { z } from '@hono/zod-openapi';
import { Time } from './schemas.ts';

/** `GET /enterprise/profile` (seed 002 §1.4). */
export const Profile = z
  .object({
    enterprise_id: z.string().openapi({ example: 'ent_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    enterprise_name: z.string().openapi({ example: 'XX 科技有限公司' }),
    credit_code: z.string().nullable().openapi({ example: '9111****' }),
    verify_status: z.enum(['unverified', 'pending', 'verified', 'rejected']).openapi({
      description: '`pending` also while a change of a verified enterprise is reviewed',
    }),
    member_count: z.int().openapi({ description: 'Active members, the owner included' }),
    contact_name: z.string().nullable(),
    contact_phone: z.string().nullable().openapi({ example: '139****9000' }),
  })
  .openapi('EnterpriseProfile');

/** Who a member is. */
export const MemberIdentity = z
  .object({
    member_id: z.string().openapi({
      description: 'The id of their user',
      example: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BD',
    }),
    email: z.string().nullable(),
    nickname: z.string().nullable(),
    role: z.enum(['admin', 'member']).openapi({ description: '`admin` of the owner too' }),
    is_owner: z.boolean(),
    status: z.enum(['active', 'frozen', 'deleted']).openapi({ description: 'Of their account' }),
    joined_at: Time,
  })
  .openapi('MemberIdentity');

/** Caps (null = none of its own) and what was settled today. */
export const MemberQuota = z
  .object({
    tokens_per_day: z.int().nullable().openapi({ description: 'null = no cap of their own; 0 = nothing' }),
    requests_per_day: z.int().nullable().openapi({ description: 'null = no cap of their own; 0 = nothing' }),
    tokens_used_today: z.int().openapi({ description: 'Settled on this day of the site’s zone' }),
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
