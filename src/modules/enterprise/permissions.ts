import type { EnterpriseRole } from '#kernel/actor';

/** Who may do what in an enterprise, and to whom: the whole of it is these two tables (spec enterprise.md). */

/** Acts on the enterprise itself. */
export const ENTERPRISE_ACTS = {
  'profile.read': ['owner', 'admin', 'member'],
  'profile.update': ['owner', 'admin'],
  'verification.read': ['owner', 'admin'],
  'verification.submit': ['owner'],
  'members.list': ['owner', 'admin'],
  'invitations.read': ['owner', 'admin'],
  'invitations.manage': ['owner', 'admin'],
  'plan.buy': ['owner', 'admin'],
  'wallet.read': ['owner', 'admin'],
  'owner.transfer': ['owner'],
} as const satisfies Record<string, EnterpriseRole[]>;
export type EnterpriseAct = keyof typeof ENTERPRISE_ACTS;

/** Acts that go on while the owner is frozen. */
export const WHILE_FROZEN: ReadonlySet<EnterpriseAct | MemberAct> = new Set([
  'profile.read',
  'verification.read',
  'members.list',
  'invitations.read',
  'wallet.read',
  'quota.read',
]);

/** `never`: the enterprise's own rule forbids it, whoever asks (409). */
export type Verdict = 'yes' | 'no' | 'never';

/** Whom an act is done to; oneself comes before one's role. */
export type Target = 'self' | EnterpriseRole;

/** Acts on a member, by the role of who acts and by the target. */
export const MEMBER_ACTS = {
  'quota.read': {
    owner: { self: 'yes', owner: 'yes', admin: 'yes', member: 'yes' },
    admin: { self: 'yes', owner: 'yes', admin: 'yes', member: 'yes' },
    member: { self: 'yes', owner: 'no', admin: 'no', member: 'no' },
  },
  'quota.set': {
    owner: { self: 'yes', owner: 'yes', admin: 'yes', member: 'yes' },
    admin: { self: 'yes', owner: 'no', admin: 'yes', member: 'yes' },
    member: { self: 'no', owner: 'no', admin: 'no', member: 'no' },
  },
  'role.set': {
    owner: { self: 'never', owner: 'never', admin: 'yes', member: 'yes' },
    admin: { self: 'yes', owner: 'never', admin: 'yes', member: 'yes' },
    member: { self: 'no', owner: 'no', admin: 'no', member: 'no' },
  },
  remove: {
    owner: { self: 'never', owner: 'never', admin: 'yes', member: 'yes' },
    admin: { self: 'yes', owner: 'never', admin: 'yes', member: 'yes' },
    member: { self: 'yes', owner: 'no', admin: 'no', member: 'no' },
  },
} as const satisfies Record<string, Record<EnterpriseRole, Record<Target, Verdict>>>;
export type MemberAct = keyof typeof MEMBER_ACTS;
