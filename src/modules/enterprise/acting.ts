import { type Actor, type Affiliation, type Person, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findMember, type MemberRow } from './member-store.ts';
import {
  ENTERPRISE_ACTS,
  type EnterpriseAct,
  MEMBER_ACTS,
  type MemberAct,
  type Target,
  UNFREEZABLE,
} from './permissions.ts';

/** Somebody at work in their enterprise. */
export interface Acting {
  person: Person;
  enterprise: Affiliation;
}

/** Whether a person's role lets them do this, as the table has it. */
export function mayAct(enterprise: Affiliation, act: EnterpriseAct): boolean {
  const roles: readonly string[] = ENTERPRISE_ACTS[act];
  return roles.includes(enterprise.role) && (!enterprise.frozen || UNFREEZABLE.has(act));
}

/** The caller in their enterprise, allowed to do this. 403 for whoever has none, or another role. */
export function requireAct(actor: Actor, act: EnterpriseAct): Acting {
  const acting = requireAffiliation(actor);
  const roles: readonly string[] = ENTERPRISE_ACTS[act];
  if (!roles.includes(acting.enterprise.role)) throw new AppError('forbidden');
  assertThawed(acting.enterprise, act);
  return acting;
}

/**
 * A member of the caller's enterprise whom the caller may do this to; `me` is the caller. Whoever may do it to
 * nobody else is told so (403) before anybody is looked for; somebody of another enterprise is not found.
 */
export async function requireTarget(
  ctx: Ctx,
  act: MemberAct,
  memberId: string,
): Promise<Acting & { member: MemberRow }> {
  const acting = requireAffiliation(ctx.actor);
  const { person, enterprise } = acting;
  const verdicts: Record<Target, string> = MEMBER_ACTS[act][enterprise.role];
  const isSelf = memberId === 'me' || memberId === person.userId;
  if (!isSelf && verdicts.member === 'no') throw new AppError('forbidden');
  const member = await findMember(ctx, enterprise.id, isSelf ? person.userId : memberId);
  if (!member) throw new AppError('not_found');
  const verdict = verdicts[isSelf ? 'self' : member.isOwner ? 'owner' : member.role];
  if (verdict === 'no') throw new AppError('forbidden');
  if (verdict === 'never') throw new AppError('owner_protected');
  // Leaving is nobody else's business.
  if (!(isSelf && act === 'remove')) assertThawed(enterprise, act);
  return { ...acting, member };
}

function requireAffiliation(actor: Actor): Acting {
  const person = requirePerson(actor);
  if (!person.enterprise) throw new AppError('enterprise_none');
  return { person, enterprise: person.enterprise };
}

function assertThawed(enterprise: Affiliation, act: EnterpriseAct | MemberAct): void {
  if (enterprise.frozen && !UNFREEZABLE.has(act)) throw new AppError('enterprise_frozen');
}
