import { and, asc, count, desc, eq, isNull, lte } from 'drizzle-orm';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { commissions, rewards } from './tables.ts';

type Db = Pick<Ctx, 'db'>;
export type RewardRow = typeof rewards.$inferSelect;

export function insertReward({ db }: Db, row: typeof rewards.$inferInsert): Statement {
  return db.insert(rewards).values(row);
}

/** Every reward of an order number. */
export function findRewards({ db }: Db, kind: RewardRow['kind'], orderNo: string): Promise<RewardRow[]> {
  return db
    .select()
    .from(rewards)
    .where(and(eq(rewards.kind, kind), eq(rewards.orderNo, orderNo)));
}

/** Moves a reward on from the state that was read; guard it. */
export function moveReward(
  { db }: Db,
  { id, status }: Pick<RewardRow, 'id' | 'status'>,
  to: RewardRow['status'],
  now: number,
): Statement {
  return db
    .update(rewards)
    .set({ status: to, updatedAt: now })
    .where(and(eq(rewards.id, id), eq(rewards.status, status)));
}

/** Held rewards whose time has come, the longest due first. */
export function findDueRewards({ db }: Db, now: number, limit: number): Promise<RewardRow[]> {
  return db
    .select()
    .from(rewards)
    .where(and(eq(rewards.status, 'held'), lte(rewards.availableAt, now)))
    .orderBy(asc(rewards.availableAt))
    .limit(limit);
}

/** Somebody's rewards, newest first. */
export function listRewardRows({ db }: Db, owner: string, page: Page): Promise<Slice<RewardRow>> {
  const where = eq(rewards.owner, owner);
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(rewards).where(where).orderBy(desc(rewards.id)).limit(limit).offset(offset),
    db.select({ n: count() }).from(rewards).where(where),
  );
}

/** Books a shopping commission; a second one of its order number fails (`commission_taken`). */
export function insertCommission({ db }: Db, row: typeof commissions.$inferInsert): Statement {
  return db.insert(commissions).values(row);
}

/** Takes a commission back, once; guard it. */
export function takeBackCommissionRow({ db }: Db, orderNo: string, now: number): Statement {
  return db
    .update(commissions)
    .set({ takenBackAt: now })
    .where(and(eq(commissions.orderNo, orderNo), isNull(commissions.takenBackAt)));
}
