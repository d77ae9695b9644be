/** What crosses between the Worker and a quota object. Tokens are integers; times are epoch milliseconds. */

export type OwnerMetric = 'tpm' | 'tpd' | 'requests_per_day' | 'tokens_per_month';
export type MemberMetric = 'tokens_per_day' | 'requests_per_day';
export type Metric = OwnerMetric | MemberMetric;
export type Scope = 'member' | 'enterprise' | 'enterprise_member';

/** What an enterprise lets one of its members spend of the pool; null = no cap of its own. */
export type MemberCap = Record<MemberMetric, number | null>;

/** What a plan allows; a metric that is left out is not limited. */
export interface PlanLimits {
  tpm?: number;
  tpd?: number;
  requests_per_day?: number;
  tokens_per_month?: number;
  /** Allowed models, a trailing `*` is a prefix; left out = all. */
  models?: string[];
  priority: string;
  tokenDiscount: string | null;
}

/** Limits over time: an object picks the entry that its clock is in, so the end of a plan needs no cron. */
export interface LimitsSpan {
  from: number;
  /** Exclusive; null = for ever. */
  until: number | null;
  limits: PlanLimits;
}

/** All that a quota object must know of its owner. A snapshot of a lower version never replaces a higher one. */
export interface OwnerSnapshot {
  version: number;
  scope: 'member' | 'enterprise';
  timeZone: string;
  frozen: boolean;
  /** Later entries win where spans overlap. */
  spans: LimitsSpan[];
  /** Where no span holds. */
  fallback: PlanLimits;
  /**
   * Keys that changed within two days, longer than any cache remembers one: a request with an older version
   * of such a key is told to read D1.
   */
  keyVersions: Record<string, number>;
  /** Of an enterprise: the members that have a cap, by user id. */
  caps: Record<string, MemberCap>;
}

/** Whose object: the name begins with the site, so sites share nothing. */
export interface OwnerAddress {
  site: string;
  owner: string;
}

/** The key that asks, as the Worker knows it. */
export interface Spender {
  keyId: string;
  keyVersion: number;
  userId: string;
  test: boolean;
  /** The owner version that the key's record was read with: a newer one than the object's makes it read D1. */
  ownerVersion: number;
  /** Deleted, disabled, expired or frozen since: it may still end what it began. */
  dead: boolean;
}

export interface ReserveRequest {
  /** What the hold is found by: derived from `request_id` where one was given. */
  reservationId: string;
  /** Whether it derives from a `request_id`: only then may it be known already. */
  named: boolean;
  tokens: number;
  model: string | null;
  ttlSeconds: number;
  spender: Spender;
  /** Settle in the same step (`consume`). */
  settle: boolean;
}

/** What a reservation's id carries: enough to end it even where its object lost its memory. */
export interface Reservation {
  id: string;
  tokens: number;
  userId: string;
  keyId: string;
  model: string | null;
  test: boolean;
  madeAt: number;
  expiresAt: number;
}

/** The end of a reservation: what was really used, or (released) nothing. */
export interface EndRequest {
  reservation: Reservation;
  tokens: number;
  spender: Spender;
}

/** One limit as `GET /quota` shows it. `remaining` never falls below 0. */
export interface LimitReading {
  scope: Scope;
  metric: Metric;
  limit: number;
  used: number;
  reserved: number;
  remaining: number;
  resetAt: number;
  /** Seconds until `remaining` next grows. */
  growsIn: number;
}

export interface Admission {
  outcome: 'admitted';
  reservation: Reservation;
  limits: LimitReading[];
  priority: string;
  tokenDiscount: string | null;
}

export interface Refusal {
  outcome: 'refused';
  limits: LimitReading[];
  /** The limit that clears last. */
  blocking: LimitReading & { requested: number };
  /** Seconds until the request could fit, at least 1. */
  retryAfter: number;
}

/** Refusals that have nothing to do with counters. */
export type Denial =
  | 'key_stale'
  | 'unauthenticated'
  | 'owner_frozen'
  | 'model_not_allowed'
  | 'model_required'
  | 'quota_never_fits'
  | 'request_id_conflict'
  | 'reservation_not_found'
  | 'reservation_settled'
  | 'reservation_released'
  | 'reservation_expired';

export interface Denied {
  outcome: 'denied';
  code: Denial;
  limits: LimitReading[];
}

export interface Settlement {
  outcome: 'settled' | 'released';
  reserved: number;
  settled: number;
  limits: LimitReading[];
}

export interface QuotaReading {
  limits: LimitReading[];
  /** Tokens of today's reservations that ran out of their ttl without a word. */
  expiredToday: number;
  /** Tokens settled in this calendar month of the site's zone. */
  settledThisMonth: number;
}

/** Who reads: a key, which is told so where it is dead, or a person, for whom D1 is read anew. */
export type QuotaReader = { spender: Spender } | { userId: string };

/** What members of an enterprise settled today, by user id; whoever used nothing is left out. */
export type MemberUsage = Record<string, { tokens: number; requests: number }>;

/** The quota engine, as the rest of Sluice sees it. */
export interface QuotaPort {
  reserve(at: OwnerAddress, request: ReserveRequest): Promise<Admission | Refusal | Denied>;
  settle(at: OwnerAddress, request: EndRequest): Promise<Settlement | Denied>;
  release(at: OwnerAddress, request: Omit<EndRequest, 'tokens'>): Promise<Settlement | Denied>;
  read(at: OwnerAddress, reader: QuotaReader): Promise<QuotaReading | Denied>;
  memberUsage(at: OwnerAddress): Promise<MemberUsage>;
  /** Brings what was settled until now into D1. */
  deliverUsage(at: OwnerAddress): Promise<void>;
  /** Tells an object what it must know now. */
  apply(at: OwnerAddress, snapshot: OwnerSnapshot): Promise<void>;
}

/** Settled usage, summed: a row of `usage_daily` to be added to. */
export interface UsageRow {
  userId: string;
  keyId: string;
  model: string;
  day: string;
  test: boolean;
  tokens: number;
  requests: number;
  /** Tokens of reservations that ran out of their ttl without a word. */
  expired: number;
}

/** Usage between two points of an object's journal. */
export interface UsageDelivery {
  after: number;
  upTo: number;
  rows: UsageRow[];
  /** When keys were last used, by key id. */
  keyUses: [string, number][];
  /** Ended reservations that are still to be delivered after this. */
  backlog: number;
}

/** Where usage goes: once for each point, however often it is tried. Gives the point that was reached. */
export interface UsageLedger {
  deliver(at: OwnerAddress, delivery: UsageDelivery): Promise<number>;
}

/** Where an object without limits, or one told of a newer version than it has, reads D1 once. */
export interface OwnerDirectory {
  load(at: OwnerAddress): Promise<OwnerSnapshot>;
}
