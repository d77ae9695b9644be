import type { Context } from 'hono';
import type { AppError, ErrorCode } from '#kernel/errors';
import { chineseUnlessEnglish, type Locale } from '#kernel/locale';
import { ERRORS } from '../shared/errors/table.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { inLocale } from '../shared/words.ts';

/** A fault in parameters or business. */
const OTHER = -1;
/** Codes that spec storefront sets apart; every other refusal is {@link OTHER}. */
const CODES: Partial<Record<ErrorCode, number>> = {
  plugin_unknown: -10,
  plugin_off: -11,
  not_found: -100,
  vip_order_state: -100,
  order_not_cancellable: -100,
  vip_payment_pending: -300,
  unauthenticated: -400,
  plugin_parameters: -5000,
};

export function storefrontCode(code: ErrorCode): number {
  return CODES[code] ?? OTHER;
}

/** Every code that a refusal can have. */
export const REFUSAL_CODES = [...new Set([OTHER, ...Object.values(CODES)])];

const SUCCESS: Record<Locale, string> = { zh: '处理成功', en: 'success' };
const SIGN_IN: Record<Locale, string> = { zh: '登录失效，请重新登录', en: 'Please sign in again' };

/** ShopXO's answer: HTTP 200, whatever the code says. */
export function success(c: Context<SurfaceEnv>, data: unknown): Response {
  return c.json(done(data, languageOf(c)), 200);
}

export function failure(c: Context<SurfaceEnv>, error: AppError): Response {
  c.header('X-Request-Id', c.get('requestId'));
  c.header('Cache-Control', 'no-store');
  return c.json(refused(error, languageOf(c)), 200);
}

export function done(data: unknown, locale: Locale) {
  return { msg: SUCCESS[locale], code: 0, data };
}

export function refused({ code, detail }: AppError, locale: Locale) {
  const words = code === 'unauthenticated' ? SIGN_IN[locale] : ERRORS[code][locale];
  const faults = (detail.faults ?? [])
    .map(({ path, message }) => `${path}: ${inLocale(message, locale)}`)
    .join('; ');
  return { msg: faults ? `${words} ${faults}` : words, code: storefrontCode(code), data: [] };
}

function languageOf(c: Context<SurfaceEnv>): Locale {
  return chineseUnlessEnglish(c.req.header('Accept-Language'));
}
