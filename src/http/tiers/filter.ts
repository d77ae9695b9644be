import { z } from '@hono/zod-openapi';

/** A form sends a filter that is not filled in as nothing. */
export function filter<T extends z.ZodType<unknown, string | undefined>>(schema: T) {
  return z
    .string()
    .transform((text) => text || undefined)
    .pipe(schema.optional())
    .optional();
}
