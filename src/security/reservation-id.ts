import type { Reservation } from '#kernel/quota';
import type { Keyring } from '#kernel/secrets';
import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { hmac, sameText, sha256 } from './keyed-hash.ts';

const PREFIX = 'rsv_';
const ID_BYTES = 16;
const MAC_BYTES = 16;
const MOST_CHARACTERS = 256;

/**
 * What a reservation is found by in its object. With a `request_id` it derives from that: the same request is the
 * same hold, also across a rotation of the secret that signs it.
 */
export async function nameReservation(
  site: string,
  owner: string,
  request: { keyId: string; requestId: string } | null,
): Promise<string> {
  const bytes = request
    ? Buffer.from(await sha256(JSON.stringify([site, owner, request.keyId, request.requestId])), 'hex')
    : crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return toBase64Url(bytes.subarray(0, ID_BYTES));
}

/** A reservation and whose object it was made in: all that its id on the wire carries. */
export interface CarriedReservation {
  owner: string;
  reservation: Reservation;
}

/** The id on the wire: opaque, at most 256 characters, signed for this site. */
export async function signReservation(
  ring: Keyring,
  site: string,
  carried: CarriedReservation,
): Promise<string> {
  const body = toBase64Url(encode(carried));
  return `${PREFIX}${body}.${await mac(ring.current, site, body)}`;
}

/** The reservation that an id of ours carries, for this site; null for anything else. */
export async function readReservation(
  ring: Keyring,
  site: string,
  id: string,
): Promise<CarriedReservation | null> {
  if (!id.startsWith(PREFIX) || id.length > MOST_CHARACTERS) return null;
  const [body = '', signature = '', ...rest] = id.slice(PREFIX.length).split('.');
  if (rest.length > 0) return null;
  for (const secret of [ring.current, ring.previous]) {
    if (secret === null || !sameText(signature, await mac(secret, site, body))) continue;
    const bytes = fromBase64Url(body);
    return bytes && decode(bytes);
  }
  return null;
}

async function mac(secret: string, site: string, body: string): Promise<string> {
  return toBase64Url((await hmac(secret, `reservation:${site}:${body}`)).subarray(0, MAC_BYTES));
}

/** Numbers in fixed places, then texts with their lengths; ids made of a ULID take 17 bytes and not 30. */
const FIXED = 32;

function encode({ owner, reservation }: CarriedReservation): Uint8Array<ArrayBuffer> {
  const { id, tokens, userId, keyId, model, test, madeAt, expiresAt } = reservation;
  const head = Buffer.alloc(FIXED);
  Buffer.from(id, 'base64url').copy(head, 0, 0, ID_BYTES);
  head.writeUInt32BE(tokens, 16);
  head.writeUIntBE(madeAt, 20, 6);
  head.writeUInt32BE(expiresAt - madeAt, 26);
  head.writeUInt8((test ? 1 : 0) | (model === null ? 0 : 2) | (owner === userId ? 4 : 0), 30);
  const texts = [...(owner === userId ? [] : [pack(owner)]), pack(userId), pack(keyId), utf8(model ?? '')];
  const parts = texts.flatMap((text) => [Uint8Array.of(text.length), text]);
  return Uint8Array.from(Buffer.concat([head, ...parts]));
}

function decode(bytes: Uint8Array): CarriedReservation {
  const head = Buffer.from(bytes.subarray(0, FIXED));
  const flags = head.readUInt8(30);
  const texts: Uint8Array[] = [];
  for (let at = FIXED; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    texts.push(bytes.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (flags & 4) texts.unshift(texts[0] ?? new Uint8Array());
  const [owner = '', userId = '', keyId = ''] = texts.slice(0, 3).map(unpack);
  const madeAt = head.readUIntBE(20, 6);
  return {
    owner,
    reservation: {
      id: toBase64Url(bytes.slice(0, ID_BYTES)),
      tokens: head.readUInt32BE(16),
      userId,
      keyId,
      model: flags & 2 ? new TextDecoder().decode(texts[3]) : null,
      test: (flags & 1) === 1,
      madeAt,
      expiresAt: madeAt + head.readUInt32BE(26),
    },
  };
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PREFIXED_ULID = /^([a-z]{1,8})_([0-7][0-9A-HJKMNP-TV-Z]{25})$/;
/** Marks a packed id; no text that we encode begins with it. */
const PACKED = 0;

function pack(id: string): Uint8Array {
  const [, prefix, ulid] = PREFIXED_ULID.exec(id) ?? [];
  if (!prefix || !ulid) return utf8(id);
  let value = 0n;
  for (const character of ulid) value = value * 32n + BigInt(ALPHABET.indexOf(character));
  return Buffer.concat([
    Uint8Array.of(PACKED),
    Buffer.from(value.toString(16).padStart(32, '0'), 'hex'),
    utf8(prefix),
  ]);
}

function unpack(bytes: Uint8Array): string {
  if (bytes[0] !== PACKED) return new TextDecoder().decode(bytes);
  let value = BigInt(`0x${Buffer.from(bytes.subarray(1, 17)).toString('hex')}`);
  let ulid = '';
  for (let index = 0; index < 26; index += 1) {
    ulid = ALPHABET[Number(value % 32n)] + ulid;
    value /= 32n;
  }
  return `${new TextDecoder().decode(bytes.subarray(17))}_${ulid}`;
}
