import { and, asc, count, eq, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page } from '#kernel/page';
import { users } from '#modules/accounts/tables';
import { pushes } from '#modules/operations/tables';
import { enterpriseMembers, enterprises } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

/** A member with what is shown of them. */
const memberColumns = {
  userId: enterpriseMembers.userId,
  email: users.email,
  nickname: users.nickname,
  status: users.status,
  role: enterpriseMembers.role,
  isOwner: sql<boolean>`${enterprises.ownerId} = ${enterpriseMembers.userId}`.mapWith(Boolean).as('is_owner'),
  tokensPerDay: enterpriseMembers.tokensPerDay,
  requestsPerDay: enterpriseMembers.requestsPerDay,
  joinedAt: enterpriseMembers.joinedAt,
};

function selectMembers({ db }: Db) {
  return db
    .select(memberColumns)
    .from(enterpriseMembers)
    .innerJoin(users, eq(users.id, enterpriseMembers.userId))
    .innerJoin(enterprises, eq(enterprises.id, enterpriseMembers.enterpriseId))
    .$dynamic();
}

const isMemberOf = (enterpriseId: string, userId?: string) =>
  and(
    eq(enterpriseMembers.enterpriseId, enterpriseId),
    userId === undefined ? undefined : eq(enterpriseMembers.userId, userId),
    isNull(enterpriseMembers.leftAt),
  );

export async function findMember(ctx: Db, enterpriseId: string, userId: string) {
  const [row] = await selectMembers(ctx).where(isMemberOf(enterpriseId, userId)).limit(1);
  return row ?? null;
}

export type MemberRow = NonNullable<Awaited<ReturnType<typeof findMember>>>;

/** Members of an enterprise, newest first; `userId` for one of them only. */
export function listMemberRows(ctx: Db, enterpriseId: string, userId: string | undefined, page: Page) {
  const where = isMemberOf(enterpriseId, userId);
  return slice(
    ctx.db,
    page,
    (limit, offset) =>
      selectMembers(ctx)
        .where(where)
        .orderBy(sql`${enterpriseMembers.joinedAt} desc, ${enterpriseMembers.id} desc`)
        .limit(limit)
        .offset(offset),
    ctx.db.select({ n: count() }).from(enterpriseMembers).where(where),
  );
}

/** All members, the first first. */
export function allMembers(ctx: Db, enterpriseId: string): Promise<MemberRow[]> {
  return selectMembers(ctx)
    .where(isMemberOf(enterpriseId))
    .orderBy(asc(enterpriseMembers.joinedAt), asc(enterpriseMembers.id));
}

/** UNIQUE: who belongs to an enterprise already fails the batch (`member_already`). */
export function insertMember({ db }: Db, row: typeof enterpriseMembers.$inferInsert): Statement {
  return db.insert(enterpriseMembers).values(row);
}

const isNoOwner = (userId: string) => sql`not exists (select 1 from enterprises where owner_id = ${userId})`;

/** Ends a membership that is not the owner's; guard it: of two at once one wins. */
export function endMembership({ db }: Db, enterpriseId: string, userId: string, now: number): Statement {
  return db
    .update(enterpriseMembers)
    .set({ leftAt: now })
    .where(and(isMemberOf(enterpriseId, userId), isNoOwner(userId)));
}

/** Ends whatever membership a user has: the account goes. */
export function endMemberships({ db }: Db, userId: string, now: number): Statement {
  return db
    .update(enterpriseMembers)
    .set({ leftAt: now })
    .where(and(eq(enterpriseMembers.userId, userId), isNull(enterpriseMembers.leftAt)));
}

/** Members of what a user owns, beside the owner: a condition of the account's end. */
export function hasOtherMembers(ownerId: string): SQL {
  return sql`select 1 from enterprises join enterprise_members on enterprise_id = enterprises.id
    where owner_id = ${ownerId} and user_id <> ${ownerId} and left_at is null`;
}

/** Somebody who manages this enterprise no more, or not at the moment: a condition of every act of a manager. */
export function managesNotNow(enterpriseId: string, userId: string): SQL {
  return sql`select 1 where not exists (select 1 from enterprise_members m
    join enterprises e on e.id = m.enterprise_id join users o on o.id = e.owner_id
    where m.enterprise_id = ${enterpriseId} and m.user_id = ${userId} and m.left_at is null
      and m.role = 'admin' and o.status = 'active')`;
}

/** How many belong to an enterprise, the owner included. */
export async function countMembers({ db }: Db, enterpriseId: string): Promise<number> {
  const [row] = await db.select({ n: count() }).from(enterpriseMembers).where(isMemberOf(enterpriseId));
  return row?.n ?? 0;
}

/** Where a user's last membership ended and the enterprise's object still has to be told. */
export async function findPendingLeave({ db }: Db, userId: string): Promise<string | null> {
  const [row] = await db
    .select({ enterpriseId: enterpriseMembers.enterpriseId })
    .from(enterpriseMembers)
    .innerJoin(pushes, eq(pushes.owner, enterpriseMembers.enterpriseId))
    .where(and(eq(enterpriseMembers.userId, userId), sql`${enterpriseMembers.leftAt} >= ${pushes.pendingAt}`))
    .limit(1);
  return row?.enterpriseId ?? null;
}

/** Sets what a member may spend; guard it: who has left meanwhile is not changed. */
export function setCaps(
  { db }: Db,
  enterpriseId: string,
  userId: string,
  set: Partial<Pick<typeof enterpriseMembers.$inferInsert, 'tokensPerDay' | 'requestsPerDay'>>,
): Statement {
  return db.update(enterpriseMembers).set(set).where(isMemberOf(enterpriseId, userId));
}

/** Sets what a member is, never what the owner is; guard it. */
export function setMemberRole(
  { db }: Db,
  enterpriseId: string,
  userId: string,
  role: 'admin' | 'member',
): Statement {
  return db
    .update(enterpriseMembers)
    .set({ role })
    .where(and(isMemberOf(enterpriseId, userId), isNoOwner(userId)));
}

/** Gives an enterprise to another member while it is still the owner's who gives it; guard it. */
export function transferEnterprise(
  { db }: Db,
  enterpriseId: string,
  from: string,
  to: string,
  now: number,
): Statement {
  return rawStatement(
    db,
    sql`
    update enterprises set owner_id = ${to}, updated_at = ${now}
    where id = ${enterpriseId} and owner_id = ${from}
      and exists (select 1 from enterprise_members m join users u on u.id = m.user_id
        where m.enterprise_id = ${enterpriseId} and m.user_id = ${to} and m.left_at is null
          and u.status = 'active')`,
  );
}

/** Members with a cap of their own; for a batch. */
export function selectCaps({ db }: Db, enterpriseId: string) {
  return db
    .select({
      userId: enterpriseMembers.userId,
      tokensPerDay: enterpriseMembers.tokensPerDay,
      requestsPerDay: enterpriseMembers.requestsPerDay,
    })
    .from(enterpriseMembers)
    .where(
      and(
        isMemberOf(enterpriseId),
        or(isNotNull(enterpriseMembers.tokensPerDay), isNotNull(enterpriseMembers.requestsPerDay)),
      ),
    );
}

/** Whether the enterprise's object still has to be told (also) of this member's removal. */
export async function isRemovalPending({ db }: Db, enterpriseId: string, userId: string): Promise<boolean> {
  const [row] = await db
    .select({ id: enterpriseMembers.id })
    .from(enterpriseMembers)
    .innerJoin(pushes, eq(pushes.owner, enterpriseMembers.enterpriseId))
    .where(
      and(
        eq(enterpriseMembers.enterpriseId, enterpriseId),
        eq(enterpriseMembers.userId, userId),
        sql`${enterpriseMembers.leftAt} >= ${pushes.pendingAt}`,
      ),
    )
    .limit(1);
  return row !== undefined;
}

/** A user who belongs to an enterprise: a condition of what only others do. */
export function belongsToEnterprise(userId: string): SQL {
  return sql`select 1 from enterprise_members where user_id = ${userId} and left_at is null`;
}

/** Whose plan and pool a user's keys draw on now. */
export async function findQuotaOwner({ db }: Db, userId: string): Promise<string> {
  const [row] = await db
    .select({ enterpriseId: enterpriseMembers.enterpriseId })
    .from(enterpriseMembers)
    .where(and(eq(enterpriseMembers.userId, userId), isNull(enterpriseMembers.leftAt)));
  return row?.enterpriseId ?? userId;
}
