import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Keyring } from '#kernel/secrets';
import { fingerprint, hmac, keyedHash, keyedHashes, sameText, sha256 } from '#security/keyed-hash';

const old: Keyring = { current: 'an-older-secret-0123456789abcdefgh', previous: null };
const ring: Keyring = { current: 'the-secret-of-today-0123456789abcd', previous: old.current };

describe('hmac and sha256', () => {
  it('are those of RFC 4231 and FIPS 180', async () => {
    const mac = await hmac('Jefe', 'what do ya want for nothing?');
    expect(Buffer.from(mac).toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    expect(await sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('take text as UTF-8', async () => {
    expect(await sha256('密码')).toBe(createHash('sha256').update('密码', 'utf8').digest('hex'));
    expect(Buffer.from(await hmac('盐', '密码')).toString('hex')).toBe(
      createHmac('sha256', '盐').update('密码').digest('hex'),
    );
  });
});

describe('keyedHash', () => {
  it('is the same for the same, and another for another secret, purpose or text', async () => {
    const hashes = await Promise.all([
      keyedHash(ring, 'api-key', 'sk-prod-x'),
      keyedHash(ring, 'api-key', 'sk-prod-y'),
      keyedHash(ring, 'refresh', 'sk-prod-x'),
      keyedHash(old, 'api-key', 'sk-prod-x'),
    ]);
    expect(new Set(hashes).size).toBe(4);
    expect(await keyedHash(ring, 'api-key', 'sk-prod-x')).toBe(hashes[0]);
  });

  it('carries its secret’s version, and neither secret nor text', async () => {
    const hash = await keyedHash(ring, 'api-key', 'sk-prod-x');
    expect(hash).toMatch(/^[0-9a-f]{8}\.[0-9a-f]{64}$/);
    expect(hash.slice(0, 8)).toBe(await fingerprint(ring.current));
    expect(await fingerprint(ring.current)).not.toBe(await fingerprint(old.current));
  });
});

describe('keyedHashes', () => {
  it('finds what was stored under the previous secret too', async () => {
    expect(await keyedHashes(ring, 'api-key', 'x')).toEqual([
      await keyedHash(ring, 'api-key', 'x'),
      await keyedHash(old, 'api-key', 'x'),
    ]);
    expect(await keyedHashes(old, 'api-key', 'x')).toEqual([await keyedHash(old, 'api-key', 'x')]);
  });
});

describe('sameText', () => {
  it.each([
    ['', '', true],
    ['密码', '密码', true],
    ['abc', 'abd', false],
    ['abc', 'ab', false],
    ['', 'a', false],
    ['é', 'e\u0301', false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(sameText(a, b)).toBe(same);
  });
});
