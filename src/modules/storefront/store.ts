import { and, asc, count, desc, eq, gt, inArray, lte, type SQL, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { sessions, users } from '#modules/accounts/tables';
import { orders } from '#modules/commerce/tables';
import { storefrontTokens, vipActivities, vipMembers, vipProfitChecks, vipProfits } from './tables.ts';

type Db = Pick<Ctx, 'db'>;
export type VipMember = typeof vipMembers.$inferSelect;
export type ProfitRow = typeof vipProfits.$inferSelect;

/** What a storefront knows of a user; nothing where it never heard of them. */
export async function findVipMember({ db }: Db, userId: string): Promise<VipMember | null> {
  const [row] = await db.select().from(vipMembers).where(eq(vipMembers.userId, userId));
  return row ?? null;
}

/** Gives a level by hand, or (null) takes it away. */
export function setLevelByHand({ db }: Db, userId: string, level: string | null, now: number): Statement {
  return db
    .insert(vipMembers)
    .values({ userId, levelByHand: level, updatedAt: now })
    .onConflictDoUpdate({ target: vipMembers.userId, set: { levelByHand: level, updatedAt: now } });
}

/** Books points and spending once for each reference; guard it: what would fall below zero changes nothing. */
export function insertActivity({ db }: Db, row: typeof vipActivities.$inferInsert): Statement[] {
  const { userId, points, spending, createdAt } = row;
  return [
    db.insert(vipActivities).values(row),
    db.insert(vipMembers).values({ userId, updatedAt: createdAt }).onConflictDoNothing(),
    db
      .update(vipMembers)
      .set({
        points: sql`${vipMembers.points} + ${points}`,
        spending: sql`${vipMembers.spending} + ${spending}`,
        updatedAt: createdAt,
      })
      .where(
        and(
          eq(vipMembers.userId, userId),
          sql`${vipMembers.points} + ${points} >= 0 and ${vipMembers.spending} + ${spending} >= 0`,
        ),
      ),
  ];
}

/** A paid order's profits are made at `dueAt`. */
export function insertProfitCheck({ db }: Db, orderId: string, dueAt: number): Statement {
  return db.insert(vipProfitChecks).values({ orderId, dueAt }).onConflictDoNothing();
}

export function deleteProfitCheck({ db }: Db, orderId: string): Statement {
  return db.delete(vipProfitChecks).where(eq(vipProfitChecks.orderId, orderId));
}

/** Orders whose profits are to be made, the longest due first. */
export function findDueProfitChecks({ db }: Db, now: number, limit: number) {
  return db
    .select({ order: orders })
    .from(vipProfitChecks)
    .innerJoin(orders, eq(orders.id, vipProfitChecks.orderId))
    .where(lte(vipProfitChecks.dueAt, now))
    .orderBy(asc(vipProfitChecks.dueAt))
    .limit(limit);
}

/** Makes a profit while its order is as it was read; guard it. A second one of its generation is none. */
export function insertProfit(
  { db }: Db,
  row: Omit<typeof vipProfits.$inferInsert, 'serial' | 'status' | 'updatedAt'>,
): Statement {
  return rawStatement(
    db,
    sql`
    insert into vip_profits (id, owner, buyer_id, order_id, total, amount, currency, generation, due_at, created_at,
      updated_at)
    select ${row.id}, ${row.owner}, ${row.buyerId}, ${row.orderId}, ${row.total}, ${row.amount}, ${row.currency},
      ${row.generation}, ${row.dueAt}, ${row.createdAt}, ${row.createdAt}
    from orders
    where id = ${row.orderId} and status = 'paid' and paid_amount - refunded_amount = ${row.total}
    on conflict do nothing`,
  );
}

/** Finds something where an order has profits beside those that are known: for `abortIf`. */
export function hasOtherProfits(orderId: string, known: string[]): SQL {
  return sql`select 1 from vip_profits where order_id = ${orderId}
    and id not in (select value from json_each(${JSON.stringify(known)}))`;
}

/** Moves a profit on from the state that was read; guard it. Settled is only one whose order is still paid. */
export function moveProfit(
  { db }: Db,
  { id, status }: Pick<ProfitRow, 'id' | 'status'>,
  to: ProfitRow['status'],
  now: number,
): Statement {
  return db
    .update(vipProfits)
    .set({ status: to, updatedAt: now })
    .where(
      and(
        eq(vipProfits.id, id),
        eq(vipProfits.status, status),
        to === 'settled'
          ? sql`(select orders.status from orders where orders.id = ${vipProfits.orderId}) = 'paid'`
          : undefined,
      ),
    );
}

export function findProfitsOf({ db }: Db, orderIds: string[]): Promise<ProfitRow[]> {
  return db.select().from(vipProfits).where(inArray(vipProfits.orderId, orderIds));
}

/** Profits whose settlement is due, the longest first. */
export function findDueProfits({ db }: Db, now: number, limit: number): Promise<ProfitRow[]> {
  return db
    .select()
    .from(vipProfits)
    .where(and(eq(vipProfits.status, 'pending'), lte(vipProfits.dueAt, now)))
    .orderBy(asc(vipProfits.dueAt))
    .limit(limit);
}

/** Somebody's profits, newest first. */
export function listProfitRows(
  { db }: Db,
  owner: string,
  filter: { status?: ProfitRow['status']; generation?: number; serial?: number },
  page: Page,
): Promise<Slice<ProfitRow>> {
  const where = and(
    eq(vipProfits.owner, owner),
    filter.status && eq(vipProfits.status, filter.status),
    filter.generation === undefined ? undefined : eq(vipProfits.generation, filter.generation),
    filter.serial === undefined ? undefined : eq(vipProfits.serial, filter.serial),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(vipProfits).where(where).orderBy(desc(vipProfits.serial)).limit(limit).offset(offset),
    db.select({ n: count() }).from(vipProfits).where(where),
  );
}

/** A direct invitee, with what they bought here and what their own invitees did. */
export interface TeamRow {
  serial: number;
  avatar: string | null;
  nickname: string | null;
  email: string | null;
  phone: string | null;
  createdAt: number;
  orderTotal: number;
  findOrderTotal: number;
  referrerCount: number;
}

export async function listTeam(
  { db }: Db,
  inviter: string,
  serial: number | undefined,
  page: Page,
): Promise<Slice<TeamRow>> {
  const where = and(
    eq(users.inviterId, inviter),
    sql`${users.status} <> 'deleted'`,
    serial === undefined ? undefined : eq(users.serial, serial),
  );
  const paid = (whose: SQL) => sql<number>`(select coalesce(sum(paid_amount - refunded_amount), 0) from orders
    where program = 'vip' and status = 'paid' and owner in (${whose}))`;
  const theirs = sql`select u.id from users u where u.inviter_id = users.id and u.status <> 'deleted'`;
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select({
          serial: users.serial,
          avatar: users.avatar,
          nickname: users.nickname,
          email: users.email,
          phone: users.phone,
          createdAt: users.createdAt,
          orderTotal: paid(sql`users.id`).as('order_total'),
          findOrderTotal: paid(theirs).as('find_order_total'),
          referrerCount: sql<number>`(select count(*) from (${theirs}))`.as('referrer_count'),
        })
        .from(users)
        .where(where)
        .orderBy(desc(users.serial))
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(users).where(where),
  );
}

/** Forgets what a storefront knows of somebody; what they earned stays in the ledger. */
export function forgetVipMember({ db }: Db, userId: string): Statement[] {
  return [
    db.delete(vipMembers).where(eq(vipMembers.userId, userId)),
    // The reference stays, so that it is not booked again.
    db
      .update(vipActivities)
      .set({ userId: '', points: 0, spending: 0 })
      .where(eq(vipActivities.userId, userId)),
  ];
}

export function insertStorefrontToken({ db }: Db, row: typeof storefrontTokens.$inferInsert): Statement {
  return db.insert(storefrontTokens).values(row);
}

/** A token that is good, with whose session it is; whether that stands is the session's to say. */
export async function findStorefrontToken({ db }: Db, hashes: string[], now: number) {
  const [row] = await db
    .select({
      hash: storefrontTokens.hash,
      expiresAt: storefrontTokens.expiresAt,
      sessionId: storefrontTokens.sessionId,
      userId: sessions.userId,
    })
    .from(storefrontTokens)
    .innerJoin(sessions, eq(sessions.id, storefrontTokens.sessionId))
    .where(and(inArray(storefrontTokens.hash, hashes), gt(storefrontTokens.expiresAt, now)));
  return row ?? null;
}

/** It was used: it stays good for as long again. */
export function touchStorefrontToken({ db }: Db, hash: string, expiresAt: number): Statement {
  return db.update(storefrontTokens).set({ expiresAt }).where(eq(storefrontTokens.hash, hash));
}

/** Forgets tokens that are good no more. */
export function deleteOldStorefrontTokens({ db }: Db, now: number): Statement {
  return db.delete(storefrontTokens).where(lte(storefrontTokens.expiresAt, now));
}
