import { and, count, desc, eq, gt, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { captchaSpends, rsaKeys, spentCiphertexts, throttles, users } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type UserRow = typeof users.$inferSelect;
export type RsaKeyRow = typeof rsaKeys.$inferSelect;

/** A user by e-mail (lower case) or by phone (E.164). */
export function findAccount({ db }: Db, account: { email: string } | { phone: string }) {
  const match = 'email' in account ? eq(users.emailKey, account.email) : eq(users.phone, account.phone);
  return db.select().from(users).where(match).limit(1);
}

export function findUserById({ db }: Db, id: string) {
  return db.select().from(users).where(eq(users.id, id)).limit(1);
}

/** By the number that surfaces with numeric ids show; for a batch. */
export function findUserBySerial({ db }: Db, serial: number) {
  return db.select().from(users).where(eq(users.serial, serial)).limit(1);
}

/** A user's inviter, theirs, and so on: at most `generations`, the nearest first; whoever is gone is null. */
export async function findInviters(
  { db }: Db,
  userId: string,
  generations: number,
): Promise<(string | null)[]> {
  const rows = await db.all<{ id: string; status: string; depth: number }>(sql`
    with recursive line (id, depth) as (
      select inviter_id, 1 from users where id = ${userId} and inviter_id is not null
      union all
      select users.inviter_id, depth + 1 from line join users on users.id = line.id
      where users.inviter_id is not null and depth < ${generations})
    select line.id, users.status, depth from line join users on users.id = line.id order by depth`);
  return rows.map(({ id, status }) => (status === 'deleted' ? null : id));
}

/** Which of these users are there. */
export async function findExistingUsers({ db }: Db, ids: string[]): Promise<string[]> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        sql`${users.id} in (select value from json_each(${JSON.stringify(ids)}))`,
        ne(users.status, 'deleted'),
      ),
    );
  return rows.map(({ id }) => id);
}

export async function countAdmins({ db }: Db): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(users)
    .where(and(eq(users.role, 'admin'), eq(users.status, 'active')));
  return row?.n ?? 0;
}

/** Another active admin: a site must keep one, also when two demote each other at once. A condition of writes. */
export function anotherAdmin(userId: string): SQL {
  return sql`exists (select 1 from users as other
    where other.role = 'admin' and other.status = 'active' and other.id <> ${userId})`;
}

/** Whether no other active admin is there. */
export async function isLastAdmin({ db }: Db, id: string): Promise<boolean> {
  const [other] = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.role, 'admin'), eq(users.status, 'active'), ne(users.id, id)))
    .limit(1);
  return other === undefined;
}

/**
 * Takes everything personal out of a user's row; id and serial stay, since orders name them. Guard it: nothing
 * changes where the password moved meanwhile, or where this is the last admin.
 */
export function eraseUser({ db }: Db, user: Pick<UserRow, 'id' | 'passwordHash'>, now: number): Statement {
  return db
    .update(users)
    .set({
      status: 'deleted',
      role: 'user',
      email: null,
      emailKey: null,
      emailVerifiedAt: null,
      phone: null,
      nickname: null,
      avatar: null,
      passwordHash: null,
      realnameVerifiedAt: null,
      deletedAt: now,
      updatedAt: now,
    })
    .where(and(isStill(user), or(ne(users.role, 'admin'), anotherAdmin(user.id))));
}

/** A user who is there with the password that was verified. */
function isStill({ id, passwordHash }: Pick<UserRow, 'id' | 'passwordHash'>) {
  return and(eq(users.id, id), ne(users.status, 'deleted'), eq(users.passwordHash, passwordHash ?? ''));
}

export function insertUser({ db }: Db, row: typeof users.$inferInsert): Statement {
  return db.insert(users).values(row);
}

/** Changes columns of a user; constraints decide whether it holds. */
export function updateUser(
  { db }: Db,
  id: string,
  set: Partial<Omit<typeof users.$inferInsert, 'id' | 'serial'>>,
): Statement {
  return db
    .update(users)
    .set(set)
    .where(and(eq(users.id, id), ne(users.status, 'deleted')));
}

/**
 * {@link updateUser} while the password is still the one that was verified; guard it. What was confirmed with a
 * password that has been reset since must not happen.
 */
export function updateUserOfPassword(
  { db }: Db,
  user: Pick<UserRow, 'id' | 'passwordHash'>,
  set: Partial<Omit<typeof users.$inferInsert, 'id' | 'serial'>>,
): Statement {
  return db.update(users).set(set).where(isStill(user));
}

/** An account's type follows from whether it owns a company. */
export function setUserType(
  { db }: Db,
  id: string,
  userType: 'personal' | 'enterprise',
  now: number,
): Statement {
  return db.update(users).set({ userType, updatedAt: now }).where(eq(users.id, id));
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

/** A day's keys, the last one first: after the 999th a number has four digits. */
const BY_NUMBER = [desc(sql`length(${rsaKeys.id})`), desc(rsaKeys.id)];

/** The key to hand out now, if there is one. */
export async function findCurrentRsaKey({ db }: Db, now: number): Promise<RsaKeyRow | null> {
  const [row] = await db
    .select()
    .from(rsaKeys)
    .where(gt(rsaKeys.expiresAt, now))
    .orderBy(desc(rsaKeys.createdAt), ...BY_NUMBER)
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

/** The last id given on a day, by the ids' common beginning. */
export async function lastRsaKeyId({ db }: Db, prefix: string): Promise<string | null> {
  const [row] = await db
    .select({ id: rsaKeys.id })
    .from(rsaKeys)
    .where(sql`substr(${rsaKeys.id}, 1, ${prefix.length}) = ${prefix}`)
    .orderBy(...BY_NUMBER)
    .limit(1);
  return row?.id ?? null;
}

/** Adds a key unless another one has its number, or (`unlessAfter` given) one outlives that time. */
export function insertRsaKey({ db }: Db, row: RsaKeyRow, unlessAfter: number | null): Statement {
  return rawStatement(
    db,
    sql`
    insert or ignore into rsa_keys (id, public_pem, wrapped_private, created_at, expires_at, accepted_until_at)
    select ${row.id}, ${row.publicPem}, ${row.wrappedPrivate}, ${row.createdAt}, ${row.expiresAt},
      ${row.acceptedUntilAt}
    where ${unlessAfter} is null or not exists (select 1 from rsa_keys where expires_at > ${unlessAfter})`,
  );
}

/**
 * Forgets keys made before this time, and the ciphertexts that were spent under them. Revoked ones stay as long,
 * without their private half, so that their numbers are not given twice.
 */
export function deleteRsaKeys({ db }: Db, madeBefore: number): Statement[] {
  return [
    db
      .delete(spentCiphertexts)
      .where(
        sql`${spentCiphertexts.rsaKeyId} not in (select id from rsa_keys where created_at > ${madeBefore})`,
      ),
    db.delete(rsaKeys).where(lte(rsaKeys.createdAt, madeBefore)),
  ];
}

/**
 * Spends a ciphertext, once, while its key is still accepted; guard it. A key that was revoked a moment ago
 * is refused here, whatever an isolate remembers of it.
 */
export function spendCiphertext({ db }: Db, digest: string, rsaKeyId: string, now: number): Statement {
  return rawStatement(
    db,
    sql`insert into spent_ciphertexts (digest, rsa_key_id, spent_at)
    select ${digest}, ${rsaKeyId}, ${now}
    where exists (select 1 from rsa_keys where id = ${rsaKeyId} and accepted_until_at > ${now})`,
  );
}

/** Accepts no key any more that is there now, and forgets the private halves. */
export function revokeRsaKeys({ db }: Db, now: number): Statement {
  return db
    .update(rsaKeys)
    .set({ acceptedUntilAt: now, wrappedPrivate: '', expiresAt: sql`min(${rsaKeys.expiresAt}, ${now})` })
    .where(gt(rsaKeys.acceptedUntilAt, now));
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
