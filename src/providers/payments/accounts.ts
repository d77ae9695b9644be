import { z } from 'zod';
import { readPrivateKey, readPublicKey } from '#security/rsa-signature';

/** Which site takes money where: read from the deployment's secrets, once an isolate. */

export interface StripeAccount {
  apiUrl: string;
  secretKey: string;
  webhookSecret: string;
}

export interface WxpayAccount {
  apiUrl: string;
  appId: string;
  merchantId: string;
  /** Of the merchant's own certificate. */
  serial: string;
  /** PKCS #8. */
  privateKey: Uint8Array<ArrayBuffer>;
  /** Seals notifications: 32 bytes. */
  apiV3Key: string;
  /** WeChat's public key by its id (`PUB_KEY_ID_…`); none where it signs with platform certificates, which are fetched. */
  platformKeys: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

export interface AlipayAccount {
  gateway: string;
  appId: string;
  /** The merchant's user id (`2088…`). */
  sellerId: string;
  /** PKCS #8. */
  privateKey: Uint8Array<ArrayBuffer>;
  /** Alipay's own, SPKI. */
  publicKey: Uint8Array<ArrayBuffer>;
}

/** What one site has; null where it does not take money there. */
export interface PaymentAccounts {
  stripe: StripeAccount | null;
  wxpay: WxpayAccount | null;
  alipay: AlipayAccount | null;
}

const Url = (usual: string) => z.url({ protocol: /^https?$/ }).default(usual);
const Key = (parse: (text: string) => Uint8Array<ArrayBuffer> | null, what: string) =>
  z.string().transform((text, ctx) => {
    const key = parse(text);
    if (!key) ctx.addIssue({ code: 'custom', message: `is no ${what} RSA key of 2048 bits or more` });
    return key ?? z.NEVER;
  });

const Stripe = z.object({
  STRIPE_SECRET_KEY: z.string(),
  STRIPE_WEBHOOK_SECRET: z.string(),
  STRIPE_API_URL: Url('https://api.stripe.com'),
});
const Wxpay = z
  .object({
    WXPAY_APP_ID: z.string(),
    WXPAY_MERCHANT_ID: z.string().regex(/^\d{8,10}$/, 'must be 8 to 10 digits'),
    WXPAY_SERIAL: z.string().regex(/^[0-9A-Fa-f]{8,64}$/, 'must be the certificate’s serial number in hex'),
    WXPAY_PRIVATE_KEY: Key(readPrivateKey, 'private'),
    WXPAY_API_V3_KEY: z.string().regex(/^[\x21-\x7e]{32}$/, 'must have 32 characters'),
    WXPAY_PUBLIC_KEY_ID: z.string().optional(),
    WXPAY_PUBLIC_KEY: Key(readPublicKey, 'public').optional(),
    WXPAY_API_URL: Url('https://api.mch.weixin.qq.com'),
  })
  .refine((set) => !set.WXPAY_PUBLIC_KEY === !set.WXPAY_PUBLIC_KEY_ID, {
    path: ['WXPAY_PUBLIC_KEY_ID'],
    message: 'WXPAY_PUBLIC_KEY and WXPAY_PUBLIC_KEY_ID are set together',
  });
const Alipay = z.object({
  ALIPAY_APP_ID: z.string(),
  ALIPAY_SELLER_ID: z.string().regex(/^2088\d{12}$/, 'must be 16 digits that begin with 2088'),
  ALIPAY_PRIVATE_KEY: Key(readPrivateKey, 'private'),
  ALIPAY_PUBLIC_KEY: Key(readPublicKey, 'public'),
  ALIPAY_GATEWAY: Url('https://openapi.alipay.com/gateway.do'),
});

/** A setting that is missing or wrong, by the name that it is set under. */
export interface AccountFault {
  name: string;
  message: string;
}

const NONE: PaymentAccounts = { stripe: null, wxpay: null, alipay: null };

/**
 * The accounts of a site. Its variables are named as those of `default`, with the site's key behind them:
 * `STRIPE_SECRET_KEY_CN`. A provider is on once anything of it is set; what is missing then is a fault.
 */
export function readAccounts(
  variables: Record<string, unknown>,
  site: { key: string; currency: string },
): { accounts: PaymentAccounts; faults: AccountFault[] } {
  const suffix = site.key === 'default' ? '' : `_${site.key.toUpperCase().replaceAll('-', '_')}`;
  const faults: AccountFault[] = [];
  // Its `WXPAY_PUBLIC_KEY` would be the default site's `WXPAY_PUBLIC_KEY_ID`.
  if (suffix === '_ID')
    return { accounts: NONE, faults: [{ name: 'SITES.id', message: 'cannot be a site’s key' }] };

  function parse<S extends z.ZodType>(schema: S, names: string[]): z.output<S> | null {
    const set = names.flatMap((name) => {
      const value = variables[name + suffix];
      return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
    });
    // An address alone switches nothing on.
    if (set.every(([name]) => /_(API_URL|GATEWAY)$/.test(name))) return null;
    const parsed = schema.safeParse(Object.fromEntries(set));
    if (parsed.success) return parsed.data;
    faults.push(
      ...parsed.error.issues.map(({ path, code, message, ...issue }) => ({
        name: `${path.join('.')}${suffix}`,
        message: code === 'invalid_type' && !('input' in issue && issue.input) ? 'is not set' : message,
      })),
    );
    return null;
  }

  const stripe = parse(Stripe, Object.keys(Stripe.shape));
  const wxpay = parse(Wxpay, Object.keys(Wxpay.shape));
  const alipay = parse(Alipay, Object.keys(Alipay.shape));
  if (site.currency !== 'CNY') {
    const wrong = [...(wxpay ? ['WXPAY_APP_ID'] : []), ...(alipay ? ['ALIPAY_APP_ID'] : [])];
    const message = `takes CNY only, and the site ${site.key} sells in ${site.currency}`;
    faults.push(...wrong.map((name) => ({ name: name + suffix, message })));
  }
  return {
    faults,
    accounts: {
      stripe: stripe && {
        apiUrl: stripe.STRIPE_API_URL,
        secretKey: stripe.STRIPE_SECRET_KEY,
        webhookSecret: stripe.STRIPE_WEBHOOK_SECRET,
      },
      wxpay: wxpay && {
        apiUrl: wxpay.WXPAY_API_URL.replace(/\/$/, ''),
        appId: wxpay.WXPAY_APP_ID,
        merchantId: wxpay.WXPAY_MERCHANT_ID,
        serial: wxpay.WXPAY_SERIAL,
        privateKey: wxpay.WXPAY_PRIVATE_KEY,
        apiV3Key: wxpay.WXPAY_API_V3_KEY,
        platformKeys: new Map(
          wxpay.WXPAY_PUBLIC_KEY_ID && wxpay.WXPAY_PUBLIC_KEY
            ? [[wxpay.WXPAY_PUBLIC_KEY_ID, wxpay.WXPAY_PUBLIC_KEY]]
            : [],
        ),
      },
      alipay: alipay && {
        gateway: alipay.ALIPAY_GATEWAY,
        appId: alipay.ALIPAY_APP_ID,
        sellerId: alipay.ALIPAY_SELLER_ID,
        privateKey: alipay.ALIPAY_PRIVATE_KEY,
        publicKey: alipay.ALIPAY_PUBLIC_KEY,
      },
    },
  };
}
