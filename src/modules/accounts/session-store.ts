import { and, desc, eq, gt, inArray, isNull, ne } from 'drizzle-orm';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { refreshTokens, sessions, users } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type SessionRow = typeof sessions.$inferSelect;

export function insertSession({ db }: Db, row: typeof sessions.$inferInsert): Statement {
  return db.insert(sessions).values(row);
}

export function insertRefreshToken({ db }: Db, row: typeof refreshTokens.$inferInsert): Statement {
  return db.insert(refreshTokens).values(row);
}

/** A session that has not ended, with its user: what every authenticated request looks up, once. */
export async function findLiveSession({ db }: Db, id: string, now: number) {
  const [row] = await db
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
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

/** Live sessions of a user, the last used first. */
export function liveSessions({ db }: Db, userId: string, now: number): Promise<SessionRow[]> {
  return db
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.lastUsedAt), desc(sessions.id));
}

/** Takes device and address out of a user's sessions: they are personal data. */
export function anonymiseSessions({ db }: Db, userId: string): Statement {
  return db.update(sessions).set({ device: null, address: null }).where(eq(sessions.userId, userId));
}
