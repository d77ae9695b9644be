import type { Keyring } from '#kernel/secrets';
import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { hmac, sameText } from './keyed-hash.ts';

const PREFIX = 'rsv_';
const NONCE_BYTES = 16;
const MAC_BYTES = 16;

/**
 * A reservation id: opaque, signed, and carrying its owner, so that it finds the object it was made in
 * even when its user has moved on. With a `request_id` the id derives from it: the same request is the
 * same hold.
 */
export async function makeReservationId(
  ring: Keyring,
  site: string,
  owner: string,
  request: { keyId: string; requestId: string } | null,
): Promise<string> {
  const nonce = request
    ? (await hmac(ring.current, `request:${site}:${owner}:${request.keyId}:${request.requestId}`)).subarray(
        0,
        NONCE_BYTES,
      )
    : crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const body = toBase64Url(Buffer.concat([nonce, utf8(owner)]));
  return `${PREFIX}${body}.${await mac(ring.current, site, body)}`;
}

/** The owner that an id of ours names, for this site; null for anything else. */
export async function readReservationId(ring: Keyring, site: string, id: string): Promise<string | null> {
  if (!id.startsWith(PREFIX) || id.length > 256) return null;
  const [body = '', signature = ''] = id.slice(PREFIX.length).split('.');
  for (const secret of [ring.current, ring.previous]) {
    if (secret === null || !sameText(signature, await mac(secret, site, body))) continue;
    const bytes = fromBase64Url(body);
    return bytes && new TextDecoder().decode(bytes.subarray(NONCE_BYTES));
  }
  return null;
}

async function mac(secret: string, site: string, body: string): Promise<string> {
  return toBase64Url((await hmac(secret, `reservation:${site}:${body}`)).subarray(0, MAC_BYTES));
}
