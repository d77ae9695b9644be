import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import type { Ids } from './ids.ts';
import type { Locale } from './locale.ts';
import type { CaptchaPort, Database, Log, MailPort, PaymentsPort } from './ports.ts';
import type { QuotaPort } from './quota.ts';
import type { Secrets } from './secrets.ts';
import type { Site } from './site.ts';

/** Numbers that a deployment may set. */
export interface Policy {
  registrationsPerHour: number;
}

/** A claim on an Idempotency-Key: the batch of the operation itself turns it from running to committed. */
export interface IdempotencyClaim {
  scope: string;
  claim: string;
}

/** All that a verb may touch, built once per request or job. */
export interface Ctx {
  db: Database;
  site: Site;
  actor: Actor;
  /** The client's address, null where none is known (jobs). */
  address: string | null;
  clock: Clock;
  /** The instant of this request or job, cut to the second: one operation has one time. */
  now: number;
  ids: Ids;
  requestId: string;
  locale: Locale;
  secrets: Secrets;
  policy: Policy;
  kv: KVNamespace;
  /** Origin that links in mails and pages begin with; never taken from a header. */
  publicUrl: string;
  log: Log;
  quota: QuotaPort;
  mail: MailPort;
  payments: PaymentsPort;
  captcha: CaptchaPort;
  /** Work after the answer. It must not be needed for correctness. */
  defer(work: Promise<unknown>): void;
  idempotency: IdempotencyClaim | null;
}
