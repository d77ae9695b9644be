import { and, count, desc, eq, getTableColumns, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { users } from '#modules/accounts/tables';
import { orders } from '#modules/commerce/tables';
import type { TierMode } from '#modules/commerce/types';
import { gifts } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

/** 0 to ship, 1 shipped, 2 nothing to ship (seed 003). */
export type ExpressStatus = 0 | 1 | 2;

const expressStatus = sql<ExpressStatus>`
  case when json_extract(${orders.snapshot}, '$.tier.gift.name') is null
      or json_extract(${orders.snapshot}, '$.tier.gift.receive') is not null then 2
    when ${gifts.shippedAt} is not null then 1 else 0 end`;

export interface LogFilter {
  level?: string;
  user?: { serial: number } | { id: string };
  expressStatus?: ExpressStatus;
  from?: number;
  until?: number;
  mode?: TierMode;
  payType?: string;
}

/** Tiers that were bought, reached or given, newest first, each with its gift. */
export function listLogRows({ db }: Db, filter: LogFilter, page: Page) {
  const { level, user, from, until, mode, payType } = filter;
  const at = (path: string) => sql`json_extract(${orders.snapshot}, ${`$.tier.${path}`})`;
  const is = (left: SQL, right: string | number | undefined) =>
    right === undefined ? undefined : sql`${left} = ${right}`;
  const where = and(
    eq(orders.program, 'tier'),
    inArray(orders.status, ['paid', 'refunded']),
    is(at('level'), level),
    user &&
      ('id' in user
        ? eq(orders.owner, user.id)
        : sql`${orders.owner} = (
      select id from users where serial = ${user.serial})`),
    is(expressStatus, filter.expressStatus),
    from === undefined ? undefined : gte(orders.createdAt, from),
    until === undefined ? undefined : lt(orders.createdAt, until),
    is(at('mode'), mode),
    is(at('payType'), payType),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select({
          ...getTableColumns(orders),
          express: expressStatus.as('express'),
          claimedAt: gifts.claimedAt,
          consignee: gifts.consignee,
          expressName: gifts.expressName,
          expressNumber: gifts.expressNumber,
          refundedAt: sql<
            number | null
          >`(select max(created_at) from refunds where order_id = ${orders.id})`.as('refunded_at'),
          giftUpdatedAt: sql<number | null>`${gifts.updatedAt}`.as('gift_updated_at'),
        })
        .from(orders)
        .leftJoin(gifts, eq(gifts.orderId, orders.id))
        .where(where)
        .orderBy(desc(orders.serial))
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(orders).leftJoin(gifts, eq(gifts.orderId, orders.id)).where(where),
  );
}

export type LogRow = Awaited<ReturnType<typeof listLogRows>> extends Slice<infer T> ? T : never;

/** Buyers as the log shows them, with when they were last seen. */
export async function findLogUsers({ db }: Db, ids: string[]) {
  return db
    .select({
      ...getTableColumns(users),
      lastUsedAt: sql<number | null>`(select max(last_used_at) from sessions where user_id = users.id)`.as(
        'last_used_at',
      ),
    })
    .from(users)
    .where(inArray(users.id, ids));
}

export type LogUser = Awaited<ReturnType<typeof findLogUsers>>[number];
