import { describe, expect, it } from 'vitest';
import type { Keyring } from '#kernel/secrets';
import { seal, unseal, unsealText } from '#security/sealed';

const before: Keyring = { current: 'an-older-secret-0123456789abcdefgh', previous: null };
const ring: Keyring = { current: 'the-secret-of-today-0123456789abcd', previous: before.current };
const later: Keyring = { current: 'the-secret-of-tomorrow-0123456789a', previous: ring.current };
const CONTEXT = 'rsa_keys.wrapped_private:default:rsa_key_20261120_001';

describe('seal', () => {
  it.each(['110101199003078888', '', '密码'])('keeps %j to be read back', async (text) => {
    expect(await unsealText(ring, CONTEXT, await seal(ring, CONTEXT, text))).toBe(text);
  });

  it('keeps bytes as they are', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(2000));
    expect(await unseal(ring, CONTEXT, await seal(ring, CONTEXT, bytes))).toEqual(bytes);
  });

  it('never seals alike, and shows nothing of the text', async () => {
    const [one, other] = [await seal(ring, CONTEXT, 'secret'), await seal(ring, CONTEXT, 'secret')];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
    expect(Buffer.from(one.slice(9), 'base64url').includes('secret')).toBe(false);
  });
});

describe('unseal', () => {
  it('opens in its own context only', async () => {
    const blob = await seal(ring, CONTEXT, 'secret');
    for (const context of [
      '',
      `${CONTEXT} `,
      CONTEXT.replace('default', 'cn'),
      CONTEXT.replace('001', '002'),
    ]) {
      await expect(unseal(ring, context, blob)).rejects.toThrow();
    }
  });

  it('still opens what the previous secret sealed, and no longer the one before', async () => {
    const blob = await seal(before, CONTEXT, 'secret');
    expect(await unsealText(ring, CONTEXT, blob)).toBe('secret');
    await expect(unseal(later, CONTEXT, blob)).rejects.toThrow();
  });

  it('seals with the current secret', async () => {
    const blob = await seal(ring, CONTEXT, 'secret');
    expect(await unsealText({ ...ring, previous: null }, CONTEXT, blob)).toBe('secret');
    await expect(unseal(before, CONTEXT, blob)).rejects.toThrow();
  });

  it('does not open what was tampered with', async () => {
    const blob = await seal(ring, CONTEXT, 'secret');
    const [version = '', body = ''] = blob.split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const tampered = Buffer.from(bytes);
      tampered[index] = (tampered[index] ?? 0) ^ 0x80;
      await expect(unseal(ring, CONTEXT, `${version}.${tampered.toString('base64url')}`)).rejects.toThrow();
    }
  });

  it('does not open what was cut, or relabelled', async () => {
    const blob = await seal(ring, CONTEXT, 'secret');
    const relabelled = (await seal(before, CONTEXT, 'x')).slice(0, 9) + blob.slice(9);
    for (const wrong of ['', '.', blob.slice(0, -1), blob.slice(0, 9), blob.slice(0, 20), relabelled]) {
      await expect(unseal(ring, CONTEXT, wrong)).rejects.toThrow();
    }
  });
});
