import { openDatabase } from '#db/client';
import { deliverUsage } from '#flows/quota/deliver-usage';
import { loadOwnerSnapshot } from '#flows/quota/owner-snapshot';
import type { Clock } from '#kernel/clock';
import { createIds } from '#kernel/ids';
import type { Log, MailPort, PaymentProvider } from '#kernel/ports';
import type { OwnerDirectory, UsageLedger } from '#kernel/quota';
import type { Services } from '#kernel/services';
import type { Site } from '#kernel/site';
import { altchaCaptcha } from '#providers/captcha/altcha';
import { turnstileCaptcha } from '#providers/captcha/turnstile';
import { paymentRegistry, providersOf } from '#providers/payments/registry';
import { quotaClient } from '#quota/client';
import type { QuotaObjectPorts } from '#quota/object';
import { databaseOf, type Env, type Settings } from './env.ts';

/** How long a call to a payment provider may take, in milliseconds. */
const PROVIDER_TIMEOUT = 10_000;

/** What differs between the deployed Worker and the local run. */
export interface Binding {
  env: Env;
  settings: Settings;
  clock: Clock;
  mail(site: Site): MailPort;
  /** Beside those at which the site has an account. */
  paymentProviders: PaymentProvider[];
}

/** Binds the ports to what this deployment has. Once an isolate. */
export function bindServices({ env, settings, clock, mail, paymentProviders }: Binding): Services {
  const outside = {
    clock,
    timeout: PROVIDER_TIMEOUT,
    fetch: (url: string, init: RequestInit) => fetch(url, init),
  };
  const payments = new Map(
    settings.sites.map(({ key }) => {
      const accounts = settings.accounts[key];
      const own = accounts ? providersOf(accounts, key, outside) : [];
      return [key, paymentRegistry([...paymentProviders, ...own])];
    }),
  );
  const none = paymentRegistry([]);
  return {
    sites: settings.sites,
    secrets: settings.secrets,
    policy: settings.policy,
    publicUrl: settings.publicUrl,
    corsOrigins: settings.corsOrigins,
    clock,
    ids: createIds(),
    log: consoleLog,
    kv: env.KV,
    quota: quotaClient(env.QUOTA, consoleLog),
    captcha: settings.turnstile
      ? turnstileCaptcha(settings.turnstile, (url, init) => fetch(url, init))
      : altchaCaptcha(settings.secrets.captcha, settings.captcha),
    payments: (site) => payments.get(site.key) ?? none,
    assets: env.ASSETS,
    database: (site) => openDatabase(databaseOf(env, site)),
    mail,
    countUnknownKey: async (address) => (await env.UNKNOWN_KEYS.limit({ key: address })).success,
  };
}

/** What a quota object of this deployment works with. */
export function quotaPorts(env: Env, settings: Settings, clock: Clock): QuotaObjectPorts {
  const ctxOf = (key: string) => {
    const site = settings.sites.find((one) => one.key === key);
    if (!site) throw new Error(`a quota object of the unknown site ${key}`);
    return { db: openDatabase(databaseOf(env, site)), site, now: clock.now() };
  };
  const directory: OwnerDirectory = { load: ({ site, owner }) => loadOwnerSnapshot(ctxOf(site), owner) };
  const usage: UsageLedger = { deliver: ({ site, owner }, one) => deliverUsage(ctxOf(site), owner, one) };
  return {
    clock,
    directory,
    usage,
    ahead: settings.quotaAhead,
    log: (event, error) => consoleLog.error(event, error),
  };
}

/** One JSON line an event; Workers' observability indexes the fields. */
const consoleLog: Log = {
  info: (event, fields) => console.log(JSON.stringify({ level: 'info', event, ...fields })),
  error: (event, error, fields) =>
    console.error(JSON.stringify({ level: 'error', event, ...fields, error: describe(error) })),
};

/** An error with its causes, without the values of a failed query: they may be personal. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(/\nparams: [\s\S]*$/, '');
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause === undefined ? '' : `\ncaused by ${describe(error.cause)}`;
  return [`${error.name}: ${message}`, ...frames].join('\n') + cause;
}
