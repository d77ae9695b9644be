import { offsetOf, type Page, type Slice } from '#kernel/page';
import type { Database } from '#kernel/ports';
import type { Statement } from './statement.ts';

/**
 * One page of a list and how long the list is, in one D1 call.
 *
 * @param rows the query of a page; a join must not select two columns of one name, since a D1 batch gives rows
 *   as objects
 * @param counted the query of the length, as `n`
 */
export async function slice<Q extends Statement & PromiseLike<unknown[]>>(
  db: Database,
  page: Page,
  rows: (limit: number, offset: number) => Q,
  counted: Statement & PromiseLike<{ n: number }[]>,
): Promise<Slice<Awaited<Q>[number]>> {
  const [found, [total]] = (await db.batch([rows(page.pageSize, offsetOf(page)), counted])) as unknown as [
    Awaited<Q>,
    { n: number }[],
  ];
  return { items: found, total: total?.n ?? 0, ...page };
}
