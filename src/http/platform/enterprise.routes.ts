import { z } from '@hono/zod-openapi';
import { SetMemberRoleInput, TransferInput } from '#flows/enterprise/enterprise-members';
import { InviteInput } from '#flows/enterprise/invite-member';
import { MemberQuotaInput } from '#flows/enterprise/member-quota';
import { UpdateEnterpriseInput } from '#flows/enterprise/verify-enterprise';
import {
  DEVELOPER,
  ENTERPRISE_ID,
  INVITATION,
  JOINED,
  MEMBER_ID,
  MEMBERS,
  PROFILE,
  QUOTA,
} from './enterprise.examples.ts';
import { Invitation, Member, MemberIdentity, MemberQuota, Profile } from './enterprise.schemas.ts';
import { operation, QUOTA_BUSY } from './operation.ts';
import { Done, listed, listOf, PageQuery } from './schemas.ts';

const tag = 'Enterprise';
const access = 'person';
const path = '/api/v1/enterprise';
const member = z.object({
  member_id: z.string().openapi({
    description: 'The id of a member’s user, or `me`.',
    example: MEMBER_ID,
  }),
});

export const profile = operation({
  method: 'get',
  path: `${path}/profile`,
  operationId: 'getEnterpriseProfile',
  access,
  tag,
  summary: 'My enterprise',
  description:
    'For every member. Code and phone are masked; while a change is reviewed, the new name and code are shown. Its plan ' +
    'is at `GET /api/v1/membership/me`.',
  data: Profile,
  example: { data: PROFILE },
  errors: ['enterprise_none'],
});

export const updateProfile = operation({
  method: 'put',
  path: `${path}/profile`,
  operationId: 'updateEnterpriseProfile',
  access,
  tag,
  summary: 'Change the profile',
  description:
    'Contacts at once. Another name or credit code, which only the owner may send, is reviewed anew and needs a new ' +
    '`license_image`; plan and keys run on meanwhile, and a rejection brings the last verified values back.',
  body: UpdateEnterpriseInput.openapi('UpdateEnterprise'),
  data: Profile,
  example: { body: { contact_name: '李四', contact_phone: '13900139000' }, data: PROFILE },
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', 'verification_open'],
});

export const members = operation({
  method: 'get',
  path: `${path}/members`,
  operationId: 'listEnterpriseMembers',
  access,
  tag,
  summary: 'Members, the owner included',
  description:
    'Newest first, with caps and usage of today; open invitations are apart. Whoever manages nobody sees their own row.',
  query: PageQuery,
  data: listOf(Member),
  example: { data: { ...listed(...MEMBERS), total: 12, page_size: 2 } },
  errors: ['enterprise_none', ...QUOTA_BUSY],
});

export const invite = operation({
  method: 'post',
  path: `${path}/members/invite`,
  operationId: 'inviteMember',
  access,
  tag,
  summary: 'Invite somebody by mail',
  description:
    'A link that works once, for seven days and for that address. Invited again, the one before is replaced. It takes ' +
    'a seat (`member_seats` of the plan, 5 without; the owner needs none). One mail an address a minute, 50 a day.',
  idempotent: true,
  body: InviteInput.openapi('InviteMember'),
  data: Invitation,
  example: { body: { email: INVITATION.email, role: INVITATION.role }, data: INVITATION },
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
  operationId: 'listInvitations',
  access,
  tag,
  summary: 'Invitations that are open',
  description:
    'Newest first, for the owner and admins. What was accepted, taken back, replaced or has run out is not here; the ' +
    'link is in the mail only.',
  query: PageQuery,
  data: listOf(Invitation),
  example: { data: listed(INVITATION) },
  errors: ['enterprise_none', 'forbidden'],
});

export const revokeInvitation = operation({
  method: 'delete',
  path: `${path}/invitations/{invitation_id}`,
  operationId: 'revokeInvitation',
  access,
  tag,
  summary: 'Take an invitation back',
  description:
    'Its link works no more and its seat is free. Accepted or run out: 409; taken back or replaced before: 404.',
  params: z.object({ invitation_id: z.string().openapi({ example: INVITATION.invitation_id }) }),
  data: Done,
  example: { data: {} },
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', 'invitation_ended'],
});

export const acceptInvitation = operation({
  method: 'post',
  path: `${path}/invitations/accept`,
  operationId: 'acceptInvitation',
  access,
  tag,
  summary: 'Accept an invitation',
  description:
    'Signed in with the address it was sent to, which counts as verified then. Keys draw on the enterprise from now on; ' +
    'a running personal plan waits until its holder leaves. Who has no account yet registers with `invite_code`.',
  idempotent: true,
  body: z
    .object({
      token: z.string().min(1).max(200).openapi({
        description: 'What follows `#` in the link',
        example: 'inv_Sample7Gk2mQx9RtB4vLs1NcZy8WpDf3HjKa6TeU',
      }),
    })
    .openapi('AcceptInvitation'),
  data: MemberIdentity.extend({ enterprise_id: z.string() }).openapi('Joined'),
  example: {
    body: { token: 'inv_Sample7Gk2mQx9RtB4vLs1NcZy8WpDf3HjKa6TeU' },
    data: { ...JOINED, enterprise_id: ENTERPRISE_ID },
  },
  errors: [
    'not_found',
    'invitation_not_yours',
    'invitation_ended',
    'member_already',
    'membership_changed',
    'service_unavailable',
  ],
});

export const remove = operation({
  method: 'delete',
  path: `${path}/members/{member_id}`,
  operationId: 'removeMember',
  access,
  tag,
  summary: 'Remove a member, or (`me`) leave',
  description:
    'The keys of that membership die at once; what is reserved still settles. The account stays: older keys draw on the ' +
    'personal plan again, which goes on where it waited. The owner hands the enterprise over first.',
  params: member,
  data: Done,
  example: { data: {} },
  errors: [
    'enterprise_none',
    'enterprise_frozen',
    'forbidden',
    'owner_protected',
    'membership_changed',
    'service_unavailable',
  ],
});

export const quota = operation({
  method: 'get',
  path: `${path}/members/{member_id}/quota`,
  operationId: 'getMemberQuota',
  access,
  tag,
  summary: 'A member’s caps and usage of today',
  description:
    'One’s own, or anybody’s for the owner and admins. The enterprise’s own limits hold beside the caps; they are at ' +
    '`GET /api/v1/quota`.',
  params: member,
  data: MemberQuota,
  example: { data: QUOTA },
  errors: ['enterprise_none', 'forbidden', ...QUOTA_BUSY],
});

export const setQuota = operation({
  method: 'put',
  path: `${path}/members/{member_id}/quota`,
  operationId: 'setMemberQuota',
  access,
  tag,
  summary: 'Cap a member',
  description:
    'null takes a cap away, 0 lets nothing pass; what is left out stays. It holds before this is answered. Above what ' +
    'the enterprise itself may spend a day: 400. An admin caps anybody but the owner.',
  params: member,
  body: MemberQuotaInput.openapi('SetMemberQuota'),
  data: MemberQuota,
  example: {
    body: { tokens_per_day: 1_000_000, requests_per_day: 500 },
    data: { ...QUOTA, tokens_per_day: 1_000_000, requests_per_day: 500 },
  },
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', ...QUOTA_BUSY],
});

export const setRole = operation({
  method: 'put',
  path: `${path}/members/{member_id}/role`,
  operationId: 'setMemberRole',
  access,
  tag,
  summary: 'Make a member an admin, or an admin a member',
  description:
    'By the owner or an admin, who may step down themselves (`me`). Of who is no admin any more, open invitations of ' +
    'admins are taken back. The owner’s own role stays (409).',
  params: member,
  body: SetMemberRoleInput.openapi('SetMemberRole'),
  data: MemberIdentity,
  example: { body: { role: 'admin' }, data: { ...DEVELOPER, role: 'admin' } },
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', 'owner_protected'],
});

export const transfer = operation({
  method: 'put',
  path: `${path}/owner`,
  operationId: 'transferEnterprise',
  access,
  tag,
  summary: 'Hand the enterprise over to a member',
  description:
    'By the owner alone, to an active member, who is in the answer; the old owner stays as an admin. The type of both ' +
    'accounts follows: `enterprise` of who owns it now, `personal` of who did.',
  body: TransferInput.openapi('TransferEnterprise'),
  data: MemberIdentity,
  example: { body: { member_id: MEMBER_ID }, data: { ...DEVELOPER, role: 'admin', is_owner: true } },
  errors: ['enterprise_none', 'enterprise_frozen', 'forbidden', 'not_found'],
});
