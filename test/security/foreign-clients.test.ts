import forge from 'node-forge';
import { describe, expect, it } from 'vitest';
import {
  ciphertextBytes,
  decryptOaep,
  generateRsaKeyPair,
  importRsaPrivate,
} from '../../src/security/rsa.ts';

/** Clients that nobody here wrote must be able to encrypt to our keys (`openssl` does in the README's tour). */
describe('node-forge', () => {
  it('encrypts a password that we can read', async () => {
    const { publicPem, privateDer } = await generateRsaKeyPair();
    const key = forge.pki.publicKeyFromPem(publicPem) as forge.pki.rsa.PublicKey;
    const options = { md: forge.md.sha256.create(), mgf1: { md: forge.md.sha256.create() } };
    const cipher = forge.util.encode64(
      key.encrypt(forge.util.encodeUtf8('密码Aa123456!'), 'RSA-OAEP', options),
    );
    const bytes = ciphertextBytes(cipher);
    expect(bytes).not.toBeNull();
    if (bytes) expect(await decryptOaep(await importRsaPrivate(privateDer), bytes)).toBe('密码Aa123456!');
  });

  it('with SHA-1, the default of many, is refused like everything else', async () => {
    const { publicPem, privateDer } = await generateRsaKeyPair();
    const key = forge.pki.publicKeyFromPem(publicPem) as forge.pki.rsa.PublicKey;
    const bytes = ciphertextBytes(forge.util.encode64(key.encrypt('Aa123456!', 'RSA-OAEP')));
    if (bytes) expect(await decryptOaep(await importRsaPrivate(privateDer), bytes)).toBeNull();
    expect(bytes).not.toBeNull();
  });
});
