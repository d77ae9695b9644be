import { AppError } from './errors.ts';
import type { Program } from './programs.ts';

/** What a person is in an enterprise: its owner, an admin of it, or a member. */
export type EnterpriseRole = 'owner' | 'admin' | 'member';

/** The enterprise that a person belongs to, as it stands at this request. */
export interface Affiliation {
  id: string;
  role: EnterpriseRole;
  /** Its papers were verified once and stand, also while a change of them is reviewed. */
  verified: boolean;
  /** Its owner is frozen: nothing is bought and nobody is managed meanwhile. */
  frozen: boolean;
}

/** A signed-in person. `admin` is one whose role says so; what they may do as a person stays theirs. */
export interface Person {
  kind: 'user' | 'admin';
  userId: string;
  sessionId: string;
  userType: 'personal' | 'enterprise';
  enterprise: Affiliation | null;
}

/** Who asks. Ownership always follows from this, never from the body. */
export type Actor =
  | { kind: 'visitor' }
  | Person
  | { kind: 'apiKey'; keyId: string; userId: string; owner: string }
  | { kind: 'client'; clientId: string }
  | { kind: 'system' };

/** The person who asks, or 401: API keys and clients are not people. */
export function requirePerson(actor: Actor): Person {
  if (actor.kind === 'user' || actor.kind === 'admin') return actor;
  throw new AppError('unauthenticated');
}

/** An admin: 401 for whoever is nobody, 403 for everybody else. */
export function requireAdmin(actor: Actor): Person {
  const person = requirePerson(actor);
  if (person.kind !== 'admin') throw new AppError('forbidden');
  return person;
}

/** Whose plan and pool a person draws on: their enterprise's, else their own. */
export function quotaOwnerOf({ enterprise, userId }: Person): string {
  return enterprise?.id ?? userId;
}

/** Who holds what a person bought of a program: token plans are their enterprise's, all else is their own. */
export function holderOf(person: Person, program: Program): string {
  return program === 'token' ? quotaOwnerOf(person) : person.userId;
}

/** The id that audit rows name. */
export function actorId(actor: Actor): string | null {
  switch (actor.kind) {
    case 'visitor':
    case 'system':
      return null;
    case 'apiKey':
      return actor.keyId;
    case 'client':
      return actor.clientId;
    default:
      return actor.userId;
  }
}
