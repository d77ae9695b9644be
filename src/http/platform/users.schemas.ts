import { z } from '@hono/zod-openapi';
import { Time } from './schemas.ts';

/** A user as registration answers it (seed 002 §1.1). */
export const Account = z
  .object({
    user_id: z.string().openapi({ example: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    email: z.string().nullable().openapi({ example: 'user@example.com' }),
    user_type: z.enum(['personal', 'enterprise']).openapi({ description: '`enterprise` owns a company.' }),
    created_at: Time,
  })
  .openapi('Account');

const Level = z.string().openapi({
  description: 'The plan’s id without `plan_`, of a member the enterprise’s; `free` without one.',
  example: 'basic',
});
const LevelEnd = Time.nullable().openapi({
  description: 'The last second that counts; null without an end.',
  example: '2024-12-31T23:59:59Z',
});

/** `GET /users/me` (seed 002 §1.1). */
export const Me = Account.extend({
  email_verified: z.boolean(),
  phone: z.string().nullable().openapi({ description: 'Masked.', example: '138****8000' }),
  nickname: z.string().nullable().openapi({ example: '张三' }),
  avatar: z.string().nullable().openapi({ example: 'https://oss.example.com/avatars/xxx.jpg' }),
  realname_verified: z.boolean(),
  membership_level: Level,
  membership_expires_at: LevelEnd,
}).openapi('Me');

const Systems = z.array(z.string()).openapi({
  description: 'Back-office systems of the site that were granted.',
  example: ['AUTH_MANAGEMENT'],
});
const Permissions = z.array(z.string()).openapi({
  description: 'What may be done there.',
  example: ['members:read', 'members:write'],
});

/** `GET /users/me/export`: everything by name, as it is kept. */
export const AccountExport = z
  .object({
    user: Me.omit({ membership_level: true, membership_expires_at: true }).extend({
      phone: z.string().nullable().openapi({ description: 'Whole.', example: '13800138000' }),
      role: z.string(),
      referral_code: z.string().openapi({ description: 'An `invite_code` for others.', example: 'k7Qm2XvB' }),
      inviter_id: z.string().nullable(),
      systems: Systems,
      permissions: Permissions,
    }),
    enterprise: z
      .object({
        enterprise_id: z.string(),
        enterprise_name: z.string(),
        membership: z.record(z.string(), z.unknown()).nullable(),
      })
      .nullable(),
    verifications: z.array(z.record(z.string(), z.unknown())),
    sessions: z.array(z.record(z.string(), z.unknown())),
    api_keys: z.array(z.record(z.string(), z.unknown())),
    orders: z.array(z.record(z.string(), z.unknown())),
    grants: z.array(z.record(z.string(), z.unknown())),
    membership_history: z.array(z.record(z.string(), z.unknown())),
    wallet_entries: z.array(z.record(z.string(), z.unknown())),
    rewards: z.array(z.record(z.string(), z.unknown())),
    storefront: z.record(z.string(), z.unknown()).nullable(),
    gifts: z.array(z.record(z.string(), z.unknown())),
    withdrawals: z.array(z.record(z.string(), z.unknown())),
  })
  .openapi('AccountExport');

/** A user as admins see it (seed 002 §1.1): the phone whole, since they search by it. */
export const AdminUser = Account.extend({
  role: z.enum(['user', 'admin']),
  status: z.enum(['active', 'frozen', 'deleted']),
  email_verified: z.boolean(),
  phone: z.string().nullable().openapi({ description: 'Whole.', example: '13800138000' }),
  nickname: z.string().nullable(),
  avatar: z.string().nullable(),
  realname_verified: z.boolean(),
}).openapi('AdminUser');

export const AdminUserDetail = AdminUser.extend({
  membership_level: Level,
  membership_expires_at: LevelEnd,
  systems: Systems,
  permissions: Permissions,
}).openapi('AdminUserDetail');
