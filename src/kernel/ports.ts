import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { Locale } from './locale.ts';

/** One site's D1 database. Only `store.ts` files speak SQL to it. */
export type Database = DrizzleD1Database & { $client: D1Database };

/** Structured logging; never a secret, a token, a password or an identity number. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  error(event: string, error: unknown, fields?: Record<string, unknown>): void;
}

export interface MailMessage {
  to: string;
  subject: string;
  text: string;
}

export interface MailPort {
  send(message: MailMessage): Promise<void>;
}

/** A captcha token that holds: spend `nonce` before it expires, or it can be used again. */
export interface CaptchaProof {
  nonce: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

export interface CaptchaPort {
  /** What `GET /auth/captcha` answers, without an envelope. */
  challenge(site: string, now: number): Promise<Record<string, unknown>>;
  /** Null where the token is wrong, foreign or too old. Whether it was spent is the caller's to see. */
  verify(site: string, token: string, now: number, address: string | null): Promise<CaptchaProof | null>;
}

/** What a provider must know of an order to take money for it. */
export interface PayableOrder {
  id: string;
  title: string;
  /** Minor units. */
  amount: number;
  currency: string;
  expiresAt: number;
}

export interface PaymentRequest {
  order: PayableOrder;
  /** The attempt's, which is on record already: the same id is the same attempt. */
  attemptId: string;
  method: string | null;
  returnUrl: string | null;
  /** WeChat's name of the payer, for payments inside WeChat. */
  openid: string | null;
  /** Where the payer calls from. */
  address: string | null;
  publicUrl: string;
  site: string;
  locale: Locale;
}

/** What a provider said happened, after its signature was verified or because it was asked. */
export interface PaymentNotice {
  provider: string;
  /** Of the payment, also where a refund of it is told. */
  transactionId: string;
  orderId: string;
  /** Minor units; null where it could not be read as an amount of a two-decimal currency. */
  amount: number | null;
  currency: string;
  /** `undisputed`: a dispute was decided for the merchant. */
  state: 'paid' | 'failed' | 'refunded' | 'disputed' | 'undisputed';
  /**
   * Of a refund: its own id, by which it counts once (of one of ours: the id that we gave it). Null where the amount is
   * all that was refunded of the transaction until now. Left out by who cannot say whose `transactionId` it is.
   */
  refundId?: string | null;
  /** Of a payment that was asked about: what went back of it until now, where that is known. */
  refunded?: number;
  /** Of a dispute: its own id, by which it is told once. */
  disputeId?: string;
  /** Which attempt of its order it was, by how its id ends; left out where that is not told. */
  attempt?: string | undefined;
  /** Why this money is not for us, although it was told here: it is kept aside. */
  mismatch?: string;
}

/** An attempt that was started at a provider, as far as it must be told of it. */
export interface StartedAttempt {
  id: string;
  orderId: string;
  site: string;
  parameters: Record<string, unknown>;
}

/** Money to send back. The same `refundId` again is the same refund. */
export interface RefundRequest {
  refundId: string;
  transactionId: string;
  orderId: string;
  /** Minor units: of this refund, and of the whole payment. */
  amount: number;
  paid: number;
  currency: string;
  reason: string;
  publicUrl: string;
  site: string;
}

export interface PaymentProvider {
  name: string;
  /** Begins an attempt; the parameters are what the client needs to pay. */
  start(request: PaymentRequest): Promise<Record<string, unknown>>;
  /**
   * Reads a notification from the bytes as they came. Throws `signature_invalid` before anything is believed. Null
   * where it tells nothing about money.
   */
  verify(headers: Headers, body: Uint8Array<ArrayBuffer>, now: number): Promise<PaymentNotice | null>;
  /** The provider's own acknowledgement. */
  acknowledge(): { status: 200; contentType: string; body: string };
  /** Asks what became of an attempt; null where nothing was paid. */
  query(attempt: StartedAttempt): Promise<PaymentNotice | null>;
  /**
   * Ends an attempt there, so that it cannot be paid any more; `unknown` where the provider does not know of it, and its
   * address may yet be opened. Throws where it cannot be ended.
   */
  cancel(attempt: StartedAttempt): Promise<'ended' | 'unknown'>;
  /** Sends money back: `pending` where that is not certain yet. Throws, or is asked again, where it must be retried. */
  refund(request: RefundRequest): Promise<'done' | 'pending'>;
}

/** The providers of one site: each is on where the site has an account there. */
export interface PaymentsPort {
  /** By name. */
  names(): string[];
  /** Undefined when unknown or off. */
  find(name: string): PaymentProvider | undefined;
}
