import { abortIf } from '#db/commit';
import type { Statement } from '#db/statement';
import { type Actor, type Affiliation, type Person, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findMember, type MemberRow, managesNotNow } from './member-store.ts';
import {
  ENTERPRISE_ACTS,
  type EnterpriseAct,
  MEMBER_ACTS,
  type MemberAct,
  type Target,
  WHILE_FROZEN,
} from './permissions.ts';

/** Somebody at work in their enterprise. */
interface Acting {
  person: Person;
  enterprise: Affiliation;
}

/** … on a member of it. */
export interface MemberTarget extends Acting {
  member: MemberRow;
}

/** Whether a person's role lets them do this, as the table has it. */
export function mayAct(enterprise: Affiliation, act: EnterpriseAct): boolean {
  return hasRole(enterprise, act) && !isFrozenFor(enterprise, act);
}

/** Whose orders a person deals with: their own, and as somebody who buys for it their enterprise's. */
export function buyersOf(person: Person): string[] {
  const { enterprise, userId } = person;
  const buys = enterprise && hasRole(enterprise, 'plan.buy');
  return buys ? [userId, enterprise.id] : [userId];
}

/** Refuses what a frozen owner's enterprise would buy, pay or cancel; null where the person acts for themselves. */
export function requireBuying(person: Person, owner: string): Acting | null {
  const { enterprise } = person;
  if (owner === person.userId || !enterprise) return null;
  return requireAct(person, 'plan.buy');
}

/** The caller in their enterprise, allowed to do this. 403 for whoever has none, or another role. */
export function requireAct(actor: Actor, act: EnterpriseAct): Acting {
  const acting = requireAffiliation(actor);
  if (!hasRole(acting.enterprise, act)) throw new AppError('forbidden');
  if (isFrozenFor(acting.enterprise, act)) throw new AppError('enterprise_frozen');
  return acting;
}

/**
 * A member of the caller's enterprise whom the caller may do this to; `me` is the caller. Whoever may do it to
 * nobody else is told so (403) before anybody is looked for; somebody of another enterprise is not found.
 */
export async function requireTarget(ctx: Ctx, act: MemberAct, memberId: string): Promise<MemberTarget> {
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
  const leaves = isSelf && act === 'remove';
  if (!leaves && isFrozenFor(enterprise, act)) throw new AppError('enterprise_frozen');
  return { ...acting, member };
}

function requireAffiliation(actor: Actor): Acting {
  const person = requirePerson(actor);
  if (!person.enterprise) throw new AppError('enterprise_none');
  return { person, enterprise: person.enterprise };
}

function hasRole(enterprise: Affiliation, act: EnterpriseAct): boolean {
  const roles: readonly string[] = ENTERPRISE_ACTS[act];
  return roles.includes(enterprise.role);
}

function isFrozenFor(enterprise: Affiliation, act: EnterpriseAct | MemberAct): boolean {
  return enterprise.frozen && !WHILE_FROZEN.has(act);
}

/**
 * Aborts a batch whose actor manages the enterprise no more when it runs: what was true at authentication may have
 * ended since.
 */
export function stillManages(ctx: Ctx, { enterprise, person }: Acting): Statement {
  return abortIf(ctx, managesNotNow(enterprise.id, person.userId), 'forbidden');
}
