import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Keyring } from '#kernel/secrets';
import { signAccessToken, verifyAccessToken } from '#security/jwt';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const SECONDS = NOW / 1000;
const MINUTES = 60_000;
const old: Keyring = { current: 'an-older-secret-0123456789abcdefgh', previous: null };
const ring: Keyring = { current: 'the-secret-of-today-0123456789abcd', previous: old.current };
const later: Keyring = { current: 'the-secret-of-tomorrow-0123456789a', previous: ring.current };
const claims = { userId: 'u_1', sessionId: 'ses_1' };

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const payload = { sub: 'u_1', sid: 'ses_1', aud: 'default', iat: SECONDS, exp: SECONDS + 600 };

/** A token by hand, signed under the true secret. */
function forge(header: object, body: object, hash = 'sha256'): string {
  const text = `${part(header)}.${part(body)}`;
  return `${text}.${createHmac(hash, ring.current).update(text).digest('base64url')}`;
}

const verify = (token: string, now = NOW, site = 'default', secrets = ring) =>
  verifyAccessToken(secrets, site, token, now);
const sign = (secrets = ring) => signAccessToken(secrets, 'default', claims, NOW);

describe('an access token', () => {
  it('gives back its claims', async () => {
    expect(await verify(await sign())).toEqual(claims);
  });

  it('is HS256 with kid, aud = site and ten minutes to live', async () => {
    const [header, body] = (await sign()).split('.').map((text) => Buffer.from(text, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toMatchObject({ alg: 'HS256', kid: expect.stringMatching(/./) });
    expect(JSON.parse(body ?? '')).toMatchObject({
      sub: 'u_1',
      aud: 'default',
      iat: SECONDS,
      exp: SECONDS + 600,
    });
  });

  it('lives for ten minutes', async () => {
    const token = await sign();
    expect(await verify(token, NOW + 10 * MINUTES - 1000)).toEqual(claims);
    expect(await verify(token, NOW + 10 * MINUTES)).toBeNull();
  });

  it('is for its own site', async () => {
    expect(await verify(await sign(), NOW, 'cn')).toBeNull();
  });

  it('is read while its secret is the previous one, and no longer', async () => {
    const token = await sign(old);
    expect(await verify(token, NOW, 'default', ring)).toEqual(claims);
    expect(await verify(token, NOW, 'default', later)).toBeNull();
  });

  it('is signed with the current secret', async () => {
    expect(await verify(await sign(ring), NOW, 'default', { ...ring, previous: null })).toEqual(claims);
    expect(await verify(await sign(ring), NOW, 'default', old)).toBeNull();
  });
});

describe('verifyAccessToken', () => {
  it('takes what is made by hand as the spec says, so the refusals below are what they seem', async () => {
    expect(await verify(forge({ alg: 'HS256', typ: 'JWT' }, payload))).toEqual(claims);
  });

  it('refuses no algorithm', async () => {
    const text = `${part({ alg: 'none' })}.${part(payload)}`;
    for (const token of [`${text}.`, text, forge({ alg: 'none' }, payload), forge({}, payload)]) {
      expect(await verify(token)).toBeNull();
    }
  });

  it('refuses another algorithm, though its signature is right', async () => {
    expect(await verify(forge({ alg: 'HS512' }, payload, 'sha512'))).toBeNull();
    expect(await verify(forge({ alg: 'HS384' }, payload, 'sha384'))).toBeNull();
    expect(await verify(forge({ alg: 'RS256' }, payload))).toBeNull();
  });

  it.each([
    ['no audience', { aud: undefined }],
    ['another audience', { aud: 'cn' }],
    ['no end', { exp: undefined }],
    ['an end that is no number', { exp: '9999999999' }],
    ['no subject', { sub: undefined }],
    ['a subject that is no text', { sub: 1 }],
    ['no session', { sid: undefined }],
    ['a session that is no text', { sid: 1 }],
    ['a beginning to come', { nbf: SECONDS + 60 }],
  ])('refuses %s', async (_, change) => {
    expect(await verify(forge({ alg: 'HS256' }, { ...payload, ...change }))).toBeNull();
  });

  it('refuses what was tampered with', async () => {
    const [header = '', , signature = ''] = (await sign()).split('.');
    const other = part({ ...payload, sub: 'u_2' });
    expect(await verify(`${header}.${other}.${signature}`)).toBeNull();
    expect(await verify(`${header}.${part(payload)}.${Buffer.alloc(32).toString('base64url')}`)).toBeNull();
  });

  it.each(['', '.', '..', 'x', 'a.b.c', 'a.b.c.d', 'sk-prod-abc1'])('refuses %j', async (token) => {
    expect(await verify(token)).toBeNull();
  });
});
