import { z } from '@hono/zod-openapi';
import type { Page, Slice } from '#kernel/page';
import { Count } from '../shared/count.ts';

/** `id` as a number and `_id` the same as a string: both are given everywhere. */
export const Ids = z.object({
  id: z.int().openapi({ example: 1 }),
  _id: z.string().openapi({ example: '1' }),
});

export function toIds(serial: number): z.infer<typeof Ids> {
  return { id: serial, _id: String(serial) };
}

export const Time = z.string().openapi({ format: 'date-time', example: '2025-01-01T10:00:00.000Z' });
export const Status = z
  .union([z.literal(0), z.literal(1)])
  .openapi({ description: '1 active, 0 switched off' });

export const PageQuery = z.object({ pageNum: Count(1, 1_000_000_000), pageSize: Count(10, 100) });

export function pageOf({ pageNum, pageSize }: z.infer<typeof PageQuery>): Page {
  return { page: pageNum, pageSize };
}

export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ list: z.array(item), total: z.int(), pageNum: z.int(), pageSize: z.int() });
}

export function toList<T, W>({ items, total, page, pageSize }: Slice<T>, map: (item: T) => W) {
  return { list: items.map(map), total, pageNum: page, pageSize };
}

export const IdParam = z.object({ id: z.string().openapi({ example: '1' }) });
export const Deleted = z.object({ result: z.literal(true) });
