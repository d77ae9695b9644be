import { describe, expect, it } from 'vitest';
import { DUMMY_HASH, hashPassword, verifyPassword } from '#security/password';

const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

/** The first 32 bytes of a test vector of RFC 7914, as PHC has it (a shorter hash is the beginning of a longer). */
const vector = (log2N: number, r: number, p: number, salt: string, hex: string) =>
  `$scrypt$ln=${log2N},r=${r},p=${p}$${base64(Buffer.from(salt))}$${base64(Buffer.from(hex, 'hex'))}`;

describe('verifyPassword', () => {
  it.each([
    [
      'pleaseletmein',
      vector(14, 8, 1, 'SodiumChloride', '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2'),
    ],
    [
      'password',
      vector(10, 8, 16, 'NaCl', 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162'),
    ],
  ])('knows %s of RFC 7914', async (password, phc) => {
    expect(await verifyPassword(password, phc)).toBe(true);
    expect(await verifyPassword(`${password}!`, phc)).toBe(false);
  });

  it('fits the password that was hashed and no other', async () => {
    const phc = await hashPassword('Aa123456!');
    expect(await verifyPassword('Aa123456!', phc)).toBe(true);
    for (const other of ['aa123456!', 'Aa123456', 'Aa123456! ', '']) {
      expect(await verifyPassword(other, phc), other).toBe(false);
    }
  });

  it('takes two spellings of one text for the same', async () => {
    const phc = await hashPassword('Café2026Å①');
    expect(await verifyPassword('Cafe\u03012026A\u030a1', phc)).toBe(true);
    expect(await verifyPassword('Cafe2026A1', phc)).toBe(false);
  });

  it('fits nothing where there is no account', async () => {
    expect(await verifyPassword('', DUMMY_HASH)).toBe(false);
  });

  it.each(['', 'Aa123456!', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'])(
    'does not take %j for a hash',
    async (phc) => {
      await expect(verifyPassword('Aa123456!', phc)).rejects.toThrow();
    },
  );
});

describe('hashPassword', () => {
  it('gives the PHC form, with the cost of the spec', async () => {
    const phc = await hashPassword('Aa123456!');
    expect(phc).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(DUMMY_HASH.split('$').slice(0, 3)).toEqual(phc.split('$').slice(0, 3));
  });

  it('salts each', async () => {
    expect(await hashPassword('Aa123456!')).not.toBe(await hashPassword('Aa123456!'));
  });
});
