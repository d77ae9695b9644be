import { crc32 } from 'node:zlib';

/** Base62 in the order that the checksum is written in. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 26;
const CHECKSUM_LENGTH = 6;
const SHAPE = new RegExp(`^sk-(prod|test)-[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

export type ApiKeyType = 'production' | 'test';

/** A new key: `sk-prod-` or `sk-test-`, 26 random base62 digits, 6 of CRC-32 over all the text before it. */
export function generateApiKey(type: ApiKeyType): string {
  return withChecksum(`sk-${type === 'production' ? 'prod' : 'test'}-${randomBase62(SECRET_LENGTH)}`);
}

/** Appends the checksum; also how a key is derived from a given secret part. */
export function withChecksum(body: string): string {
  return body + checksum(body);
}

/** Whether a text has the shape and the checksum of a key: tells typing errors from keys without any I/O. */
export function isWellFormedApiKey(text: string): boolean {
  return SHAPE.test(text) && hasChecksum(text);
}

/** Whether a text ends with the checksum of what is before it. */
export function hasChecksum(text: string): boolean {
  return checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** What may be shown of a key: `sk-prod-abc1****`. */
export function apiKeyPrefix(key: string): string {
  return `${key.slice(0, 12)}****`;
}

function checksum(body: string): string {
  let rest = crc32(body) >>> 0;
  let digits = '';
  for (; rest > 0; rest = Math.floor(rest / 62)) digits = ALPHABET.charAt(rest % 62) + digits;
  return digits.padStart(CHECKSUM_LENGTH, '0');
}

/** Random base62 digits without bias: bytes past the last whole multiple of 62 are thrown away. */
export function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}
