import type { Actor } from './actor.ts';
import { type Clock, toSecond } from './clock.ts';
import type { Ctx, Policy } from './context.ts';
import type { Ids } from './ids.ts';
import type { Locale } from './locale.ts';
import type { CaptchaPort, Database, Log, MailPort, PaymentsPort } from './ports.ts';
import type { QuotaPort } from './quota.ts';
import type { Secrets } from './secrets.ts';
import type { Site } from './site.ts';

/** What an entry (`worker.ts`, `dev/worker.ts`) binds once an isolate, and requests and jobs share. */
export interface Services {
  sites: Site[];
  secrets: Secrets;
  policy: Policy;
  publicUrl: string;
  /** Origins that browsers may call from; `*` for all. */
  corsOrigins: string[];
  clock: Clock;
  ids: Ids;
  log: Log;
  kv: KVNamespace;
  quota: QuotaPort;
  captcha: CaptchaPort;
  payments(site: Site): PaymentsPort;
  /** Answers `/docs-assets/*`. */
  assets: Fetcher;
  database(site: Site): Database;
  mail(site: Site): MailPort;
  /** Counts a key that nobody knows against its address; false when there were too many. */
  countUnknownKey(address: string): Promise<boolean>;
}

export interface Occasion {
  site: Site;
  actor: Actor;
  address: string | null;
  requestId: string;
  locale: Locale;
  defer: Ctx['defer'];
}

/** The context of one request or job. */
export function createContext(services: Services, occasion: Occasion): Ctx {
  return {
    ...occasion,
    db: services.database(occasion.site),
    clock: services.clock,
    now: toSecond(services.clock.now()),
    ids: services.ids,
    secrets: services.secrets,
    policy: services.policy,
    kv: services.kv,
    publicUrl: services.publicUrl,
    log: services.log,
    quota: services.quota,
    mail: services.mail(occasion.site),
    payments: services.payments(occasion.site),
    captcha: services.captcha,
    idempotency: null,
  };
}
