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
