import { z } from '@hono/zod-openapi';
import { Time } from './schemas.ts';

const STATUSES = ['pending', 'verified', 'rejected'] as const;

/** A submission as whoever made it, and a list, see it: nothing of a number is in it. */
export const Verification = z
  .object({
    verification_id: z.string().openapi({ example: 'ver_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    kind: z.enum(['realname', 'enterprise']),
    status: z.enum(STATUSES).openapi({
      description: 'What was revoked, or replaced by something newer, reads `rejected`, with the reason.',
    }),
    user_id: z
      .string()
      .openapi({ description: 'Who handed it in.', example: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    enterprise_id: z.string().nullable().openapi({ description: 'null where it is a person’s own.' }),
    name: z.string().nullable().openapi({
      description: 'A person’s masked, a company’s whole; null once the account was erased.',
      example: '张**',
    }),
    credit_code: z.string().nullable().openapi({
      description: 'Masked, of a company only; nothing is shown of an identity number.',
      example: '9111****',
    }),
    reason: z.string().nullable(),
    submitted_at: Time,
    decided_at: Time.nullable().openapi({ description: 'null while it is pending.' }),
  })
  .openapi('Verification');

/** `GET /users/me/verify/realname` (seed 002 §1.3). */
export const RealnameStatus = z
  .object({
    status: z.enum(['unverified', ...STATUSES]).openapi({
      description: '`unverified` before anything was handed in.',
    }),
    real_name: z.string().nullable().openapi({ description: 'Masked.', example: '张**' }),
    verified_at: Time.nullable().openapi({ description: 'Only while it is verified.' }),
    verification_id: z.string().optional().openapi({ example: 'ver_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    submitted_at: Time.optional(),
    reason: z.string().optional().openapi({ description: 'Why it was rejected or taken back.' }),
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
      taken_by_another: z.boolean().openapi({
        description: 'Somebody else is verified with this number: an approval would be refused.',
      }),
    })
    .nullable()
    .openapi({ description: 'For the reviewer to weigh; null where there are no papers any more' }),
}).openapi('VerificationReview');
