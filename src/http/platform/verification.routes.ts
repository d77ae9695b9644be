import type { z } from '@hono/zod-openapi';
import { DecisionInput, ListVerificationsInput } from '#flows/accounts/review-verification';
import { EnterpriseVerificationInput } from '#flows/enterprise/verify-enterprise';
import { RealnameInput } from '#modules/accounts/verify-realname';
import { idParam } from '../shared/id-param.ts';
import { operation } from './operation.ts';
import { listed, listOf, PageQuery } from './schemas.ts';
import {
  ENTERPRISE_PAPERS,
  ENTERPRISE_PENDING,
  ENTERPRISE_REJECTED,
  ENTERPRISE_STATUS,
  REALNAME_PAPERS,
  REALNAME_PENDING,
  REALNAME_REVIEW,
  REALNAME_STATUS,
  REALNAME_VERIFIED,
} from './verification.examples.ts';
import { EnterpriseStatus, RealnameStatus, Review, Verification } from './verification.schemas.ts';

const tag = 'Verification';
const admin = 'Admin: verifications';

export const submitRealname = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/realname',
  operationId: 'submitRealnameVerification',
  access: 'person',
  tag,
  summary: 'Hand in one’s identity card',
  description:
    'An admin decides, and a mail tells of it. While one is pending or verified another is refused; after a rejection ' +
    'again. The images are https addresses, nothing is uploaded here; `id_card` needs a real birth date, a wrong check ' +
    'digit is no reason to refuse it.',
  idempotent: true,
  body: RealnameInput.openapi('SubmitRealname'),
  data: Verification,
  example: { body: REALNAME_PAPERS, data: REALNAME_PENDING },
  errors: ['verification_open'],
});

export const realname = operation({
  method: 'get',
  path: '/api/v1/users/me/verify/realname',
  operationId: 'getRealnameVerification',
  access: 'person',
  tag,
  summary: 'How one’s verification stands',
  description:
    'Of what was handed in last, with its `reason` where it was rejected or taken back; `unverified` before anything ' +
    'was. The name is masked.',
  data: RealnameStatus,
  example: { data: REALNAME_STATUS },
});

export const submitEnterprise = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/enterprise',
  operationId: 'submitEnterpriseVerification',
  access: 'person',
  tag,
  summary: 'Hand in a company’s papers',
  description:
    'By the owner of an enterprise only. An admin decides; inviting members and enterprise plans wait for it, the ' +
    'contact holds at once. While one is pending or verified another is refused: a verified company changes its papers ' +
    'by `PUT /api/v1/enterprise/profile`.',
  idempotent: true,
  body: EnterpriseVerificationInput.openapi('SubmitEnterprise'),
  data: Verification,
  example: { body: ENTERPRISE_PAPERS, data: ENTERPRISE_PENDING },
  errors: ['verification_open', 'enterprise_none', 'forbidden'],
});

export const enterprise = operation({
  method: 'get',
  path: '/api/v1/users/me/verify/enterprise',
  operationId: 'getEnterpriseVerification',
  access: 'person',
  tag,
  summary: 'How the company’s verification stands',
  description:
    'For the owner and admins of the enterprise. It is `pending` also while a change of a verified company is reviewed; ' +
    'where the change is rejected the company is `verified` as before, and `reason` says why the change was not.',
  data: EnterpriseStatus,
  example: { data: ENTERPRISE_STATUS },
  errors: ['enterprise_none', 'forbidden'],
});

export const list = operation({
  method: 'get',
  path: '/admin/v1/verifications',
  operationId: 'adminListVerifications',
  access: 'admin',
  tag: admin,
  summary: 'Find submissions',
  description:
    'Newest first, of people and companies alike, and masked: `GET /admin/v1/verifications/{verification_id}` shows ' +
    'what there is to decide. What waits is `status=pending`.',
  query: ListVerificationsInput.extend({
    ...PageQuery.shape,
    status: ListVerificationsInput.shape.status.meta({
      description: '`rejected` also finds what was revoked or replaced.',
    }),
  }),
  data: listOf(Verification),
  example: { data: listed<z.input<typeof Verification>>(ENTERPRISE_PENDING, REALNAME_PENDING) },
});

export const get = operation({
  method: 'get',
  path: '/admin/v1/verifications/{verification_id}',
  operationId: 'adminGetVerification',
  access: 'admin',
  tag: admin,
  summary: 'One submission, decrypted',
  description:
    'The reading is written to the audit log. `checks` says whether the number’s check digit holds, which is for the ' +
    'reviewer to weigh, and whether somebody else is verified with it, which an approval would stumble over.',
  params: idParam('verification_id'),
  data: Review,
  example: { data: REALNAME_REVIEW },
});

export const approve = operation({
  method: 'post',
  path: '/admin/v1/verifications/{verification_id}/approve',
  operationId: 'adminApproveVerification',
  access: 'admin',
  tag: admin,
  summary: 'Verify what is pending',
  description:
    'Holds at once and is mailed to the person, of a company to its owner. A number that is verified for somebody else ' +
    'is 409; of a company the papers before are replaced. To undo it there is `…/revoke`.',
  params: idParam('verification_id'),
  data: Verification,
  example: { data: REALNAME_VERIFIED },
  errors: ['verification_decided', 'identity_taken'],
});

export const reject = operation({
  method: 'post',
  path: '/admin/v1/verifications/{verification_id}/reject',
  operationId: 'adminRejectVerification',
  access: 'admin',
  tag: admin,
  summary: 'Reject what is pending',
  description:
    'The `reason` is shown and mailed to the person, of a company to its owner. They may hand in again; a company falls ' +
    'back to what was verified before.',
  params: idParam('verification_id'),
  body: DecisionInput.openapi('RejectVerification'),
  data: Verification,
  example: { body: { reason: ENTERPRISE_REJECTED.reason }, data: ENTERPRISE_REJECTED },
  errors: ['verification_decided'],
});

export const revoke = operation({
  method: 'post',
  path: '/admin/v1/verifications/{verification_id}/revoke',
  operationId: 'adminRevokeVerification',
  access: 'admin',
  tag: admin,
  summary: 'Take a verification back',
  description:
    'Of one that is `verified`; it reads `rejected` from then on, and the `reason` is shown and mailed. The number is ' +
    'free for others, papers may be handed in again; memberships and API keys run on.',
  params: idParam('verification_id'),
  body: DecisionInput.openapi('RevokeVerification'),
  data: Verification,
  example: {
    body: { reason: '证件照片与本人不符' },
    data: {
      ...REALNAME_VERIFIED,
      status: 'rejected',
      reason: '证件照片与本人不符',
      decided_at: '2024-01-03T01:00:00Z',
    },
  },
  errors: ['verification_decided'],
});
