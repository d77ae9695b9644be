import { describe, expect, it } from 'vitest';
import { type Env, parseSettings } from '../../src/env.ts';

const SECRETS = [
  'ACCESS_TOKEN_SECRET',
  'KEY_ENCRYPTION_KEY',
  'API_KEY_PEPPER',
  'TOKEN_PEPPER',
  'CAPTCHA_SECRET',
  'RESERVATION_SECRET',
  'IDENTITY_PEPPER',
];
const site = {
  database: 'DB',
  time_zone: 'Asia/Shanghai',
  currency: 'CNY',
  hosts: ['Shop.Example'],
  systems: [],
};
const GOOD = {
  ...Object.fromEntries(SECRETS.map((name) => [name, 'x'.repeat(32)])),
  SITES: { default: site, 'shop-2': { ...site, currency: 'USD' } },
  PUBLIC_URL: 'https://api.example/',
  MAIL_FROM: 'a@example.com',
};
const parse = (variables: object) => parseSettings({ ...GOOD, ...variables } as unknown as Env);

describe('settings', () => {
  it('are read once, with nobody’s accounts where none is set', () => {
    const settings = parse({});
    expect(settings.publicUrl).toBe('https://api.example');
    expect(settings.sites.map(({ key, hosts }) => [key, hosts])).toEqual([
      ['default', ['shop.example']],
      ['shop-2', ['shop.example']],
    ]);
    const none = { stripe: null, wxpay: null, alipay: null };
    expect(settings.accounts).toEqual({ default: none, 'shop-2': none });
  });

  it('give each site its own account', () => {
    const { accounts } = parse({ STRIPE_SECRET_KEY_SHOP_2: 'sk', STRIPE_WEBHOOK_SECRET_SHOP_2: 'whsec' });
    expect([accounts.default?.stripe, accounts['shop-2']?.stripe?.secretKey]).toEqual([null, 'sk']);
  });

  it('refuse a site whose names would be others’', () => {
    expect(() => parse({ SITES: { default: site, id: site } })).toThrow(/SITES\.id.* cannot be a site’s key/);
  });

  it('that are missing or wrong are named, all at once, and not shown', () => {
    expect(() => parse({ TOKEN_PEPPER: 'hidden', MAIL_FROM: 'nobody', SITES: {} })).toThrow(
      /SITES[\s\S]*MAIL_FROM[\s\S]*TOKEN_PEPPER/,
    );
    const half = { STRIPE_SECRET_KEY: 'sk_hidden', ALIPAY_APP_ID_SHOP_2: '2021' };
    expect(() => parse(half)).toThrow(
      /STRIPE_WEBHOOK_SECRET: is not set[\s\S]*ALIPAY_SELLER_ID_SHOP_2: is not set/,
    );
    for (const wrong of [{ TOKEN_PEPPER: 'hidden' }, half]) {
      expect(() => parse(wrong)).not.toThrow(/hidden/);
    }
  });

  it('ask for no more rounds of PBKDF2 than production has', () => {
    expect(parse({ CAPTCHA_COST: '100000' }).captcha.cost).toBe(100_000);
    expect(() => parse({ CAPTCHA_COST: '100001' })).toThrow(/CAPTCHA_COST/);
  });
});
