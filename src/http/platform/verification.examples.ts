import type { z } from '@hono/zod-openapi';
import type { EnterpriseVerificationInput } from '#flows/enterprise/verify-enterprise';
import type { RealnameInput } from '#modules/accounts/verify-realname';
import type { EnterpriseStatus, RealnameStatus, Review, Verification } from './verification.schemas.ts';

/** A person's papers (seed 002 §1.3), and what becomes of them. */
export const REALNAME_PAPERS = {
  real_name: '张三',
  id_card: '110101199001011234',
  id_card_front: 'https://oss.example.com/id_cards/front.jpg',
  id_card_back: 'https://oss.example.com/id_cards/back.jpg',
} satisfies z.input<typeof RealnameInput>;

export const REALNAME_PENDING = {
  verification_id: 'ver_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  kind: 'realname',
  status: 'pending',
  user_id: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  enterprise_id: null,
  name: '张**',
  credit_code: null,
  reason: null,
  submitted_at: '2024-01-01T10:20:00Z',
  decided_at: null,
} satisfies z.input<typeof Verification>;

export const REALNAME_VERIFIED = {
  ...REALNAME_PENDING,
  status: 'verified',
  decided_at: '2024-01-01T12:00:00Z',
} satisfies z.input<typeof Verification>;

export const REALNAME_STATUS = {
  status: 'verified',
  real_name: REALNAME_VERIFIED.name,
  verified_at: REALNAME_VERIFIED.decided_at,
  verification_id: REALNAME_VERIFIED.verification_id,
  submitted_at: REALNAME_VERIFIED.submitted_at,
} satisfies z.input<typeof RealnameStatus>;

export const REALNAME_REVIEW = {
  ...REALNAME_PENDING,
  papers: REALNAME_PAPERS,
  checks: { check_digit_valid: false, taken_by_another: false },
} satisfies z.input<typeof Review>;

/** A company's papers (seed 002 §1.4), and what becomes of them. */
export const ENTERPRISE_PAPERS = {
  enterprise_name: 'XX 科技有限公司',
  credit_code: '91110000XXXXXXXX',
  license_image: 'https://oss.example.com/licenses/xxx.jpg',
  contact_name: '李四',
  contact_phone: '13900139000',
} satisfies z.input<typeof EnterpriseVerificationInput>;

export const ENTERPRISE_PENDING = {
  verification_id: 'ver_01JKZ7P3F6G7H8J9K0M1N2P3Q4',
  kind: 'enterprise',
  status: 'pending',
  user_id: 'u_01JKZ7P3F6G7H8J9K0M1N2P3Q4',
  enterprise_id: 'ent_01JKZ7P3F6G7H8J9K0M1N2P3Q4',
  name: ENTERPRISE_PAPERS.enterprise_name,
  credit_code: '9111****',
  reason: null,
  submitted_at: '2024-01-01T14:05:00Z',
  decided_at: null,
} satisfies z.input<typeof Verification>;

export const ENTERPRISE_REJECTED = {
  ...ENTERPRISE_PENDING,
  status: 'rejected',
  reason: '营业执照照片不清晰',
  decided_at: '2024-01-02T02:30:00Z',
} satisfies z.input<typeof Verification>;

export const ENTERPRISE_STATUS = {
  status: 'rejected',
  enterprise_name: ENTERPRISE_PAPERS.enterprise_name,
  verified_at: null,
  verification_id: ENTERPRISE_REJECTED.verification_id,
  submitted_at: ENTERPRISE_REJECTED.submitted_at,
  reason: ENTERPRISE_REJECTED.reason,
} satisfies z.input<typeof EnterpriseStatus>;
