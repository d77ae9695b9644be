import { z } from '@hono/zod-openapi';
import { Time } from './schemas.ts';

/** A user as registration answers it (seed 002 §1.1). */
export const Account = z
  .object({
    user_id: z.string().openapi({ example: 'u_01HX…' }),
    email: z.string().nullable(),
    user_type: z.enum(['personal', 'enterprise']),
    created_at: Time,
  })
  .openapi('Account');

/** `GET /users/me` (seed 002 §1.1). */
export const Me = Account.extend({
  email_verified: z.boolean(),
  phone: z.string().nullable().openapi({ example: '138****8000' }),
  nickname: z.string().nullable(),
  avatar: z.string().nullable(),
  realname_verified: z.boolean(),
  membership_level: z.string().openapi({ example: 'basic' }),
  membership_expires_at: Time.nullable(),
}).openapi('Me');

/** `GET /users/me/export`: everything by name, as it is kept. */
export const AccountExport = z
  .object({
    user: Me.omit({ membership_level: true, membership_expires_at: true }).extend({
      role: z.string(),
      referral_code: z.string(),
      inviter_id: z.string().nullable(),
      systems: z.array(z.string()),
      permissions: z.array(z.string()),
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
  phone: z.string().nullable(),
  nickname: z.string().nullable(),
  avatar: z.string().nullable(),
  realname_verified: z.boolean(),
}).openapi('AdminUser');

export const AdminUserDetail = AdminUser.extend({
  membership_level: z.string(),
  membership_expires_at: Time.nullable(),
  systems: z.array(z.string()),
  permissions: z.array(z.string()),
}).openapi('AdminUserDetail');
