import { z } from '@hono/zod-openapi';
import type { Page, Slice } from '#kernel/page';
import { Count } from '../shared/count.ts';

/** `id` as a number and `_id` the same as a string: both are given everywhere. */
export const Ids = z.object({
  id: z.int().openapi({ description: 'The site’s number of it; a path takes it', example: 1 }),
  _id: z.string().openapi({ description: 'The same as a string', example: '1' }),
});

export function toIds(serial: number): z.infer<typeof Ids> {
  return { id: serial, _id: String(serial) };
}

export const Time = z.string().openapi({ format: 'date-time', example: '2025-01-01T10:00:00.000Z' });
export const Status = z
  .union([z.literal(0), z.literal(1)])
  .openapi({ description: '1 active, 0 switched off' });

export const PageQuery = z.object({
  pageNum: Count(1, 1_000_000_000).openapi({ description: 'Which page, from 1', example: 1 }),
  pageSize: Count(10, 100).openapi({ description: 'How many on a page', example: 10 }),
});

export function pageOf({ pageNum, pageSize }: z.infer<typeof PageQuery>): Page {
  return { page: pageNum, pageSize };
}

export function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    list: z.array(item),
    total: z.int().openapi({ description: 'On all pages' }),
    pageNum: z.int(),
    pageSize: z.int(),
  });
}

/** A first page as an example: these and no more. */
export function listed<T>(...list: T[]) {
  return { list, total: list.length, pageNum: 1, pageSize: 10 };
}

export function toList<T, W>({ items, total, page, pageSize }: Slice<T>, map: (item: T) => W) {
  return { list: items.map(map), total, pageNum: page, pageSize };
}

export const IdParam = z.object({
  id: z.string().openapi({ description: 'Its `id`, which is also its `_id`', example: '1' }),
});
export const Deleted = z.object({ result: z.literal(true) });
