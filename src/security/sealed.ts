import type { Keyring } from '#kernel/secrets';
import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts';
import { fingerprint } from './keyed-hash.ts';

const NONCE_BYTES = 12;

/**
 * AES-256-GCM under a key derived from the keyring's current secret. `context` is bound as additional data,
 * so a blob moved to another row, column or site does not open. `derivation` is something only the client knows,
 * where we should not be able to read it alone. Form: `version.base64url(nonce ‖ ciphertext)`.
 */
export async function seal(
  ring: Keyring,
  context: string,
  plain: Uint8Array<ArrayBuffer> | string,
  derivation = '',
): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const cipher = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: utf8(context) },
    await aesKey(ring.current, derivation),
    typeof plain === 'string' ? utf8(plain) : plain,
  );
  return `${await fingerprint(ring.current)}.${toBase64Url(Buffer.concat([nonce, new Uint8Array(cipher)]))}`;
}

/** Opens what {@link seal} made. Throws where no secret of the keyring fits, or the context differs. */
export async function unseal(
  ring: Keyring,
  context: string,
  blob: string,
  derivation = '',
): Promise<Uint8Array<ArrayBuffer>> {
  const [version, body = '', ...rest] = blob.split('.');
  const bytes = rest.length > 0 ? null : fromBase64Url(body);
  for (const secret of [ring.current, ring.previous]) {
    if (secret === null || bytes === null || (await fingerprint(secret)) !== version) continue;
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.subarray(0, NONCE_BYTES), additionalData: utf8(context) },
      await aesKey(secret, derivation),
      bytes.subarray(NONCE_BYTES),
    );
    return new Uint8Array(plain);
  }
  throw new Error('sealed under a secret that is no longer known');
}

/** {@link unseal} as text. */
export async function unsealText(
  ring: Keyring,
  context: string,
  blob: string,
  derivation = '',
): Promise<string> {
  return new TextDecoder().decode(await unseal(ring, context, blob, derivation));
}

async function aesKey(secret: string, derivation: string): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: utf8('sluice'), info: utf8(`sealed:${derivation}`) },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}
