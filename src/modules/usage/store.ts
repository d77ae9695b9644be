import { eq, type SQL, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { UsageDelivery, UsageRow } from '#kernel/quota';
import { usageCursors } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

/**
 * Adds a delivery up, where the cursor is at its beginning, and moves the cursor to its end: the statements of one
 * batch. A second time they change nothing.
 */
export function addUsage({ db }: Db, owner: string, delivery: UsageDelivery, now: number): Statement[] {
  const { after, upTo, rows, backlog } = delivery;
  const due = sql`coalesce((select seq from usage_cursors where owner = ${owner}), 0) = ${after}`;
  return [
    ...rows.map((row) => addRow({ db }, owner, row, due)),
    rawStatement(
      db,
      sql`
      insert into usage_cursors (owner, seq, backlog, delivered_at) select ${owner}, ${upTo}, ${backlog}, ${now}
      where ${due}
      on conflict (owner) do update set seq = excluded.seq, backlog = excluded.backlog,
        delivered_at = excluded.delivered_at`,
    ),
  ];
}

function addRow({ db }: Db, owner: string, row: UsageRow, due: SQL): Statement {
  const { userId, keyId, model, day, test, tokens, requests, expired } = row;
  return rawStatement(
    db,
    sql`
    insert into usage_daily (owner, user_id, key_id, model, day, test, tokens, requests, expired)
    select ${owner}, ${userId}, ${keyId}, ${model}, ${day}, ${test ? 1 : 0}, ${tokens}, ${requests}, ${expired}
    where ${due}
    on conflict (owner, day, user_id, key_id, model, test) do update set tokens = tokens + excluded.tokens,
      requests = requests + excluded.requests, expired = expired + excluded.expired`,
  );
}

/** For a batch. */
export function selectCursor({ db }: Db, owner: string) {
  return db.select({ seq: usageCursors.seq }).from(usageCursors).where(eq(usageCursors.owner, owner));
}

export type UsageGroup = 'day' | 'model' | 'key' | 'member';

/** Whose usage: a user's, wherever it was booked, or all of an owner's. */
export type UsageFilter = ({ userId: string } | { owner: string }) & { from: string; to: string };

export interface UsageSum {
  name: string;
  tokens: number;
  requests: number;
  testTokens: number;
}

const COLUMNS: Record<UsageGroup, SQL> = {
  day: sql`day`,
  model: sql`model`,
  key: sql`key_id`,
  member: sql`user_id`,
};

/** Settled usage between two days, both inclusive. Days come in order, all else the largest first. */
export function sumUsage({ db }: Db, filter: UsageFilter, group: UsageGroup): Promise<UsageSum[]> {
  const column = COLUMNS[group];
  const whose = 'owner' in filter ? sql`owner = ${filter.owner}` : sql`user_id = ${filter.userId}`;
  return db.all(sql`
    select ${column} as name, sum(tokens) as tokens, sum(requests) as requests,
      sum(iif(test = 1, tokens, 0)) as "testTokens"
    from usage_daily where ${whose} and day >= ${filter.from} and day <= ${filter.to} and requests > 0
    group by 1 order by ${group === 'day' ? sql`1` : sql`2 desc, 1`}`);
}

/** A site's tokens by day. */
export function sumTokens(
  { db }: Db,
  from: string,
  to: string,
): Promise<{ day: string; tokens: number; requests: number; testTokens: number; expired: number }[]> {
  return db.all(sql`
    select day, sum(tokens) as tokens, sum(requests) as requests,
      sum(iif(test = 1, tokens, 0)) as "testTokens", sum(expired) as expired
    from usage_daily where day >= ${from} and day <= ${to} group by day order by day`);
}

/** What is still to come: deliveries that were known of, and objects that have to be told something. */
export async function findBacklog({ db }: Db): Promise<{ usage: number; pushes: number }> {
  const [row] = await db.all<{ usage: number; pushes: number }>(sql`
    select (select coalesce(sum(backlog), 0) from usage_cursors) as usage,
      (select count(*) from pushes where pending_at is not null) as pushes`);
  return row ?? { usage: 0, pushes: 0 };
}
