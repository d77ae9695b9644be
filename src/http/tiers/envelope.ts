import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AppError, ErrorCode } from '#kernel/errors';
import { chineseUnlessEnglish, type Locale } from '#kernel/locale';
import { ERRORS, retryAfterOf } from '../shared/errors/table.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { inLocale } from '../shared/words.ts';

/** Laravel's way: success as the seed shows it, failure as `{message, errors?}`. */
export const Refusal = z
  .object({
    message: z.string(),
    errors: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .openapi({ description: 'What is wrong, by field' }),
  })
  .openapi('TiersError');

/** A refusal's HTTP status here: whatever is wrong with what was asked is 422. */
export function statusOf(code: ErrorCode): ContentfulStatusCode {
  const { status } = ERRORS[code];
  return status === 400 || status === 409 ? 422 : status;
}

export function failure(c: Context<SurfaceEnv>, error: AppError): Response {
  const { code, detail } = error;
  const retryAfter = retryAfterOf(error);
  const locale = languageOf(c);
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  c.header('X-Request-Id', c.get('requestId'));
  const errors = Object.groupBy(detail.faults ?? [], ({ path }) => path.replace(/^query\./, ''));
  return c.json(
    {
      message: ERRORS[code][locale],
      ...(detail.faults
        ? {
            errors: Object.fromEntries(
              Object.entries(errors).map(([field, faults = []]) => [
                field,
                faults.map(({ message }) => inLocale(message, locale)),
              ]),
            ),
          }
        : {}),
    },
    statusOf(code),
  );
}

export function languageOf(c: Context<SurfaceEnv>): Locale {
  return chineseUnlessEnglish(c.req.header('Accept-Language'));
}

/** `{message}` of a success. */
export const Said = z.object({ message: z.string().openapi({ example: '更新成功' }) });

/** What was done, in the language of the request. */
export function said(c: Context<SurfaceEnv>, zh: string, en: string): { message: string } {
  return { message: languageOf(c) === 'zh' ? zh : en };
}
