import { and, count, desc, eq, ne, or, sql } from 'drizzle-orm';
import { contains } from '#db/contains';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page } from '#kernel/page';
import type { UserRow } from './store.ts';
import { userAccess, users } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export interface UserAccess {
  systems: string[];
  permissions: string[];
}

export async function listUsers(
  { db }: Db,
  filter: { userType?: 'personal' | 'enterprise'; status?: 'active' | 'frozen'; keyword?: string },
  page: Page,
): Promise<{ rows: UserRow[]; total: number }> {
  const { userType, status, keyword } = filter;
  const where = and(
    status ? eq(users.status, status) : ne(users.status, 'deleted'),
    userType && eq(users.userType, userType),
    keyword === undefined
      ? undefined
      : or(contains(users.email, keyword), contains(users.phone, keyword), contains(users.nickname, keyword)),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(users).where(where).orderBy(desc(users.serial)).limit(limit).offset(offset),
    db.select({ n: count() }).from(users).where(where),
  );
}

/** For a batch. */
export function selectAccess({ db }: Db, userId: string) {
  return db
    .select({ systems: userAccess.systems, permissions: userAccess.permissions })
    .from(userAccess)
    .where(eq(userAccess.userId, userId));
}

export function setAccess({ db }: Db, userId: string, access: UserAccess, now: number): Statement {
  return db
    .insert(userAccess)
    .values({ userId, ...access, updatedAt: now })
    .onConflictDoUpdate({ target: userAccess.userId, set: { ...access, updatedAt: now } });
}

/** Another active admin: a site must keep one, also when two demote each other at once. */
const ANOTHER_ADMIN = (userId: string) =>
  sql`exists (select 1 from users as other where other.role = 'admin' and other.status = 'active' and other.id <> ${userId})`;

/** Guard it: nothing changes where this would leave the site without an active admin. */
export function setStatus({ db }: Db, userId: string, status: 'active' | 'frozen', now: number): Statement {
  return rawStatement(
    db,
    sql`update users set status = ${status}, updated_at = ${now}
    where id = ${userId} and status <> 'deleted'
      and (${status} = 'active' or role <> 'admin' or ${ANOTHER_ADMIN(userId)})`,
  );
}

/** Guard it, for the same reason. */
export function setRole({ db }: Db, userId: string, role: 'user' | 'admin', now: number): Statement {
  return rawStatement(
    db,
    sql`update users set role = ${role}, updated_at = ${now}
    where id = ${userId} and status <> 'deleted'
      and (${role} = 'admin' or role <> 'admin' or ${ANOTHER_ADMIN(userId)})`,
  );
}
