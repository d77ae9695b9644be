import { timingSafeEqual } from 'node:crypto';
import type { Keyring } from '#kernel/secrets';
import { toHex, utf8 } from './bytes.ts';

/** Importing a key costs more than using it, so each isolate does it once. */
const imported = new Map<string, Promise<CryptoKey>>();

function hmacKey(secret: string): Promise<CryptoKey> {
  let key = imported.get(secret);
  if (!key) {
    key = crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    imported.set(secret, key);
  }
  return key;
}

/** HMAC-SHA-256 of a text under a secret. */
export async function hmac(secret: string, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await hmacKey(secret), utf8(text)));
}

/** SHA-256 in hex. */
export async function sha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', typeof data === 'string' ? utf8(data) : data));
}

/** The hash that is stored of a token, under the current secret, prefixed by that secret's version. */
export async function keyedHash(ring: Keyring, purpose: string, text: string): Promise<string> {
  return versionedHash(ring.current, purpose, text);
}

/** Every hash under which a token may be stored: during a rotation there are two. */
export async function keyedHashes(ring: Keyring, purpose: string, text: string): Promise<string[]> {
  const secrets = ring.previous === null ? [ring.current] : [ring.current, ring.previous];
  return Promise.all(secrets.map((secret) => versionedHash(secret, purpose, text)));
}

async function versionedHash(secret: string, purpose: string, text: string): Promise<string> {
  return `${await fingerprint(secret)}.${toHex(await hmac(secret, `${purpose}:${text}`))}`;
}

const fingerprints = new Map<string, Promise<string>>();

/** Eight hex digits that tell secrets apart without telling them: the version that hashes and blobs carry. */
export function fingerprint(secret: string): Promise<string> {
  let print = fingerprints.get(secret);
  if (!print) {
    print = sha256(`fingerprint:${secret}`).then((hex) => hex.slice(0, 8));
    fingerprints.set(secret, print);
  }
  return print;
}

/** Compares in constant time; lengths are not secret. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [utf8(a), utf8(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
