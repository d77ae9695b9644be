import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipAllowed, isIpRule, throttleAddress } from '#security/ip';

describe('isIpRule', () => {
  it.each([
    '192.0.2.1',
    '0.0.0.0/0',
    '10.0.0.0/8',
    '192.0.2.1/32',
    '::',
    '::1',
    '2001:db8::1',
    '2001:DB8::/32',
    '::/0',
    '2001:db8::1/128',
    '::ffff:192.0.2.1',
    '::ffff:10.0.0.0/104',
  ])('takes %s', (rule) => {
    expect(isIpRule(rule)).toBe(true);
  });

  it.each([
    '',
    ' ',
    '1',
    '10.1',
    '10.0.0',
    '10.0.0.0.0',
    '256.0.0.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8x',
    '10.0.0.0/ 8',
    '10.0.0.0/8/9',
    'fe80::1%eth0',
    ' 10.0.0.1',
    '10.0.0.1\n',
    '/8',
    ':::1',
    '1::2::3',
    '2001:db8::/129',
    '12345::',
    '::ffff:256.0.0.1',
    '[::1]',
    '10.0.0.1:80',
    'example.com',
    '*',
    '10.0.0.*',
    '10.0.0.0-10.0.0.9',
  ])('refuses %j', (rule) => {
    expect(isIpRule(rule)).toBe(false);
  });
});

describe('ipAllowed', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.9.9.9/8', '10.0.0.1', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.9', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', true],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['192.0.2.1', '::ffff:c000:201', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ])('%s lets %s in: %s', (rule, address, allowed) => {
    expect(ipAllowed([rule], address)).toBe(allowed);
  });

  it('needs one rule of several, and lets nobody in by none', () => {
    expect(ipAllowed(['192.0.2.1', '10.0.0.0/8'], '10.0.0.1')).toBe(true);
    expect(ipAllowed([], '10.0.0.1')).toBe(false);
  });

  it.each([null, '', '1', 'unknown', '10.0.0.1, 192.0.2.1', '10.0.0.1:443'])('refuses %j', (address) => {
    expect(ipAllowed(['0.0.0.0/0', '::/0'], address)).toBe(false);
  });

  it('agrees with arithmetic on 32 bits', () => {
    const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const dotted = (word: number) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
    fc.assert(
      fc.property(words, words, fc.nat(32), fc.nat(32), (net, noise, prefix, alike) => {
        // An address that shares about `alike` bits with the block.
        const address = (net ^ (alike === 32 ? 0 : noise >>> alike)) >>> 0;
        const expected = prefix === 0 || net >>> (32 - prefix) === address >>> (32 - prefix);
        expect(ipAllowed([`${dotted(net)}/${prefix}`], dotted(address))).toBe(expected);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:./%]{0,40}$/), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(texts, texts, (rule, address) => {
        ipAllowed([rule], address);
        throttleAddress(address);
        isIpRule(rule);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('throttleAddress', () => {
  it('is an IPv4 address itself', () => {
    expect(throttleAddress('192.0.2.1')).toBe('192.0.2.1');
    expect(throttleAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
  });

  it('is one for all of an IPv6 /64, however it is written', () => {
    const keys = ['2001:db8:1:2::1', '2001:0DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::'].map(
      throttleAddress,
    );
    expect(new Set(keys).size).toBe(1);
    expect(throttleAddress('2001:db8:1:3::1')).not.toBe(keys[0]);
  });

  it('is one for all that is no address', () => {
    expect([null, '', 'x', '1'].map(throttleAddress)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  });
});
