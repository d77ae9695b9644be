import { and, asc, count, desc, eq, gt, inArray, isNotNull, ne, type SQL, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { verifications } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type VerificationRow = typeof verifications.$inferSelect;
export type VerificationKind = VerificationRow['kind'];
type State = VerificationRow['state'];

/** How a state is shown: what was taken back or replaced reads as rejected, with the reason. */
type VerificationStatus = 'pending' | 'verified' | 'rejected';

export function statusOf(state: State): VerificationStatus {
  return state === 'pending' || state === 'verified' ? state : 'rejected';
}

/** What a first submission must not find; a changed company may find itself verified. Guard it. */
export function insertVerification(
  { db }: Db,
  row: typeof verifications.$inferInsert & { sealed: string; numberHash: string },
  unless: ('pending' | 'verified')[],
): Statement {
  const states = sql.join(
    unless.map((state) => sql`${state}`),
    sql`, `,
  );
  return rawStatement(
    db,
    sql`
    insert into verifications (id, kind, subject, user_id, name, masked_name, masked_number, sealed, number_hash,
      created_at)
    select ${row.id}, ${row.kind}, ${row.subject}, ${row.userId}, ${row.name ?? null}, ${row.maskedName ?? null},
      ${row.maskedNumber ?? null}, ${row.sealed}, ${row.numberHash}, ${row.createdAt}
    where not exists (select 1 from verifications
        where subject = ${row.subject} and kind = ${row.kind} and state in (${states}))`,
  );
}

/** What counts of a subject: what is pending, else what is verified, else what was handed in last. */
export async function findShownVerification(
  { db }: Db,
  subject: string,
  kind: VerificationKind,
): Promise<VerificationRow | null> {
  const [row] = await db
    .select()
    .from(verifications)
    .where(and(eq(verifications.subject, subject), eq(verifications.kind, kind)))
    .orderBy(
      sql`case ${verifications.state} when 'pending' then 0 when 'verified' then 1 else 2 end`,
      desc(verifications.id),
    )
    .limit(1);
  return row ?? null;
}

/** Why the last try after these papers was rejected, where one was. */
export async function findLastRejection(
  { db }: Db,
  { id, subject, kind }: VerificationRow,
): Promise<string | null> {
  const [row] = await db
    .select({ reason: verifications.reason })
    .from(verifications)
    .where(
      and(
        eq(verifications.subject, subject),
        eq(verifications.kind, kind),
        eq(verifications.state, 'rejected'),
        gt(verifications.id, id),
      ),
    )
    .orderBy(desc(verifications.decidedAt), desc(verifications.id))
    .limit(1);
  return row?.reason ?? null;
}

export async function findVerification({ db }: Db, id: string): Promise<VerificationRow | null> {
  const [row] = await db.select().from(verifications).where(eq(verifications.id, id)).limit(1);
  return row ?? null;
}

export async function listVerifications(
  { db }: Db,
  filter: { kind?: VerificationKind; status?: VerificationStatus },
  page: Page,
): Promise<Slice<VerificationRow>> {
  const states: Record<VerificationStatus, State[]> = {
    pending: ['pending'],
    verified: ['verified'],
    rejected: ['rejected', 'revoked', 'superseded'],
  };
  const where = and(
    filter.kind && eq(verifications.kind, filter.kind),
    filter.status && inArray(verifications.state, states[filter.status]),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select()
        .from(verifications)
        .where(where)
        .orderBy(desc(verifications.id))
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(verifications).where(where),
  );
}

/** Everything that a user ever handed in, newest first. */
export function allVerifications({ db }: Db, userId: string): Promise<VerificationRow[]> {
  return db
    .select()
    .from(verifications)
    .where(eq(verifications.userId, userId))
    .orderBy(desc(verifications.id));
}

/** Moves a verification from one state to another; guard it: of two decisions at once one wins. */
export function decideVerification(
  { db }: Db,
  id: string,
  from: State,
  set: Pick<VerificationRow, 'state' | 'decidedAt' | 'decidedBy'> & { reason?: string },
): Statement {
  return db
    .update(verifications)
    .set(set)
    .where(and(eq(verifications.id, id), eq(verifications.state, from)));
}

/** Replaces what a subject has in a state by something newer. */
export function supersedeVerifications(
  { db }: Db,
  subject: string,
  kind: VerificationKind,
  state: 'pending' | 'verified',
  reason: string,
  now: number,
): Statement {
  return db
    .update(verifications)
    .set({ state: 'superseded', reason, decidedAt: now })
    .where(
      and(eq(verifications.subject, subject), eq(verifications.kind, kind), eq(verifications.state, state)),
    );
}

/** Somebody else who is verified with this number, under any pepper that is still read: a condition of writes. */
export function isNumberTaken(kind: VerificationKind, subject: string, hashes: string[]): SQL {
  return sql`select 1 from verifications where ${and(
    eq(verifications.kind, kind),
    eq(verifications.state, 'verified'),
    ne(verifications.subject, subject),
    inArray(verifications.numberHash, hashes),
  )}`;
}

export async function isTakenNow({ db }: Db, condition: SQL): Promise<boolean> {
  return (await db.all(condition)).length > 0;
}

/**
 * Takes everything personal out of what a user handed in, and out of the papers of the company that they own; what is
 * pending is not reviewed any more.
 */
export function eraseVerifications({ db }: Db, userId: string, now: number): Statement {
  return db
    .update(verifications)
    .set({
      state: sql`iif(${verifications.state} = 'pending', 'superseded', ${verifications.state})`,
      decidedAt: sql`coalesce(${verifications.decidedAt}, ${now})`,
      name: null,
      maskedName: null,
      maskedNumber: null,
      sealed: null,
      numberHash: null,
      reason: null,
    })
    .where(
      sql`${verifications.subject} in (select ${userId} union all
        select id from enterprises where owner_id = ${userId})`,
    );
}

/** Rows after an id that are still sealed or hashed under a secret before the current ones. */
export async function findOutdatedSeals(
  { db }: Db,
  current: { sealed: string; hashed: string },
  after: string,
  limit: number,
): Promise<VerificationRow[]> {
  return db
    .select()
    .from(verifications)
    .where(
      and(
        isNotNull(verifications.sealed),
        gt(verifications.id, after),
        sql`(substr(${verifications.sealed}, 1, 8) <> ${current.sealed}
          or substr(${verifications.numberHash}, 1, 8) <> ${current.hashed})`,
      ),
    )
    .orderBy(asc(verifications.id))
    .limit(limit);
}

/** Seals anew what has not been touched since it was read. */
export function resealVerification(
  { db }: Db,
  row: VerificationRow,
  set: { sealed: string; numberHash: string },
): Statement {
  return db
    .update(verifications)
    .set(set)
    .where(and(eq(verifications.id, row.id), eq(verifications.sealed, row.sealed ?? '')));
}
