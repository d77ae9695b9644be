import { z } from '@hono/zod-openapi';
import { SetMemberRoleInput, TransferInput } from '#flows/enterprise/enterprise-members';
import { InviteInput } from '#flows/enterprise/invite-member';
import { MemberQuotaInput } from '#flows/enterprise/member-quota';
import { UpdateEnterpriseInput } from '#flows/enterprise/verify-enterprise';
import { Invitation, Member, MemberIdentity, MemberQuota, Profile } from './enterprise.schemas.ts';
import { operation } from './operation.ts';
import { Done, idParam, listOf, PageQuery } from './schemas.ts';

const tag = 'Enterprise';
const access = 'person';
const path = '/api/v1/enterprise';
const member = idParam('member_id');

export const profile = operation({
  method: 'get',
  path: `${path}/profile`,
  access,
  tag,
  summary: 'My enterprise',
  data: Profile,
  errors: ['enterprise_none'],
});

export const updateProfile = operation({
  method: 'put',
  path: `${path}/profile`,
  access,
  tag,
  summary: 'Change the profile',
  description:
    'Contacts at once. Another name or credit code is reviewed anew and needs a new `license_image`; plan and ' +
    'keys run on meanwhile, and a rejection brings the last verified values back.',
  body: UpdateEnterpriseInput.openapi('UpdateEnterprise'),
  data: Profile,
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', 'verification_open'],
});

export const members = operation({
  method: 'get',
  path: `${path}/members`,
  access,
  tag,
  summary: 'Members, the owner included',
  description: 'Whoever manages nobody sees their own row.',
  query: PageQuery,
  data: listOf(Member),
  errors: ['enterprise_none'],
});

export const invite = operation({
  method: 'post',
  path: `${path}/members/invite`,
  access,
  tag,
  summary: 'Invite somebody by mail',
  description:
    'A link that works once, for seven days and for that address. Invited again, the one before is replaced.',
  idempotent: true,
  body: InviteInput.openapi('InviteMember'),
  data: Invitation,
  errors: [
    'enterprise_none',
    'enterprise_unverified',
    'enterprise_frozen',
    'forbidden',
    'account_throttled',
    'member_already',
    'seats_full',
  ],
});

export const invitations = operation({
  method: 'get',
  path: `${path}/invitations`,
  access,
  tag,
  summary: 'Invitations that are open',
  query: PageQuery,
  data: listOf(Invitation),
  errors: ['enterprise_none', 'forbidden'],
});

export const revokeInvitation = operation({
  method: 'delete',
  path: `${path}/invitations/{invitation_id}`,
  access,
  tag,
  summary: 'Take an invitation back',
  params: idParam('invitation_id'),
  data: Done,
  errors: ['enterprise_none', 'forbidden', 'invitation_ended'],
});

export const acceptInvitation = operation({
  method: 'post',
  path: `${path}/invitations/accept`,
  access,
  tag,
  summary: 'Accept an invitation',
  description:
    'Signed in with the address it was sent to. Who has no account yet registers with `invite_code`.',
  idempotent: true,
  body: z.object({ token: z.string().min(1).max(200) }).openapi('AcceptInvitation'),
  data: MemberIdentity.extend({ enterprise_id: z.string() }).openapi('Joined'),
  errors: ['not_found', 'invitation_not_yours', 'invitation_ended', 'member_already'],
});

export const remove = operation({
  method: 'delete',
  path: `${path}/members/{member_id}`,
  access,
  tag,
  summary: 'Remove a member, or (`me`) leave',
  description: 'The keys of that membership die at once; what is reserved still settles.',
  params: member,
  data: Done,
  errors: ['enterprise_none', 'forbidden', 'owner_protected'],
});

export const quota = operation({
  method: 'get',
  path: `${path}/members/{member_id}/quota`,
  access,
  tag,
  summary: 'A member’s caps and usage of today',
  params: member,
  data: MemberQuota,
  errors: ['enterprise_none', 'forbidden'],
});

export const setQuota = operation({
  method: 'put',
  path: `${path}/members/{member_id}/quota`,
  access,
  tag,
  summary: 'Cap a member',
  description: 'null takes a cap away, 0 lets nothing pass; what is left out stays.',
  params: member,
  body: MemberQuotaInput.openapi('SetMemberQuota'),
  data: MemberQuota,
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden'],
});

export const setRole = operation({
  method: 'put',
  path: `${path}/members/{member_id}/role`,
  access,
  tag,
  summary: 'Make a member an admin, or an admin a member',
  params: member,
  body: SetMemberRoleInput.openapi('SetMemberRole'),
  data: MemberIdentity,
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', 'owner_protected'],
});

export const transfer = operation({
  method: 'put',
  path: `${path}/owner`,
  access,
  tag,
  summary: 'Hand the enterprise over to a member',
  body: TransferInput.openapi('TransferEnterprise'),
  data: MemberIdentity,
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', 'not_found'],
});
