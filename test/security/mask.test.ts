import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskAddress, maskEmail, maskPhone } from '#security/mask';

describe('maskPhone', () => {
  it.each([
    ['13800138000', '138****8000'],
    ['+8613800138000', '+86138****8000'],
  ])('%s → %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });

  it('shows four digits of a short number, and hides four of a longer one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[1-9]\d{6,14}$/), (phone) => {
        const shown = maskPhone(phone).replaceAll(/\D/g, '').length;
        const digits = phone.replaceAll(/\D/g, '').length;
        expect(shown).toBeLessThanOrEqual(Math.max(4, digits - 4));
      }),
    );
  });
});

describe('maskEmail', () => {
  it.each([
    ['someone@example.com', 's***@example.com'],
    ['"odd@one"@example.com', '"***@example.com'],
  ])('%s → %s', (email, masked) => {
    expect(maskEmail(email)).toBe(masked);
  });
});

describe('maskAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.*.*'],
    ['2001:db8:1:2::7', '2001:db8:*'],
    ['::ffff:203.0.113.7', '::*'],
  ])('%s → %s', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });
});
