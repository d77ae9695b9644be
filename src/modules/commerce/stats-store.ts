import { sql } from 'drizzle-orm';
import type { Ctx } from '#kernel/context';

type Db = Pick<Ctx, 'db'>;

export type HeldState = 'active' | 'cancelled' | 'expired';

/** How many owners hold, or last held, each product of program `token`. */
export async function countMembers(
  { db }: Db,
  now: number,
): Promise<{ productId: string; state: HeldState; n: number }[]> {
  return db.all(sql`
    with live as (
      select owner, product_id, max(from_at) from grants
      where program = 'token' and voided_at is null and paused_at is null and from_at <= ${now}
        and (until_at is null or until_at > ${now})
      group by owner
    ), ended as (
      select owner, product_id, max(until_at) from grants
      where program = 'token' and voided_at is null and until_at <= ${now}
        and owner not in (select owner from live)
      group by owner
    )
    select product_id as "productId", iif(cancelled_at is null, 'active', 'cancelled') as state, count(*) as n
    from live join holdings on holdings.owner = live.owner and holdings.program = 'token'
    group by 1, 2
    union all
    select product_id, 'expired', count(*) from ended group by 1
    order by 1, 2`);
}

/** Quarters of an hour: every time zone's midnight falls on one. */
export const QUARTER = 15 * 60_000;

/** What was paid for something (a top-up is only money that moved), by the quarter of an hour that it was paid in. */
export async function sumPaid(
  { db }: Db,
  from: number,
  until: number,
): Promise<{ at: number; orders: number; paid: number; refunded: number }[]> {
  return db.all(sql`
    select paid_at / ${QUARTER} * ${QUARTER} as at, count(*) as orders, sum(paid_amount) as paid,
      sum(refunded_amount) as refunded
    from orders where paid_at >= ${from} and paid_at < ${until} and paid_amount > 0 and program <> 'wallet'
    group by 1 order by 1`);
}
