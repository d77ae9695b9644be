import { count, desc, eq, inArray } from 'drizzle-orm';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { clients } from './tables.ts';

type Db = Pick<Ctx, 'db'>;
export type ClientRow = typeof clients.$inferSelect;

/** By any of the hashes that its key may be stored under. */
export async function findClient({ db }: Db, hashes: string[]): Promise<ClientRow | null> {
  const [row] = await db.select().from(clients).where(inArray(clients.keyHash, hashes));
  return row ?? null;
}

/** Newest first. */
export function listClientRows({ db }: Db, page: Page): Promise<Slice<ClientRow>> {
  return slice(
    db,
    page,
    (limit, offset) => db.select().from(clients).orderBy(desc(clients.id)).limit(limit).offset(offset),
    db.select({ n: count() }).from(clients),
  );
}

export function insertClient({ db }: Db, row: ClientRow): Statement {
  return db.insert(clients).values(row);
}

/** Guard it: a second deletion finds nothing. */
export function deleteClientRow({ db }: Db, id: string): Statement {
  return db.delete(clients).where(eq(clients.id, id));
}
