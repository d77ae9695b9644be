import { z } from '@hono/zod-openapi';
import type { Slice } from '#kernel/page';

/** Laravel's paginator around an item. */
export function paginatorOf<T extends z.ZodType>(item: T) {
  return z.object({
    current_page: z.int(),
    data: z.array(item),
    per_page: z.int().openapi({ description: 'The `limit` that was asked for' }),
    total: z.int().openapi({ description: 'On all pages' }),
    last_page: z.int().openapi({ description: 'At least 1, also where there is nothing' }),
    from: z.int().nullable().openapi({ description: 'Number of the first item; null on an empty page' }),
    to: z.int().nullable().openapi({ description: 'Number of the last item; null on an empty page' }),
  });
}

/** A first page as an example: these and no more. */
export function paged<T>(...data: T[]) {
  const total = data.length;
  return { current_page: 1, data, per_page: 20, total, last_page: 1, from: 1, to: total };
}

export function toPaginator<T, W>({ items, total, page, pageSize }: Slice<T>, map: (item: T) => W) {
  const first = (page - 1) * pageSize + 1;
  const filled = items.length > 0;
  return {
    current_page: page,
    data: items.map(map),
    per_page: pageSize,
    total,
    last_page: Math.max(1, Math.ceil(total / pageSize)),
    from: filled ? first : null,
    to: filled ? first + items.length - 1 : null,
  };
}
