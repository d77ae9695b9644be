import { fromBase64, toBase64 } from './bytes.ts';

const ALGORITHM = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;
const MODULUS_BITS = 3072;
const MODULUS_BYTES = MODULUS_BITS / 8;

export interface RsaKeyPair {
  /** SPKI, PEM. */
  publicPem: string;
  /** PKCS #8, DER. */
  privateDer: Uint8Array<ArrayBuffer>;
}

/** Makes a 3072-bit RSA key for OAEP with SHA-256 (about 0.4 s). */
export async function generateRsaKeyPair(): Promise<RsaKeyPair> {
  const pair = (await crypto.subtle.generateKey(
    { ...ALGORITHM, modulusLength: MODULUS_BITS, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['encrypt', 'decrypt'],
  )) as CryptoKeyPair;
  const spki = (await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer;
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer;
  return { publicPem: toPem(spki), privateDer: new Uint8Array(pkcs8) };
}

/** Reads a private half for {@link decryptOaep}. */
export function importRsaPrivate(der: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['decrypt']);
}

/** The bytes of a ciphertext: canonical Base64 of exactly the modulus' length, else null. */
export function ciphertextBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = fromBase64(text);
  return bytes?.length === MODULUS_BYTES ? bytes : null;
}

/** Decrypts to text; null for every way in which it can fail, so that no caller can tell them apart. */
export async function decryptOaep(key: CryptoKey, cipher: Uint8Array<ArrayBuffer>): Promise<string | null> {
  try {
    const plain = await crypto.subtle.decrypt(ALGORITHM, key, cipher);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return null;
  }
}

function toPem(spki: ArrayBuffer): string {
  const lines = toBase64(spki).match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}
