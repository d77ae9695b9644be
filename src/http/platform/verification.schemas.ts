import { z } from '@hono/zod-openapi';
import { Time } from './schemas.ts';

const STATUSES = ['pending', 'verified', 'rejected'] as const;

/** A submission as whoever made it, and a list, see it: nothing of a number is in it. */
export const Verification = z
  .object({
    verification_id: z.string().openapi({ example: 'ver_01HX…' }),
    kind: z.enum(['realname', 'enterprise']),
    status: z.enum(STATUSES),
    user_id: z.string(),
    enterprise_id: z.string().nullable(),
    name: z.string().nullable().openapi({ example: '张**' }),
    credit_code: z.string().nullable().openapi({ example: '9111****' }),
    reason: z.string().nullable(),
    submitted_at: Time,
    decided_at: Time.nullable(),
  })
  .openapi('Verification');

/** `GET /users/me/verify/realname` (seed 002 §1.3). */
export const RealnameStatus = z
  .object({
    status: z.enum(['unverified', ...STATUSES]),
    real_name: z.string().nullable().openapi({ example: '张**' }),
    verified_at: Time.nullable(),
    verification_id: z.string().optional(),
    submitted_at: Time.optional(),
    reason: z.string().optional(),
  })
  .openapi('RealnameStatus');

export const EnterpriseStatus = RealnameStatus.omit({ real_name: true })
  .extend({ enterprise_name: z.string().nullable() })
  .openapi('EnterpriseVerificationStatus');

/** What a reviewer sees: decrypted. */
export const Review = Verification.extend({
  papers: z
    .object({
      real_name: z.string().optional(),
      id_card: z.string().optional(),
      id_card_front: z.string().optional(),
      id_card_back: z.string().optional(),
      enterprise_name: z.string().optional(),
      credit_code: z.string().optional(),
      license_image: z.string().optional(),
      contact_name: z.string().nullable().optional(),
      contact_phone: z.string().nullable().optional(),
    })
    .nullable()
    .openapi({ description: 'As handed in; null once the account was erased' }),
  checks: z
    .object({
      check_digit_valid: z.boolean().nullable().openapi({
        description: 'GB 11643 or GB 32100; null where the number has none. It refuses nobody by itself.',
      }),
      taken_by_another: z.boolean(),
    })
    .nullable(),
}).openapi('VerificationReview');
