import { and, eq, type SQL, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { gifts } from './tables.ts';
import type { Consignee } from './types.ts';

type Db = Pick<Ctx, 'db'>;
export type GiftRow = typeof gifts.$inferSelect;

export async function findGift({ db }: Db, orderId: string): Promise<GiftRow | null> {
  const [row] = await db.select().from(gifts).where(eq(gifts.orderId, orderId));
  return row ?? null;
}

/** Every gift that somebody claimed. */
export function allGifts({ db }: Db, userId: string): Promise<GiftRow[]> {
  return db.select().from(gifts).where(eq(gifts.userId, userId));
}

/** Claims an order's gift while the order is paid; guard it. A second claim fails (`gift_claimed`). */
export function insertGift(
  { db }: Db,
  row: { orderId: string; userId: string; consignee: Consignee | null; received: boolean; now: number },
): Statement {
  const { orderId, userId, consignee, received, now } = row;
  return rawStatement(
    db,
    sql`
    insert into gifts (order_id, user_id, consignee, received, claimed_at, updated_at)
    select id, ${userId}, ${consignee && JSON.stringify(consignee)}, ${received ? 1 : 0}, ${now}, ${now}
    from orders where id = ${orderId} and status = 'paid'`,
  );
}

/** Notes how a gift was sent, while its order stands; guard it. */
export function shipGift(
  { db }: Db,
  orderId: string,
  express: { name: string; number: string },
  now: number,
): Statement {
  return db
    .update(gifts)
    .set({
      expressName: express.name,
      expressNumber: express.number,
      shippedAt: sql`coalesce(${gifts.shippedAt}, ${now})`,
      updatedAt: now,
    })
    .where(
      and(
        eq(gifts.orderId, orderId),
        eq(gifts.received, false),
        sql`exists (select 1 from orders where id = ${orderId} and status = 'paid')`,
      ),
    );
}

/** Finds something where an order's gift was claimed: for `abortIf`. */
export function isClaimed(orderId: string): SQL {
  return sql`select 1 from gifts where order_id = ${orderId}`;
}

/** Forgets where somebody's gifts went. */
export function eraseConsignees({ db }: Db, userId: string): Statement {
  return db.update(gifts).set({ consignee: null }).where(eq(gifts.userId, userId));
}
