import { z } from '@hono/zod-openapi';
import type { Page, Slice } from '#kernel/page';
import { Count } from '../shared/count.ts';

/** ISO 8601 `Z` to the second. */
export const Time = z.string().openapi({ format: 'date-time', example: '2024-01-01T00:00:00Z' });
/** Two decimals. */
export const Money = z.string().openapi({ pattern: '^-?\\d+\\.\\d{2}$', example: '490.00' });

export const PageQuery = z.object({
  page: Count(1, 1_000_000_000),
  page_size: Count(20, 100),
});

export function pageOf(query: z.infer<typeof PageQuery>): Page {
  return { page: query.page, pageSize: query.page_size };
}

export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), total: z.int(), page: z.int(), page_size: z.int() });
}

/** A first page as an example: these and no more. */
export function listed<T>(...items: T[]) {
  return { items, total: items.length, page: 1, page_size: 20 };
}

export function toList<T, W>({ items, total, page, pageSize }: Slice<T>, map: (item: T) => W) {
  return { items: items.map(map), total, page, page_size: pageSize };
}

export const Done = z.object({});
