import { z } from '@hono/zod-openapi';

/** An id in a path: any text, since an unknown one is a 404 and not a fault of form. */
export function idParam<K extends string>(name: K, meta: { description?: string; example?: string } = {}) {
  return z.object({ [name]: z.string().openapi(meta) } as { [key in K]: z.ZodString });
}
