import type { Keyring } from '#kernel/secrets';
import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { hmac, sameText, sha256 } from './keyed-hash.ts';

const PREFIX = 'rsv_';
const NONCE_BYTES = 16;
const MAC_BYTES = 16;

/** What a reservation is known by inside: its id on the wire without the signature. */
export interface ReservationName {
  holdId: string;
  owner: string;
}

/**
 * A name for a reservation that carries its owner, so that it finds the object it was made in even when its
 * user has moved on. With a `request_id` it derives from that: the same request is the same hold, also across
 * a rotation of the secret that signs it.
 */
export async function nameReservation(
  site: string,
  owner: string,
  request: { keyId: string; requestId: string } | null,
): Promise<ReservationName> {
  const nonce = request
    ? Buffer.from(await sha256(JSON.stringify([site, owner, request.keyId, request.requestId])), 'hex')
    : crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const holdId = toBase64Url(Buffer.concat([nonce.subarray(0, NONCE_BYTES), utf8(owner)]));
  return { holdId, owner };
}

/** The id on the wire: opaque, at most 256 characters, signed for this site. */
export async function signReservation(ring: Keyring, site: string, holdId: string): Promise<string> {
  return `${PREFIX}${holdId}.${await mac(ring.current, site, holdId)}`;
}

/** The reservation that an id of ours names, for this site; null for anything else. */
export async function readReservation(
  ring: Keyring,
  site: string,
  id: string,
): Promise<ReservationName | null> {
  if (!id.startsWith(PREFIX) || id.length > 256) return null;
  const [holdId = '', signature = '', ...rest] = id.slice(PREFIX.length).split('.');
  if (rest.length > 0) return null;
  for (const secret of [ring.current, ring.previous]) {
    if (secret === null || !sameText(signature, await mac(secret, site, holdId))) continue;
    const bytes = fromBase64Url(holdId);
    return bytes && { holdId, owner: new TextDecoder().decode(bytes.subarray(NONCE_BYTES)) };
  }
  return null;
}

async function mac(secret: string, site: string, holdId: string): Promise<string> {
  return toBase64Url((await hmac(secret, `reservation:${site}:${holdId}`)).subarray(0, MAC_BYTES));
}
