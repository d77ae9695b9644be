import { z } from 'zod';
import { isTimeZone } from '#kernel/calendar';
import type { Policy } from '#kernel/context';
import { hasTwoDecimals } from '#kernel/money';
import type { Keyring, Secrets } from '#kernel/secrets';
import type { Site } from '#kernel/site';
import { type PaymentAccounts, readAccounts } from '#providers/payments/accounts';
import type { QuotaObjectBase } from '#quota/object';

/** The bindings of `wrangler.toml`, the vars as they come (unparsed), the secrets of `wrangler secret put`. */
export interface Env {
  KV: KVNamespace;
  QUOTA: DurableObjectNamespace<QuotaObjectBase>;
  EMAIL: SendEmail;
  ASSETS: Fetcher;
  UNKNOWN_KEYS: RateLimit;
  /** D1 databases by the name that a site's settings give. */
  [binding: string]: unknown;
}

/** What a deployment is set to: vars and secrets, parsed once an isolate. */
export interface Settings {
  sites: Site[];
  secrets: Secrets;
  /** Where each site takes money, by its key. */
  accounts: Record<string, PaymentAccounts>;
  policy: Policy;
  publicUrl: string;
  corsOrigins: string[];
  mailFrom: string;
  captcha: { cost: number; counter: number };
  /** Quota objects admit from memory below what they wrote ahead; off only to compare (`npm run bench`). */
  quotaAhead: boolean;
  /** Cloudflare's captcha in place of our own, once its secret is set. */
  turnstile: { secret: string; siteKey: string } | null;
}

const secret = z.string({ error: 'is not set' }).min(32, 'must have at least 32 characters');
const siteSettings = z.object({
  database: z.string(),
  time_zone: z.string().refine(isTimeZone, 'is not an IANA time zone'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .refine(hasTwoDecimals, 'must be a currency with two decimals'),
  hosts: z.array(z.string()),
  systems: z.array(z.string()),
});

const variables = z
  .object({
    SITES: z.record(z.string().regex(/^[a-z0-9-]+$/), siteSettings).refine((sites) => 'default' in sites, {
      message: 'needs a site named default',
    }),
    PUBLIC_URL: z.url().transform((url) => new URL(url).origin),
    CORS_ORIGINS: z.string().default(''),
    MAIL_FROM: z.email(),
    REGISTRATIONS_PER_HOUR: z.coerce.number().int().positive().default(10),
    QUOTA_AHEAD: z.enum(['on', 'off']).default('on'),
    // PBKDF2 takes no more in production, whatever it takes here.
    CAPTCHA_COST: z.coerce.number().int().positive().max(100_000).default(5000),
    CAPTCHA_COUNTER: z.coerce.number().int().positive().default(100),
    ACCESS_TOKEN_SECRET: secret,
    ACCESS_TOKEN_SECRET_PREVIOUS: secret.optional(),
    KEY_ENCRYPTION_KEY: secret,
    KEY_ENCRYPTION_KEY_PREVIOUS: secret.optional(),
    API_KEY_PEPPER: secret,
    API_KEY_PEPPER_PREVIOUS: secret.optional(),
    TOKEN_PEPPER: secret,
    TOKEN_PEPPER_PREVIOUS: secret.optional(),
    CAPTCHA_SECRET: secret,
    CAPTCHA_SECRET_PREVIOUS: secret.optional(),
    RESERVATION_SECRET: secret,
    RESERVATION_SECRET_PREVIOUS: secret.optional(),
    IDENTITY_PEPPER: secret,
    IDENTITY_PEPPER_PREVIOUS: secret.optional(),
    TURNSTILE_SECRET: z.string().min(1).optional(),
    TURNSTILE_SITE_KEY: z.string().min(1).optional(),
    ADMIN_EMAIL: z.email().optional(),
    ADMIN_PASSWORD: z.string().optional(),
  })
  .refine((set) => !set.TURNSTILE_SECRET === !set.TURNSTILE_SITE_KEY, {
    path: ['TURNSTILE_SITE_KEY'],
    message: 'TURNSTILE_SECRET and TURNSTILE_SITE_KEY are set together',
  });

/**
 * Parses vars and secrets. Throws an error that names each one that is missing or wrong, and shows none.
 */
export function parseSettings(env: Env): Settings {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    throw unusable(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const { data } = parsed;
  const payments = Object.entries(data.SITES).map(([key, site]) => ({
    key,
    ...readAccounts(env, { key, currency: site.currency }),
  }));
  const faults = payments.flatMap(({ faults }) => faults);
  if (faults.length > 0) throw unusable(faults.map(({ name, message }) => `${name}: ${message}`));
  const ring = (current: string, previous: string | undefined): Keyring => ({
    current,
    previous: previous ?? null,
  });
  return {
    sites: Object.entries(data.SITES).map(([key, site]) => ({
      key,
      database: site.database,
      timeZone: site.time_zone,
      currency: site.currency,
      hosts: site.hosts.map((host) => host.toLowerCase()),
      systems: site.systems,
    })),
    secrets: {
      accessToken: ring(data.ACCESS_TOKEN_SECRET, data.ACCESS_TOKEN_SECRET_PREVIOUS),
      encryption: ring(data.KEY_ENCRYPTION_KEY, data.KEY_ENCRYPTION_KEY_PREVIOUS),
      apiKeyPepper: ring(data.API_KEY_PEPPER, data.API_KEY_PEPPER_PREVIOUS),
      tokenPepper: ring(data.TOKEN_PEPPER, data.TOKEN_PEPPER_PREVIOUS),
      captcha: ring(data.CAPTCHA_SECRET, data.CAPTCHA_SECRET_PREVIOUS),
      reservation: ring(data.RESERVATION_SECRET, data.RESERVATION_SECRET_PREVIOUS),
      identityPepper: ring(data.IDENTITY_PEPPER, data.IDENTITY_PEPPER_PREVIOUS),
      admin:
        data.ADMIN_EMAIL && data.ADMIN_PASSWORD
          ? { email: data.ADMIN_EMAIL, password: data.ADMIN_PASSWORD }
          : null,
    },
    accounts: Object.fromEntries(payments.map(({ key, accounts }) => [key, accounts])),
    policy: { registrationsPerHour: data.REGISTRATIONS_PER_HOUR },
    publicUrl: data.PUBLIC_URL,
    corsOrigins: data.CORS_ORIGINS.split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
    mailFrom: data.MAIL_FROM,
    turnstile:
      data.TURNSTILE_SECRET && data.TURNSTILE_SITE_KEY
        ? { secret: data.TURNSTILE_SECRET, siteKey: data.TURNSTILE_SITE_KEY }
        : null,
    captcha: { cost: data.CAPTCHA_COST, counter: data.CAPTCHA_COUNTER },
    quotaAhead: data.QUOTA_AHEAD === 'on',
  };
}

function unusable(faults: string[]): Error {
  return new Error(`The Worker's settings are not usable:\n  ${faults.join('\n  ')}`);
}

/** The D1 database that a site names. */
export function databaseOf(env: Env, site: Site): D1Database {
  const binding = env[site.database];
  if (!binding) throw new Error(`SITES.${site.key}.database names ${site.database}, which is not bound`);
  return binding as D1Database;
}
