import { and, count, desc, eq, gt, inArray, isNull, lte, ne, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page } from '#kernel/page';
import { enterpriseMembers, enterprises } from '#modules/enterprise/tables';
import { refreshTokens, sessions, users } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type SessionRow = typeof sessions.$inferSelect;

/**
 * Begins a session of a user who is active and whose password is still the one that was verified; guard it: a
 * login may not outrun the reset that ends all sessions.
 */
export function insertSession(
  { db }: Db,
  row: typeof sessions.$inferInsert,
  passwordHash: string,
): Statement {
  return rawStatement(
    db,
    sql`
    insert into sessions (id, user_id, device, address, created_at, last_used_at, expires_at)
    select ${row.id}, id, ${row.device ?? null}, ${row.address ?? null}, ${row.createdAt}, ${row.lastUsedAt},
      ${row.expiresAt}
    from users where id = ${row.userId} and status = 'active' and password_hash = ${passwordHash}`,
  );
}

export function insertRefreshToken({ db }: Db, row: typeof refreshTokens.$inferInsert): Statement {
  return db.insert(refreshTokens).values(row);
}

/** A session that has not ended, with its user: what every authenticated request looks up, once. */
export async function findLiveSession({ db }: Db, id: string, now: number) {
  const [row] = await db
    .select({
      session: sessions,
      user: users,
      enterprise: {
        id: enterprises.id,
        role: enterpriseMembers.role,
        verified: sql<number>`exists (select 1 from verifications
          where subject = ${enterprises.id} and state = 'verified')`,
        ownerId: enterprises.ownerId,
        ownerStatus: sql<string>`(select status from users where id = ${enterprises.ownerId})`,
      },
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .leftJoin(
      enterpriseMembers,
      and(eq(enterpriseMembers.userId, users.id), isNull(enterpriseMembers.leftAt)),
    )
    .leftJoin(enterprises, eq(enterprises.id, enterpriseMembers.enterpriseId))
    .where(and(eq(sessions.id, id), isNull(sessions.endedAt), gt(sessions.expiresAt, now)))
    .limit(1);
  return row ?? null;
}

/** A refresh token by any hash it may be stored under, with its session and user. */
export async function findRefreshToken({ db }: Db, hashes: string[]) {
  const [row] = await db
    .select({ token: refreshTokens, session: sessions, user: users })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(inArray(refreshTokens.hash, hashes))
    .limit(1);
  return row ?? null;
}

/** Spends a refresh token that is unspent; guard it: of two at once one wins. */
export function spendRefreshToken({ db }: Db, hash: string, now: number): Statement {
  return db
    .update(refreshTokens)
    .set({ spentAt: now })
    .where(and(eq(refreshTokens.hash, hash), isNull(refreshTokens.spentAt)));
}

export function touchSession({ db }: Db, id: string, now: number): Statement {
  return db.update(sessions).set({ lastUsedAt: now }).where(eq(sessions.id, id));
}

/** Ends one session of a user that has not ended; guard it where that matters. */
export function endSession({ db }: Db, userId: string, id: string, now: number): Statement {
  return db
    .update(sessions)
    .set({ endedAt: now })
    .where(and(eq(sessions.id, id), eq(sessions.userId, userId), isNull(sessions.endedAt)));
}

/** Ends all sessions of a user, or all but one. */
export function endSessions({ db }: Db, userId: string, now: number, except: string | null): Statement {
  return db
    .update(sessions)
    .set({ endedAt: now })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.endedAt),
        except === null ? undefined : ne(sessions.id, except),
      ),
    );
}

/** Live sessions of a user, newest first. */
export function listLiveSessions({ db }: Db, userId: string, now: number, page: Page) {
  const where = and(eq(sessions.userId, userId), isNull(sessions.endedAt), gt(sessions.expiresAt, now));
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(sessions).where(where).orderBy(desc(sessions.id)).limit(limit).offset(offset),
    db.select({ n: count() }).from(sessions).where(where),
  );
}

/** Every session that is kept of a user, ended ones too. */
export function allSessions({ db }: Db, userId: string): Promise<SessionRow[]> {
  return db.select().from(sessions).where(eq(sessions.userId, userId)).orderBy(desc(sessions.id));
}

/** Forgets sessions that ended or expired before this time, with their tokens. */
export function deleteOldSessions({ db }: Db, before: number): Statement[] {
  const old = sql`select id from sessions where coalesce(ended_at, expires_at) <= ${before}`;
  return [
    db.delete(refreshTokens).where(sql`${refreshTokens.sessionId} in (${old})`),
    db.delete(sessions).where(lte(sql`coalesce(${sessions.endedAt}, ${sessions.expiresAt})`, before)),
  ];
}

/** Takes device and address out of a user's sessions: they are personal data. */
export function anonymiseSessions({ db }: Db, userId: string): Statement {
  return db.update(sessions).set({ device: null, address: null }).where(eq(sessions.userId, userId));
}
