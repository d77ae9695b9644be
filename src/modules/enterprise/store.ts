import { and, count, desc, eq, or } from 'drizzle-orm';
import { contains } from '#db/contains';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page } from '#kernel/page';
import { users } from '#modules/accounts/tables';
import { enterprises } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type EnterpriseRow = typeof enterprises.$inferSelect;
export type VerifyStatus = EnterpriseRow['verifyStatus'];

/** An enterprise with whom to write to about it. */
const withOwner = {
  id: enterprises.id,
  name: enterprises.name,
  verifyStatus: enterprises.verifyStatus,
  createdAt: enterprises.createdAt,
  ownerId: enterprises.ownerId,
  ownerEmail: users.email,
  ownerNickname: users.nickname,
  ownerStatus: users.status,
};

/** A company, unverified until an admin has seen its papers. */
export function insertEnterprise({ db }: Db, row: typeof enterprises.$inferInsert): Statement {
  return db.insert(enterprises).values(row);
}

/** Takes the name out of the company of a user who goes. */
export function eraseEnterprise({ db }: Db, ownerId: string, now: number): Statement {
  return db.update(enterprises).set({ name: '', updatedAt: now }).where(eq(enterprises.ownerId, ownerId));
}

export function listEnterpriseRows(
  { db }: Db,
  filter: { verifyStatus?: VerifyStatus; keyword?: string },
  page: Page,
) {
  const { verifyStatus, keyword } = filter;
  const where = and(
    verifyStatus && eq(enterprises.verifyStatus, verifyStatus),
    keyword === undefined
      ? undefined
      : or(contains(enterprises.name, keyword), contains(users.email, keyword)),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select(withOwner)
        .from(enterprises)
        .innerJoin(users, eq(users.id, enterprises.ownerId))
        .where(where)
        .orderBy(desc(enterprises.createdAt), desc(enterprises.id))
        .limit(limit)
        .offset(offset),
    db
      .select({ n: count() })
      .from(enterprises)
      .innerJoin(users, eq(users.id, enterprises.ownerId))
      .where(where),
  );
}

export async function findEnterprise({ db }: Db, id: string) {
  const [row] = await db
    .select(withOwner)
    .from(enterprises)
    .innerJoin(users, eq(users.id, enterprises.ownerId))
    .where(eq(enterprises.id, id))
    .limit(1);
  return row ?? null;
}

export type EnterpriseWithOwner = NonNullable<Awaited<ReturnType<typeof findEnterprise>>>;

/** What the company of an owner is called; null where there is none. */
export async function findEnterpriseName({ db }: Db, ownerId: string): Promise<string | null> {
  const [row] = await db
    .select({ name: enterprises.name })
    .from(enterprises)
    .where(eq(enterprises.ownerId, ownerId));
  return row?.name ?? null;
}
