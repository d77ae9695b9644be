import { AppError } from './errors.ts';

/** A signed-in person. `admin` is one whose role says so; what they may do as a person stays theirs. */
export interface Person {
  kind: 'user' | 'member' | 'admin';
  userId: string;
  sessionId: string;
  userType: 'personal' | 'enterprise';
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
  if (actor.kind === 'user' || actor.kind === 'member' || actor.kind === 'admin') return actor;
  throw new AppError('unauthenticated');
}

/** An admin: 401 for whoever is nobody, 403 for everybody else. */
export function requireAdmin(actor: Actor): Person {
  const person = requirePerson(actor);
  if (person.kind !== 'admin') throw new AppError('forbidden');
  return person;
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
