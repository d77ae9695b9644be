import { describe, expect, it } from 'vitest';
import {
  creditCodeCheckHolds,
  idCheckDigitHolds,
  parseCreditCode,
  parseIdNumber,
} from '#modules/accounts/identity-rules';

const NOW = Date.parse('2026-11-20T00:00:00Z');

describe('an identity number', () => {
  it.each([
    ['the seed’s own', '110101199001011234', '110101199001011234'],
    ['one that ends in a small x', '11010519491231002x', '11010519491231002X'],
    ['a birthday on a leap day', '110101200002291234', '110101200002291234'],
    ['somebody born today', '110101202611201234', '110101202611201234'],
    ['a leap day that was none', '110101190002291234', null],
    ['the 31st of April', '110101199004311234', null],
    ['month 13', '110101199013011234', null],
    ['somebody born tomorrow', '110101202611211234', null],
    ['17 digits', '11010119900101123', null],
    ['a letter in the middle', '1101011990010A1234', null],
    ['digits of another script', '11010119900101123٤', null],
  ])('is read: %s', (_, text, number) => {
    expect(parseIdNumber(text, NOW)).toBe(number);
  });

  it('has a check digit that follows from the rest (GB 11643)', () => {
    // The standard's own example.
    expect(idCheckDigitHolds('11010519491231002X')).toBe(true);
    expect(idCheckDigitHolds('110105194912310021')).toBe(false);
    expect(idCheckDigitHolds('110101199001011234')).toBe(false);
  });
});

describe('a credit code', () => {
  it('is 15 to 18 digits and letters, in upper case', () => {
    expect(parseCreditCode('91110000xxxxxxxx')).toBe('91110000XXXXXXXX');
    expect(parseCreditCode('91350100M000100Y43')).toBe('91350100M000100Y43');
    for (const wrong of [
      '91110000',
      '91350100M000100Y430',
      '9135-0100M000100Y4',
      '９１３５０１００Ｍ０００１００',
    ])
      expect(parseCreditCode(wrong)).toBeNull();
  });

  it('has a check character where it is of 18 (GB 32100)', () => {
    expect(creditCodeCheckHolds('91350100M000100Y43')).toBe(true);
    expect(creditCodeCheckHolds('91350100M000100Y44')).toBe(false);
    // Letters that the alphabet leaves out.
    expect(creditCodeCheckHolds('91350100I000100Y43')).toBe(false);
    // The seed's own is two characters short.
    expect(creditCodeCheckHolds('91110000XXXXXXXX')).toBe(false);
    expect(creditCodeCheckHolds('110000012345678')).toBeNull();
  });
});
