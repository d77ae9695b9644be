import type { Context } from 'hono';
import type { AppError, ErrorCode } from '#kernel/errors';
import { chineseUnlessEnglish, type Locale } from '#kernel/locale';
import { ERRORS } from '../shared/errors/table.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { inLocale } from '../shared/words.ts';

/** Codes that spec storefront sets apart; every other refusal is −1, a fault in parameters or business. */
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
  return CODES[code] ?? -1;
}

const SUCCESS: Record<Locale, string> = { zh: '处理成功', en: 'success' };
const SIGN_IN: Record<Locale, string> = { zh: '登录失效，请重新登录', en: 'Please sign in again' };

/** ShopXO's answer: HTTP 200, whatever the code says. */
export function success(c: Context<SurfaceEnv>, data: unknown): Response {
  return c.json({ msg: SUCCESS[languageOf(c)], code: 0, data }, 200);
}

export function failure(c: Context<SurfaceEnv>, { code, detail }: AppError): Response {
  const locale = languageOf(c);
  const words = code === 'unauthenticated' ? SIGN_IN[locale] : ERRORS[code][locale];
  const faults = (detail.faults ?? [])
    .map(({ path, message }) => `${path}: ${inLocale(message, locale)}`)
    .join('; ');
  c.header('X-Request-Id', c.get('requestId'));
  c.header('Cache-Control', 'no-store');
  return c.json({ msg: faults ? `${words} ${faults}` : words, code: storefrontCode(code), data: [] }, 200);
}

function languageOf(c: Context<SurfaceEnv>): Locale {
  return chineseUnlessEnglish(c.req.header('Accept-Language'));
}
