import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { toSecond } from '#kernel/clock';
import type { AppError } from '#kernel/errors';
import { chineseUnlessEnglish, type Locale } from '#kernel/locale';
import { ERRORS, retryAfterOf } from '../shared/errors/table.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { inLocale } from '../shared/words.ts';
import { siteCode } from './errors.ts';

/** The words of a success, in both languages. */
export type Words = Record<Locale, string>;

const Timestamp = z.string().openapi({ format: 'date-time', example: '2025-01-21T10:00:00.000Z' });

/** `{code: "0000", message, data, timestamp}` around a schema (seed 001). */
export function success(data: z.ZodType, { zh }: Words): z.ZodType {
  return z.object({
    code: z.literal('0000'),
    message: z.string().openapi({ example: zh }),
    data,
    timestamp: Timestamp,
  });
}

export const Refusal = z
  .object({
    code: z
      .string()
      .openapi({ pattern: '^\\d{4}$', description: 'Four digits that begin with the HTTP status' }),
    message: z.string().openapi({ description: 'Chinese, English for `Accept-Language: en`' }),
    data: z.null(),
    timestamp: Timestamp,
  })
  .openapi('SitesError');

/** The envelope with a message in the language of the request. */
export function envelope(c: Context<SurfaceEnv>, code: string, words: Words, data: unknown) {
  const now = c.get('ctx')?.now ?? toSecond(c.env.clock.now());
  return { code, message: words[languageOf(c)], data, timestamp: toTimestamp(now) };
}

/** The answer to a refusal: what is wrong with the input is in its message. */
export function failure(c: Context<SurfaceEnv>, error: AppError): Response {
  const { code, detail } = error;
  const retryAfter = retryAfterOf(error);
  const { status, zh, en } = ERRORS[code];
  const faults = (detail.faults ?? [])
    .map(({ path, message }) => `${path}: ${inLocale(message, languageOf(c))}`)
    .join('; ');
  const words = { zh: faults ? `${zh} ${faults}` : zh, en: faults ? `${en} ${faults}` : en };
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  c.header('X-Request-Id', c.get('requestId'));
  return c.json(envelope(c, siteCode(code), words, null), status);
}

/** ISO 8601 with milliseconds, as the seed writes times. */
export function toTimestamp(time: number): string {
  return new Date(time).toISOString();
}

export function languageOf(c: Context<SurfaceEnv>): Locale {
  return chineseUnlessEnglish(c.req.header('Accept-Language'));
}
