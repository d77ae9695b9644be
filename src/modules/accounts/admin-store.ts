import { and, count, desc, eq, ne, or } from 'drizzle-orm';
import { contains } from '#db/contains';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import type { Access } from '#kernel/permissions';
import { anotherAdmin, type UserRow } from './store.ts';
import { userAccess, users } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export async function listUsers(
  { db }: Db,
  filter: { userType?: 'personal' | 'enterprise'; status?: 'active' | 'frozen'; keyword?: string },
  page: Page,
): Promise<Slice<UserRow>> {
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

export function setAccess({ db }: Db, userId: string, access: Access, now: number): Statement {
  return db
    .insert(userAccess)
    .values({ userId, ...access, updatedAt: now })
    .onConflictDoUpdate({ target: userAccess.userId, set: { ...access, updatedAt: now } });
}

/** Guard it: nothing changes where this would leave the site without an active admin. */
export function setStatus({ db }: Db, userId: string, status: 'active' | 'frozen', now: number): Statement {
  return db
    .update(users)
    .set({ status, updatedAt: now })
    .where(and(isThere(userId), status === 'active' ? undefined : leavesAnAdmin(userId)));
}

/** Guard it, for the same reason. */
export function setRole({ db }: Db, userId: string, role: 'user' | 'admin', now: number): Statement {
  return db
    .update(users)
    .set({ role, updatedAt: now })
    .where(and(isThere(userId), role === 'admin' ? undefined : leavesAnAdmin(userId)));
}

function isThere(userId: string) {
  return and(eq(users.id, userId), ne(users.status, 'deleted'));
}

function leavesAnAdmin(userId: string) {
  return or(ne(users.role, 'admin'), anotherAdmin(userId));
}
