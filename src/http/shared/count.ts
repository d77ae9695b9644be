import { z } from '@hono/zod-openapi';

/** A whole number in a query, written in digits only. */
export function Count(standard: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .default(String(standard))
    .transform(Number)
    .pipe(z.number().int().min(1).max(most))
    .openapi({ type: 'integer', minimum: 1, maximum: most, default: standard });
}
