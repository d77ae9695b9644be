import type { z } from 'zod';
import type { Clock } from '#kernel/clock';
import { utf8 } from '#security/bytes';

/** What adapters reach providers by. */
export interface Outside {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  clock: Clock;
  /** How long one call may take, in milliseconds. */
  timeout: number;
}

/** A provider's answer that is no success, or none at all. */
export class ProviderError extends Error {
  /** HTTP status; 0 where nothing came back. */
  readonly status: number;
  /** The provider's own code, such as `ORDERPAID`. */
  readonly code: string;

  constructor(provider: string, status: number, code: string, options?: ErrorOptions) {
    super(`${provider} answered ${status} ${code}`, options);
    this.name = 'ProviderError';
    this.status = status;
    this.code = code;
  }
}

/** For `catch`: null where the provider refused with one of these codes. */
export function unlessCode(...codes: string[]) {
  return (error: unknown): null => {
    if (error instanceof ProviderError && codes.includes(error.code)) return null;
    throw error;
  };
}

/** Whether a provider was reached and said no. */
function isRefusal(error: unknown): boolean {
  return error instanceof ProviderError && error.status > 0 && error.status < 500;
}

/**
 * Closes a trade. Where that is refused, what the trade is decides: one that is closed has ended, one that is not there may
 * yet begin; any other cannot be closed.
 */
export async function closeTrade<T>(
  close: () => Promise<unknown>,
  find: () => Promise<T | null>,
  isClosed: (trade: T) => boolean,
): Promise<'ended' | 'unknown'> {
  try {
    await close();
    return 'ended';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const trade = await find();
    if (trade === null) return 'unknown';
    if (isClosed(trade)) return 'ended';
    throw error;
  }
}

/** Why money that a provider tells of late grants nothing. */
export const REFUNDED_BEFORE = 'it was refunded at the provider before it was told here';

/** What a provider answered, as it documents it. */
export function answered<S extends z.ZodType>(provider: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ProviderError(provider, 200, 'UNREADABLE', { cause: parsed.error });
  return parsed.data;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

/** Providers' answers are small; what is longer is none. */
const MOST_BYTES = 1024 * 1024;

/**
 * Sends one request to a provider: ten seconds at the most (`outside.timeout`), no redirects. `again`: the same twice is
 * the same once, so that it is tried a second time where the connection broke or the provider failed (5xx, 429).
 */
export async function call(
  outside: Outside,
  provider: string,
  url: string,
  init: RequestInit,
  again: boolean,
): Promise<Answer> {
  try {
    const answer = await send(outside, url, init);
    const failed = answer.status >= 500 || answer.status === 429;
    if (!failed || !again) return answer;
  } catch (error) {
    // Who waited for ten seconds does not wait for another ten.
    if (!again || isLate(error)) throw unreachable(provider, error);
  }
  try {
    return await send(outside, url, init);
  } catch (error) {
    throw unreachable(provider, error);
  }
}

function isLate(error: unknown): boolean {
  return (error as { name?: string } | null)?.name === 'TimeoutError';
}

function unreachable(provider: string, error: unknown): ProviderError {
  return new ProviderError(provider, 0, isLate(error) ? 'TIMEOUT' : 'UNREACHABLE', { cause: error });
}

async function send(outside: Outside, url: string, init: RequestInit): Promise<Answer> {
  const response = await outside.fetch(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(outside.timeout),
  });
  const body = new Uint8Array(await response.arrayBuffer());
  if (body.byteLength > MOST_BYTES) throw new Error('the answer is too long');
  return { status: response.status, headers: response.headers, body };
}

/** The JSON of an answer; null where it is none. */
export function jsonOf(body: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return null;
  }
}

/** Where a provider sends its notifications: the path names the site. */
export function notifyUrl(
  provider: string,
  { publicUrl, site }: { publicUrl: string; site: string },
): string {
  return `${publicUrl}/api/v1/payments/${provider}/${site}/notify`;
}

/**
 * The number by which a provider knows an attempt: its order's, and of which attempt, in 32 characters that both WeChat
 * and Alipay take. Each attempt has its own, since a number that was closed there cannot be paid again.
 */
export function tradeNumber({ orderId, id }: { orderId: string; id: string }): string {
  return `${orderId.slice(orderId.indexOf('_') + 1)}_${attemptMark(id)}`;
}

/** Which order and attempt a trade number is of; one that is none of ours stands for itself, and fits no order. */
export function orderOfTrade(number: string): { orderId: string; attempt?: string } {
  const [, ulid, attempt] = /^([0-9A-Z]{26})_([0-9A-Z]{5})$/.exec(number) ?? [];
  return ulid && attempt ? { orderId: `ord_${ulid}`, attempt } : { orderId: number.slice(0, 64) };
}

/** What tells an attempt of an order from the others: the end of its id. */
export function attemptMark(id: string): string {
  return id.slice(-5);
}

/** A text of at most so many characters; none of them is cut in half. */
export function cut(text: string, most: number): string {
  return [...text].slice(0, most).join('');
}

/** A text of at most so many bytes in UTF-8. */
export function cutBytes(text: string, most: number): string {
  const characters = [...text];
  while (utf8(characters.join('')).byteLength > most) characters.pop();
  return characters.join('');
}
