import { and, count, desc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import {
  captchaSpends,
  refreshTokens,
  rsaKeys,
  sessions,
  spentCiphertexts,
  throttles,
  users,
} from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type UserRow = typeof users.$inferSelect;
export type SessionRow = typeof sessions.$inferSelect;
export type RsaKeyRow = typeof rsaKeys.$inferSelect;

/** A user by e-mail (lower case) or by phone (E.164). */
export function findAccount({ db }: Db, account: { email: string } | { phone: string }) {
  const match = 'email' in account ? eq(users.emailKey, account.email) : eq(users.phone, account.phone);
  return db.select().from(users).where(match).limit(1);
}

export function findUserById({ db }: Db, id: string) {
  return db.select().from(users).where(eq(users.id, id)).limit(1);
}

export async function countAdmins({ db }: Db): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(users)
    .where(and(eq(users.role, 'admin'), eq(users.status, 'active')));
  return row?.n ?? 0;
}

export function insertUser({ db }: Db, row: typeof users.$inferInsert): Statement {
  return db.insert(users).values(row);
}

/** Makes the first admin, and nothing where the site has one; guard it. */
export function insertFirstAdmin(
  { db }: Db,
  row: Pick<UserRow, 'id' | 'passwordHash' | 'referralCode' | 'createdAt'> & { email: string },
): Statement {
  const { id, email, passwordHash, referralCode, createdAt } = row;
  return rawStatement(
    db,
    sql`
    insert into users (id, user_type, role, email, email_key, email_verified_at, password_hash, referral_code,
      created_at, updated_at)
    select ${id}, 'personal', 'admin', ${email}, ${email.toLowerCase()}, ${createdAt}, ${passwordHash},
      ${referralCode}, ${createdAt}, ${createdAt}
    where not exists (select 1 from users where role = 'admin')`,
  );
}

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

/** The key to hand out now, if there is one. */
export async function findCurrentRsaKey({ db }: Db, now: number): Promise<RsaKeyRow | null> {
  const [row] = await db
    .select()
    .from(rsaKeys)
    .where(gt(rsaKeys.expiresAt, now))
    .orderBy(desc(rsaKeys.createdAt), desc(rsaKeys.id))
    .limit(1);
  return row ?? null;
}

/** A key that is still accepted. */
export async function findAcceptedRsaKey({ db }: Db, id: string, now: number): Promise<RsaKeyRow | null> {
  const [row] = await db
    .select()
    .from(rsaKeys)
    .where(and(eq(rsaKeys.id, id), gt(rsaKeys.acceptedUntilAt, now)))
    .limit(1);
  return row ?? null;
}

/** How many keys were made on a day, for the number in the next one's id. */
export async function countRsaKeys({ db }: Db, prefix: string): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(rsaKeys)
    .where(sql`substr(${rsaKeys.id}, 1, ${prefix.length}) = ${prefix}`);
  return row?.n ?? 0;
}

/** Adds a key unless another one came first: by number, or one that outlives `unlessAfter`. */
export function insertRsaKey({ db }: Db, row: RsaKeyRow, unlessAfter: number): Statement {
  return rawStatement(
    db,
    sql`
    insert or ignore into rsa_keys (id, public_pem, wrapped_private, created_at, expires_at, accepted_until_at)
    select ${row.id}, ${row.publicPem}, ${row.wrappedPrivate}, ${row.createdAt}, ${row.expiresAt},
      ${row.acceptedUntilAt}
    where not exists (select 1 from rsa_keys where expires_at > ${unlessAfter})`,
  );
}

/** Forgets keys that are accepted no more, and the ciphertexts that were spent under them. */
export function deleteDeadRsaKeys({ db }: Db, now: number): Statement[] {
  return [
    db
      .delete(spentCiphertexts)
      .where(
        sql`${spentCiphertexts.rsaKeyId} not in (select id from rsa_keys where accepted_until_at > ${now})`,
      ),
    db.delete(rsaKeys).where(sql`${rsaKeys.acceptedUntilAt} <= ${now}`),
  ];
}

export function spendCiphertext({ db }: Db, row: typeof spentCiphertexts.$inferInsert): Statement {
  return db.insert(spentCiphertexts).values(row);
}

export function spendCaptcha({ db }: Db, nonce: string, expiresAt: number): Statement {
  return db.insert(captchaSpends).values({ nonce, expiresAt });
}

export function deleteExpiredSpends({ db }: Db, now: number): Statement[] {
  return [
    db.delete(captchaSpends).where(sql`${captchaSpends.expiresAt} <= ${now}`),
    db.delete(throttles).where(sql`${throttles.expiresAt} <= ${now}`),
  ];
}

/** Counts one attempt in a window that begins with its first; gives the count, this one included. */
export function takeAttempt({ db }: Db, bucket: string, windowMs: number, now: number) {
  const over = sql`${throttles.expiresAt} <= ${now}`;
  return db
    .insert(throttles)
    .values({ bucket, count: 1, expiresAt: now + windowMs })
    .onConflictDoUpdate({
      target: throttles.bucket,
      set: {
        count: sql`case when ${over} then 1 else ${throttles.count} + 1 end`,
        expiresAt: sql`case when ${over} then ${now + windowMs} else ${throttles.expiresAt} end`,
      },
    })
    .returning({ count: throttles.count, expiresAt: throttles.expiresAt });
}

/** Gives an attempt back. */
export function returnAttempt({ db }: Db, bucket: string): Statement {
  return db
    .update(throttles)
    .set({ count: sql`max(0, ${throttles.count} - 1)` })
    .where(eq(throttles.bucket, bucket));
}

/** The user whose referral code this is. */
export function findByReferralCode({ db }: Db, code: string) {
  return db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.referralCode, code), or(eq(users.status, 'active'), eq(users.status, 'frozen'))))
    .limit(1);
}
