/** What identity numbers look like: pure. Check digits are shown to a reviewer and refuse nobody. */

/** Nobody who is alive was born before. */
const OLDEST = Date.UTC(1850, 0, 1);

const ID_NUMBER = /^\d{17}[\dX]$/;

/** A mainland identity number in upper case, with a real birth date before `now`; null for anything else. */
export function parseIdNumber(text: string, now: number): string | null {
  const number = text.toUpperCase();
  if (!ID_NUMBER.test(number)) return null;
  const date = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const born = new Date(`${date}T00:00:00Z`);
  const real = !Number.isNaN(born.getTime()) && born.toISOString().startsWith(date);
  return real && born.getTime() >= OLDEST && born.getTime() <= now ? number : null;
}

/** A company's credit code (or an older registration number) in upper case; null for anything else. */
export function parseCreditCode(text: string): string | null {
  // Before it is in upper case: some letters become two there.
  return /^[0-9A-Za-z]{15,18}$/.test(text) ? text.toUpperCase() : null;
}

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Whether the last character of an identity number follows from the others (GB 11643). */
export function idCheckDigitHolds(number: string): boolean {
  const sum = ID_WEIGHTS.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  return '10X98765432'[sum % 11] === number[17];
}

/** Registration numbers of before credit codes, which have no such character. */
const OLD_LENGTH = 15;

const CODE_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const CODE_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** Whether the last character of a credit code follows from the others (GB 32100); null where it has none. */
export function creditCodeCheckHolds(code: string): boolean | null {
  if (code.length === OLD_LENGTH) return null;
  if (code.length !== 18) return false;
  const values = [...code].map((character) => CODE_ALPHABET.indexOf(character));
  if (values.includes(-1)) return false;
  const sum = CODE_WEIGHTS.reduce((total, weight, index) => total + weight * (values[index] ?? 0), 0);
  return (31 - (sum % 31)) % 31 === values[17];
}
