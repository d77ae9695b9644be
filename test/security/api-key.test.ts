import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiKeyPrefix,
  generateApiKey,
  isWellFormedApiKey,
  randomBase62,
  withChecksum,
} from '#security/api-key';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** IEEE CRC-32, bit by bit. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Six base62 digits, the most significant first. */
function sixDigits(value: number): string {
  const digits = [5, 4, 3, 2, 1, 0].map((place) => Math.floor(value / 62 ** place) % 62);
  return digits.map((digit) => BASE62.charAt(digit)).join('');
}

const secrets = fc
  .array(fc.nat(61), { minLength: 26, maxLength: 26 })
  .map((digits) => digits.map((digit) => BASE62.charAt(digit)).join(''));
const bodies = fc.tuple(fc.constantFrom('sk-prod-', 'sk-test-'), secrets).map((parts) => parts.join(''));

describe('the checksum', () => {
  it('is checked here with the CRC-32 that the world knows', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
  });

  it('is the CRC-32 of all the text before it, in six base62 digits', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        expect(withChecksum(body)).toBe(body + sixDigits(crc32(body)));
      }),
    );
  });

  it('is padded with 0 on the left', () => {
    // Below 62^5 about one body in five needs it.
    fc.assert(
      fc.property(bodies, (body) => {
        fc.pre(crc32(body) < 62 ** 5);
        expect(withChecksum(body).charAt(34)).toBe('0');
      }),
    );
  });
});

describe('generateApiKey', () => {
  it.each([
    ['production', /^sk-prod-[0-9A-Za-z]{32}$/],
    ['test', /^sk-test-[0-9A-Za-z]{32}$/],
  ] as const)('makes a %s key that is well formed', (type, shape) => {
    const key = generateApiKey(type);
    expect(key).toMatch(shape);
    expect(isWellFormedApiKey(key)).toBe(true);
  });

  it('never makes one twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => generateApiKey('test'))).size).toBe(1000);
  });
});

describe('isWellFormedApiKey', () => {
  it('refuses a key with one changed character, wherever it is', () => {
    fc.assert(
      fc.property(bodies, fc.nat(39), fc.constantFrom(...BASE62, '-', '_'), (body, index, character) => {
        const key = withChecksum(body);
        fc.pre(key.charAt(index) !== character);
        expect(isWellFormedApiKey(key.slice(0, index) + character + key.slice(index + 1))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses two neighbours that changed places', () => {
    fc.assert(
      fc.property(bodies, fc.integer({ min: 8, max: 38 }), (body, index) => {
        const key = withChecksum(body);
        const [one, other] = [key.charAt(index), key.charAt(index + 1)];
        fc.pre(one !== other);
        expect(isWellFormedApiKey(key.slice(0, index) + other + one + key.slice(index + 2))).toBe(false);
      }),
    );
  });

  it('refuses other shapes, though their checksum is right', () => {
    const secret = 'abc1'.padEnd(26, 'x');
    for (const body of [
      '',
      secret,
      `sk-live-${secret}`,
      `SK-PROD-${secret}`,
      `sk-prod-${secret}x`,
      `sk-prod-${secret.slice(1)}`,
      `sk-prod-${secret.slice(1)}-`,
      `sk-prod-${secret.slice(1)}é`,
      ` sk-prod-${secret}`,
    ]) {
      expect(isWellFormedApiKey(withChecksum(body)), body).toBe(false);
    }
    expect(isWellFormedApiKey(`${withChecksum(`sk-prod-${secret}`)}\n`)).toBe(false);
  });
});

describe('apiKeyPrefix', () => {
  it('shows four characters of the secret', () => {
    expect(apiKeyPrefix(withChecksum(`sk-prod-${'abc1'.padEnd(26, 'x')}`))).toBe('sk-prod-abc1****');
  });
});

describe('randomBase62', () => {
  it('uses each digit about as often as any other', () => {
    const text = randomBase62(31_000);
    expect(text).toMatch(/^[0-9A-Za-z]{31000}$/);
    for (const digit of BASE62) {
      // 500 each; ten standard deviations of 22 around that.
      expect(Math.abs(text.split(digit).length - 1 - 500)).toBeLessThan(220);
    }
  });
});
