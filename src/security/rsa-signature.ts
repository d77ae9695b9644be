import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { fromBase64, toBase64, utf8 } from './bytes.ts';

/** RSASSA-PKCS1-v1_5 with SHA-256: what WeChat Pay calls SHA256-RSA2048, and Alipay RSA2. */
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const LEAST_BITS = 2048;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A private RSA key of 2048 bits or more as PKCS #8. Reads PEM (PKCS #1 and #8) and the bare Base64 that Alipay's tool
 * writes; null for anything else.
 */
export function readPrivateKey(text: string): Bytes | null {
  return read(text, ['PRIVATE KEY', 'RSA PRIVATE KEY'], (pem) =>
    der(createPrivateKey(pem), { type: 'pkcs8', format: 'der' }),
  );
}

/** A public RSA key as SPKI: of PEM, bare Base64, or an X.509 certificate; null for anything else. */
export function readPublicKey(text: string): Bytes | null {
  const spki = { type: 'spki', format: 'der' } as const;
  return text.includes('BEGIN CERTIFICATE')
    ? attempt(() => der(new X509Certificate(text).publicKey, spki))
    : read(text, ['PUBLIC KEY'], (pem) => der(createPublicKey(pem), spki));
}

function read(text: string, labels: string[], parse: (pem: string) => Bytes): Bytes | null {
  const trimmed = text.replaceAll('\\n', '\n').trim();
  if (trimmed.startsWith('-----BEGIN')) return attempt(() => parse(trimmed));
  const lines = trimmed.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? [];
  for (const label of labels) {
    const key = attempt(() =>
      parse(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`),
    );
    if (key) return key;
  }
  return null;
}

function der(key: KeyObject, as: { type: 'pkcs8' | 'spki'; format: 'der' }): Bytes {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < LEAST_BITS) throw new Error('not an RSA key of 2048 bits');
  return Uint8Array.from(key.export(as as { type: 'spki'; format: 'der' }));
}

function attempt(parse: () => Bytes): Bytes | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

/** Signs a text with a key of {@link readPrivateKey}: Base64. */
export async function signRsa(pkcs8: Bytes, text: string): Promise<string> {
  const key = await imported(pkcs8, () =>
    crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
  );
  return toBase64(await crypto.subtle.sign(ALGORITHM, key, utf8(text)));
}

/** Whether a Base64 signature of these bytes was made by the private half of a key of {@link readPublicKey}. */
export async function verifyRsa(spki: Bytes, signature: string, signed: Bytes): Promise<boolean> {
  const bytes = fromBase64(signature);
  if (!bytes) return false;
  const key = await imported(spki, () => crypto.subtle.importKey('spki', spki, ALGORITHM, false, ['verify']));
  return crypto.subtle.verify(ALGORITHM, key, bytes, signed);
}

/** Importing costs more than using, so each isolate does it once for each key. */
const keys = new WeakMap<Bytes, Promise<CryptoKey>>();

function imported(bytes: Bytes, load: () => Promise<CryptoKey>): Promise<CryptoKey> {
  const key = keys.get(bytes) ?? load();
  keys.set(bytes, key);
  return key;
}
