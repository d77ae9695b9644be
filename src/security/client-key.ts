import { hasChecksum, randomBase62, withChecksum } from './api-key.ts';

const SHAPE = /^ck-[0-9A-Za-z]{32}$/;

/** A new key of a back office's client: `ck-`, 26 random base62 digits, 6 of checksum as of an API key. */
export function generateClientKey(): string {
  return withChecksum(`ck-${randomBase62(26)}`);
}

/** Whether a text has the shape and the checksum of a client key: a wrong one costs no I/O. */
export function isWellFormedClientKey(text: string): boolean {
  return SHAPE.test(text) && hasChecksum(text);
}
