import { isCommonPassword } from './common-passwords.ts';
import { parsePhone } from './phone.ts';

/** What someone signs in with: an e-mail address in lower case, or a phone in E.164. */
export type AccountName = { email: string } | { phone: string };

/** Reads what was typed into the account field of a login. Null where it is neither. */
export function parseAccountName(text: string): AccountName | null {
  if (text.includes('@')) return { email: text.toLowerCase() };
  const phone = parsePhone(text);
  return phone === null ? null : { phone };
}

/** Why a password is not good enough, or null: 8–32 characters, a letter and a digit (seed 002 §1.1). */
export function passwordFault(password: string): string | null {
  const length = [...password].length;
  if (length < 8 || length > 32) return 'must have 8 to 32 characters';
  if (!/\p{L}/u.test(password) || !/\d/.test(password)) return 'must have a letter and a digit';
  if (isCommonPassword(password)) return 'is among the commonest passwords';
  return null;
}
