import { and, count, desc, eq, or, type SQL, sql } from 'drizzle-orm';
import { contains } from '#db/contains';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
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
  memberCount: sql<number>`(select count(*) from enterprise_members
    where enterprise_id = ${enterprises.id} and left_at is null)`.as('member_count'),
};

/** A company, unverified until an admin has seen its papers. */
export function insertEnterprise({ db }: Db, row: typeof enterprises.$inferInsert): Statement {
  return db.insert(enterprises).values(row);
}

/** Takes names, code and contact out of the company of a user who goes. */
export function eraseEnterprise({ db }: Db, ownerId: string, now: number): Statement {
  return db
    .update(enterprises)
    .set({ name: '', maskedCreditCode: null, contactName: null, contactPhone: null, updatedAt: now })
    .where(eq(enterprises.ownerId, ownerId));
}

/** Sets what changes without a review. */
export function updateContact(
  { db }: Db,
  id: string,
  set: Partial<Pick<EnterpriseRow, 'contactName' | 'contactPhone'>>,
  now: number,
): Statement {
  return db
    .update(enterprises)
    .set({ ...set, updatedAt: now })
    .where(eq(enterprises.id, id));
}

/** A company whose papers do not stand: a condition of what only a verified one may do. */
export function isUnverified(id: string): SQL {
  return sql`select 1 where not exists (select 1 from verifications
    where subject = ${id} and state = 'verified')`;
}

/**
 * Brings status, name and code to what the verifications say: what is pending is shown while it is, a rejection
 * falls back to what was verified before. After every change of a verification, in its batch.
 */
export function refreshEnterprise({ db }: Db, id: string, now: number): Statement {
  const standing = (column: 'name' | 'masked_number') =>
    sql.raw(`(select ${column} from verifications v where v.subject = enterprises.id
      and v.state in ('pending', 'verified') order by v.state = 'verified' limit 1)`);
  return rawStatement(
    db,
    sql`
    update enterprises set
      verify_status = coalesce(
        (select min(state) from verifications
          where subject = enterprises.id and state in ('pending', 'verified')),
        (select 'rejected' from verifications where subject = enterprises.id limit 1),
        'unverified'),
      name = coalesce(${standing('name')}, name),
      masked_credit_code = coalesce(${standing('masked_number')}, masked_credit_code),
      updated_at = ${now}
    where id = ${id}`,
  );
}

/** The company that a user owns. */
export async function findOwnedEnterprise({ db }: Db, ownerId: string): Promise<EnterpriseRow | null> {
  const [row] = await db.select().from(enterprises).where(eq(enterprises.ownerId, ownerId)).limit(1);
  return row ?? null;
}

export async function findEnterpriseRow({ db }: Db, id: string): Promise<EnterpriseRow | null> {
  const [row] = await db.select().from(enterprises).where(eq(enterprises.id, id)).limit(1);
  return row ?? null;
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
