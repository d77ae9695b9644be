import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppError, ERROR_CODES } from '#kernel/errors';
import { localeOf } from '#kernel/locale';
import { ERRORS, retryAfterOf } from '../shared/errors/table.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { inLocale } from '../shared/words.ts';
import { wireCode } from './errors.ts';

/** `{code: 0, data}` around a schema. */
export function success<T extends z.ZodType>(data: T) {
  return z.object({ code: z.literal(0), data });
}

export const ErrorBody = z
  .object({
    code: z.int().openapi({ description: 'HTTP status × 100 + n', example: 40000 }),
    error: z.enum(ERROR_CODES).openapi({
      description: 'Stable name of the error; the catalogue is at `/docs/errors`',
      example: 'invalid_input',
    }),
    message: z.string().openapi({ description: 'For people, in the language of Accept-Language' }),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Error');

/** The platform's answer to a refusal. */
export function failure(c: Context<SurfaceEnv>, error: AppError): Response {
  const { code, detail } = error;
  const retryAfter = retryAfterOf(error);
  const row = ERRORS[code];
  const locale = c.get('ctx')?.locale ?? localeOf(c.req.header('Accept-Language'));
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  c.header('X-Request-Id', c.get('requestId'));
  return c.json(
    {
      code: wireCode(code),
      error: code,
      message: row[locale],
      request_id: c.get('requestId'),
      ...(detail.faults
        ? { errors: detail.faults.map((one) => ({ ...one, message: inLocale(one.message, locale) })) }
        : {}),
      ...(detail.data ? { data: detail.data } : {}),
    },
    row.status,
  );
}
