import { and, asc, count, desc, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import type { Program } from '#kernel/programs';
import { tokenPlans } from '#modules/catalogue/tables';
import { grants, holdingEvents, holdings } from './tables.ts';
import type { GrantUpdate } from './types.ts';

type Db = Pick<Ctx, 'db'>;

export type GrantRow = typeof grants.$inferSelect;
export type HoldingRow = typeof holdings.$inferSelect;
export type EventRow = typeof holdingEvents.$inferSelect;

/** A holding, if there ever was one; for a batch. */
export function selectHolding({ db }: Db, owner: string, program: Program) {
  return db
    .select()
    .from(holdings)
    .where(and(eq(holdings.owner, owner), eq(holdings.program, program)));
}

/** All that was ever granted and not voided, oldest first; for a batch. */
export function selectGrants({ db }: Db, owner: string, program: Program) {
  return db
    .select()
    .from(grants)
    .where(and(eq(grants.owner, owner), eq(grants.program, program), isNull(grants.voidedAt)))
    .orderBy(asc(grants.fromAt));
}

/** Finds something where an owner was given a product for nothing before, whatever became of it: for `abortIf`. */
export function hasFreeGrant(owner: string, productId: string): SQL {
  return sql`select 1 from grants where owner = ${owner} and product_id = ${productId} and source = 'free'`;
}

/** Whether an owner was given a product for nothing before. */
export async function hadFree({ db }: Db, owner: string, productId: string): Promise<boolean> {
  return (await db.all(hasFreeGrant(owner, productId))).length > 0;
}

/** {@link selectGrants} of whoever a user draws on: their enterprise, else themselves. */
export function selectGrantsOfUser({ db }: Db, userId: string, program: Program) {
  const owner = sql`coalesce((select enterprise_id from enterprise_members
    where user_id = ${userId} and left_at is null), ${userId})`;
  return db
    .select()
    .from(grants)
    .where(and(eq(grants.owner, owner), eq(grants.program, program), isNull(grants.voidedAt)))
    .orderBy(asc(grants.fromAt));
}

/** What an owner holds in a program, in one D1 call. */
export async function findHolding(
  ctx: Db,
  owner: string,
  program: Program,
): Promise<{ holding: HoldingRow | null; grants: GrantRow[] }> {
  const [held, granted] = await ctx.db.batch([
    selectHolding(ctx, owner, program),
    selectGrants(ctx, owner, program),
  ]);
  return { holding: held[0] ?? null, grants: granted };
}

/** Writes what changes of grants that are there. */
export function updateGrants({ db }: Db, updates: GrantUpdate[]): Statement[] {
  return updates.map(({ id, ...set }) => db.update(grants).set(set).where(eq(grants.id, id)));
}

export function insertGrant({ db }: Db, row: typeof grants.$inferInsert): Statement {
  return db.insert(grants).values(row);
}

/**
 * Moves a holding to its next version, or makes it at version 1. Guard it: nothing changes where the version
 * is not `version` any more, which means that grants changed since it was read.
 */
export function advanceHolding(
  { db }: Db,
  row: {
    owner: string;
    program: Program;
    version: number;
    autoRenew?: boolean;
    /** A plan that was to follow does so no more. */
    unschedule?: boolean;
    sweepAt: number | null;
    now: number;
  },
): Statement {
  const { owner, program, version, autoRenew, unschedule, sweepAt, now } = row;
  if (version === 0) {
    return db
      .insert(holdings)
      .values({
        owner,
        program,
        version: 1,
        autoRenew: autoRenew ?? false,
        sweepAt,
        createdAt: now,
        updatedAt: now,
      })
      .onConflictDoNothing();
  }
  return db
    .update(holdings)
    .set({
      version: version + 1,
      sweepAt,
      updatedAt: now,
      ...(autoRenew === undefined ? {} : { autoRenew, cancelledAt: null }),
      ...(unschedule ? { scheduledProductId: null, scheduledPeriod: null } : {}),
    })
    .where(and(eq(holdings.owner, owner), eq(holdings.program, program), eq(holdings.version, version)));
}

/** Stops the automatic renewal and what was to follow, once; guard it. Grants and version stay as they are. */
export function cancelHolding({ db }: Db, owner: string, program: Program, now: number): Statement {
  return db
    .update(holdings)
    .set({
      autoRenew: false,
      cancelledAt: now,
      scheduledProductId: null,
      scheduledPeriod: null,
      updatedAt: now,
    })
    .where(
      and(
        eq(holdings.owner, owner),
        eq(holdings.program, program),
        or(
          isNull(holdings.cancelledAt),
          eq(holdings.autoRenew, true),
          isNotNull(holdings.scheduledProductId),
        ),
      ),
    );
}

/** Whether nothing follows any more by a holder's wish. */
export function isCancelled(holding: HoldingRow): boolean {
  return holding.cancelledAt !== null && !holding.autoRenew && holding.scheduledProductId === null;
}

/** Ends a holding's sweeps and everything that was to follow, while its grants are as they were read; guard it. */
export function endHolding({ db }: Db, holding: HoldingRow, now: number): Statement {
  return db
    .update(holdings)
    .set({
      sweepAt: null,
      autoRenew: false,
      scheduledProductId: null,
      scheduledPeriod: null,
      updatedAt: now,
    })
    .where(and(isStillAt(holding), isNotNull(holdings.sweepAt)));
}

/** Wants a holding to renew (again); the sweep comes by at `sweepAt`. Grants and version stay as they are. */
export function resumeHolding(
  { db }: Db,
  holding: HoldingRow,
  sweepAt: number | null,
  now: number,
): Statement {
  return db
    .update(holdings)
    .set({ autoRenew: true, cancelledAt: null, sweepAt, updatedAt: now })
    .where(isStillAt(holding));
}

/** Sets (or drops) the plan that follows at the end, while grants are as they were read; guard it. */
export function scheduleHolding(
  { db }: Db,
  holding: HoldingRow,
  scheduled: { productId: string; period: string } | null,
  sweepAt: number | null,
  now: number,
): Statement {
  return db
    .update(holdings)
    .set({
      scheduledProductId: scheduled?.productId ?? null,
      scheduledPeriod: scheduled?.period ?? null,
      sweepAt,
      updatedAt: now,
    })
    .where(isStillAt(holding));
}

function isStillAt({ owner, program, version }: HoldingRow) {
  return and(eq(holdings.owner, owner), eq(holdings.program, program), eq(holdings.version, version));
}

/** Stops every automatic renewal of a user and of the company that they own. */
export function stopRenewals({ db }: Db, userId: string, now: number): Statement {
  return db
    .update(holdings)
    .set({ autoRenew: false, scheduledProductId: null, scheduledPeriod: null, updatedAt: now })
    .where(
      sql`${holdings.owner} in (select ${userId} union all select id from enterprises where owner_id = ${userId})`,
    );
}

/** When the sweep must look at a holding again, while its grants are as they were read; guard it where it matters. */
export function setSweep({ db }: Db, holding: HoldingRow, sweepAt: number | null, now: number): Statement {
  return db
    .update(holdings)
    .set({ sweepAt, updatedAt: now })
    .where(and(isStillAt(holding), isNotNull(holdings.sweepAt)));
}

/** Holdings that the sweep must look at, the longest due first. Reads an index of what is due only. */
export async function dueHoldings({ db }: Db, now: number, limit: number): Promise<HoldingRow[]> {
  return db
    .select()
    .from(holdings)
    .where(and(isNotNull(holdings.sweepAt), lte(holdings.sweepAt, now)))
    .orderBy(asc(holdings.sweepAt))
    .limit(limit);
}

/** Appends to the history; the same action with the same reference is written once. */
export function insertEvent({ db }: Db, row: typeof holdingEvents.$inferInsert): Statement {
  return db.insert(holdingEvents).values(row).onConflictDoNothing();
}

export async function listEvents(
  { db }: Db,
  owner: string,
  program: Program,
  page: Page,
): Promise<Slice<EventRow>> {
  const where = and(eq(holdingEvents.owner, owner), eq(holdingEvents.program, program));
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select()
        .from(holdingEvents)
        .where(where)
        .orderBy(desc(holdingEvents.id))
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(holdingEvents).where(where),
  );
}

/** Grants of a program that touch the present or the future, with the benefits of their plans; for a batch. */
export function selectGrantsWithBenefits({ db }: Db, owner: string, program: Program, now: number) {
  return db
    .select({ fromAt: grants.fromAt, untilAt: grants.untilAt, benefits: tokenPlans.benefits })
    .from(grants)
    .innerJoin(tokenPlans, eq(tokenPlans.productId, grants.productId))
    .where(
      and(
        eq(grants.owner, owner),
        eq(grants.program, program),
        isNull(grants.voidedAt),
        isNull(grants.pausedAt),
        or(isNull(grants.untilAt), gt(grants.untilAt, now)),
      ),
    )
    .orderBy(asc(grants.fromAt), asc(grants.createdAt));
}

/** Everything that ever happened to an owner's holdings, newest first. */
export function allEvents({ db }: Db, owner: string): Promise<EventRow[]> {
  return db
    .select()
    .from(holdingEvents)
    .where(eq(holdingEvents.owner, owner))
    .orderBy(desc(holdingEvents.id));
}

/** Everything that was ever granted to an owner, newest first. */
export function allGrants({ db }: Db, owner: string): Promise<GrantRow[]> {
  return db.select().from(grants).where(eq(grants.owner, owner)).orderBy(desc(grants.id));
}
