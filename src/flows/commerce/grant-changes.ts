import { guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Program } from '#kernel/programs';
import {
  advanceHolding,
  findHolding,
  type GrantRow,
  type HoldingRow,
  insertGrant,
  updateGrants,
} from '#modules/commerce/holding-store';
import type { GrantChange } from '#modules/commerce/types';
import { requestPush } from '#modules/operations/store';
import { applied } from '#programs/changes';
import { nextSweepAt } from '#programs/sweep';

/** What is held, as it was read. */
export interface Held {
  owner: string;
  program: Program;
  holding: HoldingRow | null;
  grants: GrantRow[];
}

/** What an owner holds in a program. */
export async function heldBy(ctx: Ctx, owner: string, program: Program): Promise<Held> {
  return { owner, program, ...(await findHolding(ctx, owner, program)) };
}

/**
 * Writes a change of grants: the holding's version moves from the one that was read (else `membership_changed`), the
 * sweep is told, the owner's object is to be pushed.
 */
export function changeGrants(
  ctx: Ctx,
  { owner, program, holding, grants }: Held,
  change: GrantChange,
  with_: {
    /** The version that the change was computed for; the one that was read where left out. */
    version?: number;
    source: GrantRow['source'];
    autoRenew?: boolean;
    unschedule?: boolean;
  },
): Statement[] {
  const { version = holding?.version ?? 0, source, autoRenew, unschedule } = with_;
  const renews =
    (autoRenew ?? holding?.autoRenew ?? false) || (!unschedule && holding?.scheduledProductId != null);
  return [
    advanceHolding(ctx, {
      owner,
      program,
      version,
      autoRenew,
      unschedule,
      sweepAt: nextSweepAt(applied(grants, change), renews, ctx.now),
      now: ctx.now,
    }),
    guard(ctx, 'membership_changed'),
    ...updateGrants(ctx, change.update),
    ...change.insert.map((grant) =>
      insertGrant(ctx, {
        ...grant,
        id: ctx.ids.next('gr', ctx.now),
        owner,
        program,
        source: grant.source ?? source,
        createdAt: ctx.now,
      }),
    ),
    // Nothing but token plans means anything to a quota object.
    ...(program === 'token' ? [requestPush(ctx, owner, ctx.now)] : []),
  ];
}
