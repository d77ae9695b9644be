import { DecisionInput, ListVerificationsInput } from '#flows/accounts/review-verification';
import { EnterpriseVerificationInput } from '#flows/enterprise/verify-enterprise';
import { RealnameInput } from '#modules/accounts/verify-realname';
import { operation } from './operation.ts';
import { idParam, listOf, PageQuery } from './schemas.ts';
import { EnterpriseStatus, RealnameStatus, Review, Verification } from './verification.schemas.ts';

const tag = 'Verification';
const admin = 'Admin: verifications';

export const submitRealname = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/realname',
  access: 'person',
  tag,
  summary: 'Hand in one’s identity card',
  description:
    'An admin decides. While one is pending or verified another is refused; after a rejection again.',
  idempotent: true,
  body: RealnameInput.openapi('SubmitRealname'),
  data: Verification,
  errors: ['verification_open'],
});

export const realname = operation({
  method: 'get',
  path: '/api/v1/users/me/verify/realname',
  access: 'person',
  tag,
  summary: 'How one’s verification stands',
  data: RealnameStatus,
});

export const submitEnterprise = operation({
  method: 'post',
  path: '/api/v1/users/me/verify/enterprise',
  access: 'person',
  tag,
  summary: 'Hand in a company’s papers',
  description: 'By the owner of an enterprise only.',
  idempotent: true,
  body: EnterpriseVerificationInput.openapi('SubmitEnterprise'),
  data: Verification,
  errors: ['verification_open', 'enterprise_none', 'forbidden'],
});

export const enterprise = operation({
  method: 'get',
  path: '/api/v1/users/me/verify/enterprise',
  access: 'person',
  tag,
  summary: 'How the company’s verification stands',
  data: EnterpriseStatus,
  errors: ['enterprise_none', 'forbidden'],
});

export const list = operation({
  method: 'get',
  path: '/admin/v1/verifications',
  access: 'admin',
  tag: admin,
  summary: 'Find submissions',
  query: ListVerificationsInput.extend(PageQuery.shape),
  data: listOf(Verification),
});

export const get = operation({
  method: 'get',
  path: '/admin/v1/verifications/{verification_id}',
  access: 'admin',
  tag: admin,
  summary: 'One submission, decrypted',
  description: 'The reading is written to the audit log.',
  params: idParam('verification_id'),
  data: Review,
});

export const approve = operation({
  method: 'post',
  path: '/admin/v1/verifications/{verification_id}/approve',
  access: 'admin',
  tag: admin,
  summary: 'Verify what is pending',
  params: idParam('verification_id'),
  data: Verification,
  errors: ['verification_decided', 'identity_taken'],
});

export const reject = operation({
  method: 'post',
  path: '/admin/v1/verifications/{verification_id}/reject',
  access: 'admin',
  tag: admin,
  summary: 'Reject what is pending',
  params: idParam('verification_id'),
  body: DecisionInput.openapi('RejectVerification'),
  data: Verification,
  errors: ['verification_decided'],
});

export const revoke = operation({
  method: 'post',
  path: '/admin/v1/verifications/{verification_id}/revoke',
  access: 'admin',
  tag: admin,
  summary: 'Take a verification back',
  params: idParam('verification_id'),
  body: DecisionInput.openapi('RevokeVerification'),
  data: Verification,
  errors: ['verification_decided'],
});
