import { beforeAll, describe, expect, it } from 'vitest';
import {
  ciphertextBytes,
  decryptOaep,
  generateRsaKeyPair,
  importRsaPrivate,
  type RsaKeyPair,
} from '#security/rsa';

let pair: RsaKeyPair;
let other: RsaKeyPair;
let key: CryptoKey;

beforeAll(async () => {
  [pair, other] = await Promise.all([generateRsaKeyPair(), generateRsaKeyPair()]);
  key = await importRsaPrivate(pair.privateDer);
});

/** As a client of ours would: from the PEM, with nothing of ours. */
async function encrypt(text: string | Uint8Array, { publicPem } = pair, hash = 'SHA-256'): Promise<string> {
  const der = Buffer.from(publicPem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  const algorithm = { name: 'RSA-OAEP', hash };
  const publicKey = await crypto.subtle.importKey('spki', der, algorithm, true, ['encrypt']);
  const plain = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return Buffer.from(await crypto.subtle.encrypt(algorithm, publicKey, plain)).toString('base64');
}

const open = (text: string) => {
  const bytes = ciphertextBytes(text);
  return bytes && decryptOaep(key, bytes);
};

describe('RSA-OAEP with SHA-256', () => {
  it.each(['Aa123456!', '密码Å2026', '\ufeffAa123456!', ''])('reads back %j', async (text) => {
    expect(await open(await encrypt(text))).toBe(text);
  });

  it('has 3072 bits in an SPKI PEM', async () => {
    expect(pair.publicPem).toMatch(
      /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/=]{1,64}\n-----END PUBLIC KEY-----\n$/,
    );
    expect(Buffer.from(await encrypt('x'), 'base64').length * 8).toBe(3072);
  });

  it('does not read what was tampered with', async () => {
    const bytes = Buffer.from(await encrypt('Aa123456!'), 'base64');
    for (const index of [0, 1, 200, 383]) {
      const tampered = Buffer.from(bytes);
      tampered[index] = (tampered[index] ?? 0) ^ 1;
      expect(await open(tampered.toString('base64'))).toBeNull();
    }
  });

  it('does not read what was encrypted to another key, or under another hash', async () => {
    expect(await open(await encrypt('Aa123456!', other))).toBeNull();
    expect(await open(await encrypt('Aa123456!', pair, 'SHA-1'))).toBeNull();
  });

  it('does not read what is no text', async () => {
    expect(await open(await encrypt(new Uint8Array([0x41, 0xff, 0xfe])))).toBeNull();
  });
});

describe('ciphertextBytes', () => {
  const canonical = Buffer.alloc(384, 0xfb).toString('base64');

  it('takes canonical Base64 of the modulus’ length', () => {
    expect(ciphertextBytes(canonical)).toHaveLength(384);
  });

  it.each([
    ['one byte less', Buffer.alloc(383, 0xfb).toString('base64')],
    ['one byte more', Buffer.alloc(385, 0xfb).toString('base64')],
    ['2048 bits', Buffer.alloc(256, 0xfb).toString('base64')],
    ['nothing', ''],
    ['Base64url', Buffer.alloc(384, 0xfb).toString('base64url')],
    ['padding that is not called for', `${canonical}==`],
    ['a space before', ` ${canonical}`],
    ['a line break after', `${canonical}\n`],
    ['line breaks within', canonical.replaceAll(/.{64}/g, '$&\n')],
    ['a character that is none of Base64', `*${canonical.slice(1)}`],
    ['text behind it', `${canonical}*`],
  ])('refuses %s', (_, text) => {
    expect(ciphertextBytes(text)).toBeNull();
  });
});
