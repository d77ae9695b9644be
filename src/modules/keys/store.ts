import { and, count, desc, eq, gt, gte, inArray, isNull, lt, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { users } from '#modules/accounts/tables';
import { pushes } from '#modules/operations/tables';
import { apiKeys } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type ApiKeyRow = typeof apiKeys.$inferSelect;
export type ApiKeyStatus = 'active' | 'disabled' | 'expired';

/** Makes a key, of the membership that its user has at that moment. */
export function insertApiKey({ db }: Db, row: typeof apiKeys.$inferInsert, most: number): Statement {
  // The limit is a condition of the write: two at once cannot both be the fiftieth.
  const count = sql`(select count(*) from api_keys where user_id = ${row.userId} and status <> 'deleted')`;
  return rawStatement(
    db,
    sql`
    insert into api_keys (id, user_id, enterprise_id, name, key_type, prefix, hash, allowed_models, allowed_ips,
      expires_at, created_at, changed_at)
    select ${row.id}, ${row.userId}, (${enterpriseOf(row.userId)}), ${row.name}, ${row.keyType}, ${row.prefix},
      ${row.hash}, ${JSON.stringify(row.allowedModels)}, ${JSON.stringify(row.allowedIps)},
      ${row.expiresAt ?? null}, ${row.createdAt}, ${row.changedAt}
    where ${count} < ${most}
      and exists (select 1 from users where id = ${row.userId} and status <> 'deleted')`,
  );
}

/** The enterprise that a user belongs to at the moment of a statement. */
function enterpriseOf(userId: string | SQLiteColumn): SQL {
  return sql`select enterprise_id from enterprise_members where user_id = ${userId} and left_at is null`;
}

/** Whose quota a key of this user draws on. */
function ownerOf(userId: string | SQLiteColumn): SQL {
  return sql`coalesce((${enterpriseOf(userId)}), ${userId})`;
}

/** A key of this user that is not deleted. */
export async function findApiKey({ db }: Db, userId: string, id: string): Promise<ApiKeyRow | null> {
  const [row] = await db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), ne(apiKeys.status, 'deleted')))
    .limit(1);
  return row ?? null;
}

export async function listApiKeys(
  { db }: Db,
  filter: { userId: string; keyType?: 'production' | 'test'; status?: ApiKeyStatus; now: number },
  page: Page,
): Promise<Slice<ApiKeyRow>> {
  const where = and(
    eq(apiKeys.userId, filter.userId),
    ne(apiKeys.status, 'deleted'),
    filter.keyType && eq(apiKeys.keyType, filter.keyType),
    filter.status && hasStatus(filter.status, filter.now),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select()
        .from(apiKeys)
        .where(where)
        .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(apiKeys).where(where),
  );
}

/** Status is computed: a key is expired by the clock, and a disabled one stays disabled. */
function hasStatus(status: ApiKeyStatus, now: number): SQL | undefined {
  const expired = lte(apiKeys.expiresAt, now);
  switch (status) {
    case 'disabled':
      return eq(apiKeys.status, 'disabled');
    case 'expired':
      return and(eq(apiKeys.status, 'active'), expired);
    case 'active':
      return and(
        eq(apiKeys.status, 'active'),
        or(sql`${apiKeys.expiresAt} is null`, gt(apiKeys.expiresAt, now)),
      );
  }
}

/** Deletes a key that is there; guard it. Its version moves, so no cache can speak for it any more. */
export function deleteApiKey({ db }: Db, userId: string, id: string, now: number): Statement {
  return db
    .update(apiKeys)
    .set({ status: 'deleted', version: sql`${apiKeys.version} + 1`, changedAt: now })
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), ne(apiKeys.status, 'deleted')));
}

/** Whether the push that is outstanding for a user is (also) of this key's deletion. */
export async function isDeletionPending({ db }: Db, userId: string, id: string): Promise<boolean> {
  const [row] = await db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .innerJoin(pushes, eq(pushes.owner, ownerOf(apiKeys.userId)))
    .where(
      and(
        eq(apiKeys.id, id),
        eq(apiKeys.userId, userId),
        eq(apiKeys.status, 'deleted'),
        gte(apiKeys.changedAt, pushes.pendingAt),
      ),
    );
  return row !== undefined;
}

/** Changes a key that is there; guard it. */
export function updateApiKeyRow(
  { db }: Db,
  userId: string,
  id: string,
  set: Pick<ApiKeyRow, 'changedAt'> &
    Partial<Pick<ApiKeyRow, 'name' | 'expiresAt' | 'allowedModels' | 'allowedIps'>> & {
      status?: 'active' | 'disabled';
    },
): Statement {
  return db
    .update(apiKeys)
    .set({
      ...set,
      version: sql`${apiKeys.version} + 1`,
      // Disabling kills the secret before a rotation too, for good.
      ...(set.status === 'disabled' ? { graceHash: null, graceUntilAt: null } : {}),
    })
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), ne(apiKeys.status, 'deleted')));
}

/** Gives a key that is still at this version a new secret; guard it: of two rotations at once one wins. */
export function rotateApiKeyRow(
  { db }: Db,
  userId: string,
  key: ApiKeyRow,
  set: Pick<ApiKeyRow, 'hash' | 'prefix' | 'graceUntilAt' | 'changedAt'>,
): Statement {
  return db
    .update(apiKeys)
    .set({ ...set, graceHash: set.graceUntilAt === null ? null : key.hash, version: key.version + 1 })
    .where(
      and(
        eq(apiKeys.id, key.id),
        eq(apiKeys.userId, userId),
        eq(apiKeys.version, key.version),
        ne(apiKeys.status, 'deleted'),
      ),
    );
}

/** Every change that touches whose keys these are: none of their cached records counts any more. */
export function moveKeyVersions({ db }: Db, userId: string, now: number): Statement {
  return db
    .update(apiKeys)
    .set({ version: sql`${apiKeys.version} + 1`, changedAt: now })
    .where(and(eq(apiKeys.userId, userId), ne(apiKeys.status, 'deleted')));
}

/** When a key was last used, to the minute; an older time never replaces a newer one. */
export function noteKeyUse({ db }: Db, id: string, now: number): Statement {
  return db
    .update(apiKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, now))));
}

/** {@link noteKeyUse} of many, by key id. */
export function noteKeyUses(ctx: Db, uses: [string, number][]): Statement[] {
  return uses.map(([id, time]) => noteKeyUse(ctx, id, time));
}

/** Deletes every key of a user. */
export function deleteApiKeysOf({ db }: Db, userId: string, now: number): Statement {
  return db
    .update(apiKeys)
    .set({ status: 'deleted', version: sql`${apiKeys.version} + 1`, changedAt: now })
    .where(and(eq(apiKeys.userId, userId), ne(apiKeys.status, 'deleted')));
}

/** Deletes the keys that were made in a membership: they die with it. */
export function deleteMembershipKeys(
  { db }: Db,
  userId: string,
  enterpriseId: string,
  now: number,
): Statement {
  return db
    .update(apiKeys)
    .set({ status: 'deleted', version: sql`${apiKeys.version} + 1`, changedAt: now })
    .where(
      and(eq(apiKeys.userId, userId), eq(apiKeys.enterpriseId, enterpriseId), ne(apiKeys.status, 'deleted')),
    );
}

/** The hashes of a user's keys, by which caches know them. */
export async function keyHashesOf({ db }: Db, userId: string): Promise<string[]> {
  const rows = await db.select({ hash: apiKeys.hash }).from(apiKeys).where(eq(apiKeys.userId, userId));
  return rows.map(({ hash }) => hash);
}

/** Names of keys may be personal. */
export function eraseKeyNames({ db }: Db, userId: string): Statement {
  return db.update(apiKeys).set({ name: '', allowedIps: [] }).where(eq(apiKeys.userId, userId));
}

/** A key by any hash it may be stored under, with what decides about it. Deleted ones are found too. */
export async function findKeyByHash({ db }: Db, hashes: string[]) {
  const [row] = await db
    .select({
      key: apiKeys,
      userStatus: users.status,
      owner: sql<string>`${ownerOf(apiKeys.userId)}`.as('quota_owner'),
      ownerVersion: sql<number>`coalesce(${pushes.version}, 0)`,
    })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .leftJoin(pushes, eq(pushes.owner, ownerOf(apiKeys.userId)))
    .where(or(inArray(apiKeys.hash, hashes), inArray(apiKeys.graceHash, hashes)))
    .limit(1);
  return row ?? null;
}

/**
 * Versions of an owner's keys that changed lately: what the quota object must know to refuse stale caches. Of an
 * enterprise these are the keys of whoever belongs or lately belonged to it.
 */
export function recentKeyVersions({ db }: Db, owner: string, since: number) {
  return db
    .select({ id: apiKeys.id, version: apiKeys.version })
    .from(apiKeys)
    .where(
      and(
        sql`${apiKeys.userId} in (select ${owner} union all
          select user_id from enterprise_members
          where enterprise_id = ${owner} and (left_at is null or left_at > ${since}))`,
        gt(apiKeys.changedAt, since),
        gt(apiKeys.version, 1),
      ),
    );
}
