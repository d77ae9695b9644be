import { and, asc, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { idempotencyRecords, outbox, pushes, settings } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

/** Marks an owner's object as to be told, and moves the owner's version: one row of the batch of the change. */
export function requestPush({ db }: Db, owner: string, now: number): Statement {
  return db
    .insert(pushes)
    .values({ owner, version: 1, pendingAt: now })
    .onConflictDoUpdate({
      target: pushes.owner,
      set: { version: sql`${pushes.version} + 1`, pendingAt: sql`coalesce(${pushes.pendingAt}, ${now})` },
    });
}

/**
 * {@link requestPush} for whoever a user's keys draw on at that moment: their enterprise, else themselves. Gives
 * that owner back.
 */
export function requestPushOfUser({ db }: Db, userId: string, now: number): Statement {
  return rawStatement(
    db,
    sql`
    insert into pushes (owner, version, pending_at)
    select coalesce((select enterprise_id from enterprise_members
      where user_id = ${userId} and left_at is null), ${userId}), 1, ${now} where true
    on conflict (owner) do update set version = version + 1, pending_at = coalesce(pending_at, ${now})
    returning owner`,
  );
}

/**
 * A push for every owner whom a plan's benefits reach now: those who hold it and, for the free plan, whoever
 * has a key, since everybody falls back to it.
 */
export function requestPushesOfPlan({ db }: Db, planId: string, freePlanId: string, now: number): Statement {
  const owners =
    planId === freePlanId
      ? sql`select distinct coalesce(m.enterprise_id, k.user_id) as owner from api_keys k
            left join enterprise_members m on m.user_id = k.user_id and m.left_at is null
            where k.status <> 'deleted'`
      : sql`select distinct owner from grants
            where product_id = ${planId} and voided_at is null and (until_at is null or until_at > ${now})`;
  return rawStatement(
    db,
    sql`
    insert into pushes (owner, version, pending_at) select owner, 1, ${now} from (${owners}) where true
    on conflict (owner) do update set version = version + 1, pending_at = coalesce(pending_at, ${now})`,
  );
}

/**
 * Moves an owner's version without asking for a push: the object reads D1 when the first request comes that knows
 * of it.
 */
export function moveOwnerVersion({ db }: Db, owner: string): Statement {
  return db
    .insert(pushes)
    .values({ owner, version: 1, pendingAt: null })
    .onConflictDoUpdate({ target: pushes.owner, set: { version: sql`${pushes.version} + 1` } });
}

/** The object has been told of this version; a newer change stays pending. */
export function markPushed({ db }: Db, owner: string, version: number): Statement {
  return db
    .update(pushes)
    .set({ pendingAt: null })
    .where(and(eq(pushes.owner, owner), eq(pushes.version, version)));
}

/** An owner's version; for a batch. No row is version 0. */
export function selectPush({ db }: Db, owner: string) {
  return db.select({ version: pushes.version }).from(pushes).where(eq(pushes.owner, owner));
}

export async function isPushPending({ db }: Db, owner: string): Promise<boolean> {
  const [row] = await db.select({ pendingAt: pushes.pendingAt }).from(pushes).where(eq(pushes.owner, owner));
  return row?.pendingAt != null;
}

/** Owners whose objects still have to be told, the longest waiting first. */
export async function pendingPushes({ db }: Db, limit: number): Promise<string[]> {
  const rows = await db
    .select({ owner: pushes.owner })
    .from(pushes)
    .where(isNotNull(pushes.pendingAt))
    .orderBy(asc(pushes.pendingAt))
    .limit(limit);
  return rows.map(({ owner }) => owner);
}

export type OutboxRow = typeof outbox.$inferSelect;

export function insertMail({ db }: Db, row: typeof outbox.$inferInsert): Statement {
  return db.insert(outbox).values(row).onConflictDoNothing();
}

/** Takes mails that are due, each for one sender only: their next try is moved ahead in the same statement. */
export async function claimDueMails(
  { db }: Db,
  now: number,
  nextTry: number,
  limit: number,
): Promise<OutboxRow[]> {
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(isNotNull(outbox.dueAt), lte(outbox.dueAt, now)))
    .orderBy(asc(outbox.dueAt))
    .limit(limit);
  return db
    .update(outbox)
    .set({ dueAt: nextTry, attempts: sql`${outbox.attempts} + 1` })
    .where(and(isNotNull(outbox.dueAt), lte(outbox.dueAt, now), sql`${outbox.id} in ${due}`))
    .returning();
}

export function markMailSent({ db }: Db, id: string, now: number): Statement {
  return db.update(outbox).set({ dueAt: null, sentAt: now, sealedParameters: null }).where(eq(outbox.id, id));
}

export function markMailFailed({ db }: Db, id: string, now: number): Statement {
  return db
    .update(outbox)
    .set({ dueAt: null, failedAt: now, sealedParameters: null })
    .where(eq(outbox.id, id));
}

export type IdempotencyRow = typeof idempotencyRecords.$inferSelect;

/**
 * Claims a key: a new one, or one whose run lapsed or whose day is over. Returns the row as it stands
 * afterwards; it is this run's when its `claim` is.
 */
export async function claimIdempotency(
  { db }: Db,
  row: {
    scope: string;
    requestDigest: string;
    claim: string;
    now: number;
    lapsed: number;
    expiresAt: number;
  },
): Promise<IdempotencyRow> {
  const { scope, requestDigest, claim, now, lapsed, expiresAt } = row;
  const [, found] = await db.batch([
    db
      .insert(idempotencyRecords)
      .values({ scope, requestDigest, claim, state: 'running', claimedAt: now, expiresAt })
      .onConflictDoUpdate({
        target: idempotencyRecords.scope,
        set: {
          requestDigest,
          claim,
          state: 'running',
          status: null,
          answer: null,
          claimedAt: now,
          expiresAt,
        },
        setWhere: sql`${idempotencyRecords.expiresAt} <= ${now} or (
          ${idempotencyRecords.state} = 'running' and ${idempotencyRecords.claimedAt} <= ${lapsed}
          and ${idempotencyRecords.requestDigest} = ${requestDigest})`,
      }),
    db.select().from(idempotencyRecords).where(eq(idempotencyRecords.scope, scope)),
  ]);
  const [record] = found;
  if (!record) throw new Error('an idempotency record vanished within its own batch');
  return record;
}

/** Keeps the answer of this run. */
export function keepAnswer(
  { db }: Db,
  { scope, claim, status, answer }: { scope: string; claim: string; status: number; answer: string },
): Statement {
  return db
    .update(idempotencyRecords)
    .set({ state: 'answered', status, answer })
    .where(and(eq(idempotencyRecords.scope, scope), eq(idempotencyRecords.claim, claim)));
}

/** Gives a key back: nothing was done, so the client may try again with it. */
export function dropClaim({ db }: Db, scope: string, claim: string): Statement {
  return db
    .delete(idempotencyRecords)
    .where(
      and(
        eq(idempotencyRecords.scope, scope),
        eq(idempotencyRecords.claim, claim),
        eq(idempotencyRecords.state, 'running'),
      ),
    );
}

/** Throws where the database does not answer, or was never migrated. */
export async function isDatabaseUp({ db }: Db): Promise<void> {
  await db.select({ name: settings.name }).from(settings).limit(1);
}

/** Forgets answers whose day is over. */
export function deleteExpiredRecords({ db }: Db, now: number): Statement {
  return db.delete(idempotencyRecords).where(lte(idempotencyRecords.expiresAt, now));
}

/** A mail that could not be sent is due again at a later time. */
export function postponeMail({ db }: Db, id: string, dueAt: number): Statement {
  return db.update(outbox).set({ dueAt }).where(eq(outbox.id, id));
}

/** Forgets the mails of a user and to their address, sent or not: recipients are personal data. */
export function deleteMailOf({ db }: Db, userId: string, email: string | null): Statement {
  const theirs = eq(outbox.userId, userId);
  return db
    .delete(outbox)
    .where(email === null ? theirs : or(theirs, sql`lower(${outbox.recipient}) = ${email.toLowerCase()}`));
}

/** Forgets mails that were sent or given up before this time. */
export function deleteOldMail({ db }: Db, before: number): Statement {
  return db
    .delete(outbox)
    .where(and(isNull(outbox.dueAt), lte(sql`coalesce(${outbox.sentAt}, ${outbox.failedAt})`, before)));
}
