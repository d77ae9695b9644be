import { and, count, desc, eq, gt, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { enterpriseInvitations } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

export type InvitationRow = typeof enterpriseInvitations.$inferSelect;

const isOpen = (now: number) =>
  and(eq(enterpriseInvitations.state, 'open'), gt(enterpriseInvitations.expiresAt, now));

/** An open invitation of this address makes way for a new one. */
export function replaceInvitation(
  { db }: Db,
  enterpriseId: string,
  emailKey: string,
  now: number,
): Statement {
  return db
    .update(enterpriseInvitations)
    .set({ state: 'replaced', endedAt: now })
    .where(
      and(
        eq(enterpriseInvitations.enterpriseId, enterpriseId),
        eq(enterpriseInvitations.emailKey, emailKey),
        eq(enterpriseInvitations.state, 'open'),
      ),
    );
}

/**
 * Takes a seat for somebody who is invited; guard it (`seats_full`). Members and open invitations sit, the owner
 * does not. A condition of the write: two at once cannot both have the last one.
 */
export function insertInvitation(
  { db }: Db,
  row: typeof enterpriseInvitations.$inferInsert,
  seats: number,
): Statement {
  const { id, enterpriseId, email, emailKey, role, tokenHash, invitedBy, createdAt, expiresAt } = row;
  return rawStatement(
    db,
    sql`
    insert into enterprise_invitations (id, enterprise_id, email, email_key, role, token_hash, invited_by,
      created_at, expires_at)
    select ${id}, ${enterpriseId}, ${email}, ${emailKey}, ${role}, ${tokenHash}, ${invitedBy}, ${createdAt},
      ${expiresAt}
    where (select count(*) from enterprise_members m join enterprises e on e.id = m.enterprise_id
        where m.enterprise_id = ${enterpriseId} and m.left_at is null and m.user_id <> e.owner_id)
      + (select count(*) from enterprise_invitations
        where enterprise_id = ${enterpriseId} and state = 'open' and expires_at > ${createdAt}) < ${seats}`,
  );
}

/** Somebody with this address who belongs to an enterprise already: a condition of an invitation. */
export function isMemberByEmail(emailKey: string): SQL {
  return sql`select 1 from users join enterprise_members on enterprise_members.user_id = users.id
    where users.email_key = ${emailKey} and enterprise_members.left_at is null`;
}

export async function findInvitationByToken({ db }: Db, hashes: string[]): Promise<InvitationRow | null> {
  const [row] = await db
    .select()
    .from(enterpriseInvitations)
    .where(inArray(enterpriseInvitations.tokenHash, hashes))
    .limit(1);
  return row ?? null;
}

export async function findInvitation(
  { db }: Db,
  enterpriseId: string,
  id: string,
): Promise<InvitationRow | null> {
  const [row] = await db
    .select()
    .from(enterpriseInvitations)
    .where(and(eq(enterpriseInvitations.id, id), eq(enterpriseInvitations.enterpriseId, enterpriseId)))
    .limit(1);
  return row ?? null;
}

/** Invitations that can still be accepted, newest first. */
export function listOpenInvitations(
  { db }: Db,
  enterpriseId: string,
  now: number,
  page: Page,
): Promise<Slice<InvitationRow>> {
  const where = and(eq(enterpriseInvitations.enterpriseId, enterpriseId), isOpen(now));
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select()
        .from(enterpriseInvitations)
        .where(where)
        .orderBy(desc(enterpriseInvitations.id))
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(enterpriseInvitations).where(where),
  );
}

/** Uses an invitation that is open up, for whoever has its address now; guard it: it works once. */
export function acceptInvitation({ db }: Db, id: string, userId: string, now: number): Statement {
  return db
    .update(enterpriseInvitations)
    .set({ state: 'accepted', endedAt: now })
    .where(
      and(
        eq(enterpriseInvitations.id, id),
        isOpen(now),
        sql`${enterpriseInvitations.emailKey} = (select email_key from users
          where users.id = ${userId} and users.status = 'active')`,
      ),
    );
}

/** Takes an invitation that is open back; guard it: of accept and revoke at once one wins. */
export function revokeInvitation({ db }: Db, id: string, now: number): Statement {
  return db
    .update(enterpriseInvitations)
    .set({ state: 'revoked', endedAt: now })
    .where(and(eq(enterpriseInvitations.id, id), isOpen(now)));
}

/** What somebody who manages no more has invited others to manage is taken back. */
export function revokeAdminInvitationsBy(
  { db }: Db,
  enterpriseId: string,
  userId: string,
  now: number,
): Statement {
  return db
    .update(enterpriseInvitations)
    .set({ state: 'revoked', endedAt: now })
    .where(
      and(
        eq(enterpriseInvitations.enterpriseId, enterpriseId),
        eq(enterpriseInvitations.invitedBy, userId),
        eq(enterpriseInvitations.role, 'admin'),
        eq(enterpriseInvitations.state, 'open'),
      ),
    );
}

/** Revokes what the company of an owner who goes has open. */
export function revokeInvitations({ db }: Db, ownerId: string, now: number): Statement {
  return db
    .update(enterpriseInvitations)
    .set({ state: 'revoked', endedAt: now })
    .where(
      and(
        sql`${enterpriseInvitations.enterpriseId} in (select id from enterprises where owner_id = ${ownerId})`,
        eq(enterpriseInvitations.state, 'open'),
      ),
    );
}

/** Takes the addresses out of invitations that ended or ran out before this time: nobody needs them any more. */
export function eraseOldInvitations({ db }: Db, before: number): Statement {
  return db
    .update(enterpriseInvitations)
    .set({ email: '', emailKey: sql`${enterpriseInvitations.id}` })
    .where(
      and(
        sql`coalesce(${enterpriseInvitations.endedAt}, ${enterpriseInvitations.expiresAt}) <= ${before}`,
        ne(enterpriseInvitations.email, ''),
      ),
    );
}

/** Takes an address out of every invitation: whoever had it is gone. */
export function eraseInvitations({ db }: Db, emailKey: string, now: number): Statement {
  return db
    .update(enterpriseInvitations)
    .set({
      email: '',
      emailKey: sql`${enterpriseInvitations.id}`,
      state: sql`iif(${enterpriseInvitations.state} = 'open', 'revoked', ${enterpriseInvitations.state})`,
      endedAt: sql`coalesce(${enterpriseInvitations.endedAt}, ${now})`,
    })
    .where(eq(enterpriseInvitations.emailKey, emailKey));
}
