import { and, eq, lte, type SQL, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { OrderSnapshot } from '#modules/commerce/types';
import { tierChecks } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

/**
 * The rank of what somebody holds: the highest tier that stands, 1 where none does. A tier has no end but the one that
 * is set by hand, so that nothing here depends on whose clock is ahead. `firmAt` leaves out what was bought and may still
 * be refunded then.
 */
function rankOf(owner: SQL, firmAt?: number): SQL {
  return sql`coalesce((
    select max(tiers.rank) from grants join tiers on tiers.product_id = grants.product_id
    where grants.owner = ${owner} and grants.program = 'tier' and grants.voided_at is null
      and grants.until_at is null
      ${firmAt === undefined ? sql`` : sql`and coalesce(grants.firm_at, 0) <= ${firmAt}`}), 1)`;
}

/** The ranks of users, by id; 1 where nothing is held. */
export async function findRanks({ db }: Db, userIds: string[]): Promise<Map<string, number>> {
  if (userIds.length === 0) return new Map();
  const rows = await db.all<{ id: string; rank: number }>(sql`
    select value as id, ${rankOf(sql`value`)} as rank from json_each(${JSON.stringify(userIds)})`);
  return new Map(rows.map(({ id, rank }) => [id, rank]));
}

export async function findRank(ctx: Db, userId: string): Promise<number> {
  return (await findRanks(ctx, [userId])).get(userId) ?? 1;
}

/** How many direct invitees hold each rank, and which of it firmly: what counts for a promotion. */
export async function countInvitees(
  { db }: Db,
  userId: string,
  now: number,
): Promise<{ rank: number; firmRank: number; n: number }[]> {
  return db.all(sql`
    select rank, firm_rank as "firmRank", count(*) as n from (
      select ${rankOf(sql`users.id`)} as rank, ${rankOf(sql`users.id`, now)} as firm_rank
      from users where inviter_id = ${userId} and status <> 'deleted')
    group by 1, 2`);
}

/** Finds something where somebody holds this rank or a higher one: for `abortIf`. */
export function isAtLeast(userId: string, rank: number): SQL {
  return sql`select 1 where ${rankOf(sql`${userId}`)} >= ${rank}`;
}

/** Finds something where somebody holds just this rank: for `abortIf`. */
export function holdsExactly(userId: string, rank: number): SQL {
  return sql`select 1 where ${rankOf(sql`${userId}`)} = ${rank}`;
}

/** That a member is below a rank, and has `num` direct invitees who firmly hold `leastRank` or a higher one. */
export function isPromoted(
  member: string,
  rank: number,
  { num, leastRank }: { num: number; leastRank: number },
  now: number,
): SQL {
  return sql`exists (select 1 from users where id = ${member} and status <> 'deleted')
    and ${rankOf(sql`${member}`)} < ${rank}
    and (select count(*) from users where inviter_id = ${member} and status <> 'deleted'
      and ${rankOf(sql`users.id`, now)} >= ${leastRank}) >= ${num}`;
}

/** A tier that is given without being paid for. */
export interface GivenTier {
  orderId: string;
  userId: string;
  productId: string;
  kind: 'promotion' | 'manual';
  currency: string;
  snapshot: OrderSnapshot;
  now: number;
}

/** Logs a tier that is given, where `when` holds; everything that follows it asks for this order. */
export function insertGivenOrder({ db }: Db, given: GivenTier, when: SQL = sql`true`): Statement {
  const { orderId, userId, productId, kind, currency, snapshot, now } = given;
  return rawStatement(
    db,
    sql`
    insert into orders (id, user_id, owner, program, kind, status, product_id, period, currency, original_amount,
      final_amount, snapshot, created_at, expires_at, paid_at)
    select ${orderId}, ${userId}, ${userId}, 'tier', ${kind}, 'paid', ${productId}, 'once', ${currency}, 0, 0,
      ${JSON.stringify(snapshot)}, ${now}, ${now}, ${now}
    where ${when}`,
  );
}

/** What a tier order grants. All of it happens only where the order is there and paid. */
export interface TierGrant {
  grantId: string;
  eventId: string;
  orderId: string;
  userId: string;
  productId: string;
  productName: string;
  source: 'order' | 'promotion' | 'manual';
  action: 'subscribe' | 'upgrade' | 'downgrade';
  paid: number;
  originalAmount: number;
  /** From when it counts for the inviter; null = at once. */
  firmAt: number | null;
  now: number;
}

/** The grant of a tier order, its history, and the check of what it does for the inviter. */
export function grantTier({ db }: Db, grant: TierGrant): Statement[] {
  const { grantId, eventId, orderId, userId, productId, source, action, firmAt, now } = grant;
  const there = sql`exists (select 1 from orders where id = ${orderId} and status = 'paid')`;
  return [
    rawStatement(
      db,
      sql`
      insert into grants (id, owner, program, product_id, source, order_id, period, from_at, until_at, anchor_at, paid,
        firm_at, created_at)
      select ${grantId}, ${userId}, 'tier', ${productId}, ${source}, ${orderId}, 'once', ${now}, null, ${now},
        ${grant.paid}, ${firmAt}, ${now}
      where ${there}`,
    ),
    rawStatement(
      db,
      sql`
      insert into holdings (owner, program, version, created_at, updated_at)
      select ${userId}, 'tier', 1, ${now}, ${now} where ${there}
      on conflict (owner, program) do update set version = version + 1, updated_at = ${now}`,
    ),
    rawStatement(
      db,
      sql`
      insert into holding_events (id, owner, program, action, reference, product_id, product_name, period, amount,
        original_amount, started_at, order_id, created_at)
      select ${eventId}, ${userId}, 'tier', ${action}, ${orderId}, ${productId}, ${grant.productName}, 'once',
        ${grant.paid}, ${grant.originalAmount}, ${now}, ${orderId}, ${now}
      where ${there}`,
    ),
    rawStatement(
      db,
      sql`
      insert into tier_checks (user_id, due_at)
      select id, ${firmAt ?? now} from users where id = ${userId} and inviter_id is not null and ${there}
      on conflict do nothing`,
    ),
  ];
}

/** Ends what somebody holds above a rank: it was set by hand. */
export function endTiersAbove({ db }: Db, userId: string, rank: number, now: number): Statement {
  return rawStatement(
    db,
    sql`
    update grants set until_at = max(from_at, ${now})
    where owner = ${userId} and program = 'tier' and voided_at is null and until_at is null
      and product_id in (select product_id from tiers where rank > ${rank})`,
  );
}

/** Takes back what a tier order granted. */
export function voidTierGrants({ db }: Db, orderId: string, userId: string, now: number): Statement[] {
  return [
    rawStatement(
      db,
      sql`update grants set voided_at = ${now} where order_id = ${orderId} and voided_at is null`,
    ),
    rawStatement(
      db,
      sql`
      update holdings set version = version + 1, updated_at = ${now}
      where owner = ${userId} and program = 'tier'`,
    ),
  ];
}

/** Users whose tier has begun to count for their inviter, the longest due first. */
export async function findDueChecks(
  { db }: Db,
  now: number,
  limit: number,
): Promise<{ userId: string; dueAt: number; inviterId: string | null }[]> {
  return db.all(sql`
    select tier_checks.user_id as "userId", due_at as "dueAt", inviter_id as "inviterId"
    from tier_checks left join users on users.id = tier_checks.user_id
    where due_at <= ${now} order by due_at limit ${limit}`);
}

export function deleteCheck({ db }: Db, userId: string, dueAt: number): Statement {
  return db.delete(tierChecks).where(and(eq(tierChecks.userId, userId), lte(tierChecks.dueAt, dueAt)));
}
