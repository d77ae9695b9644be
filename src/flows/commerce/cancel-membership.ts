import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode } from '#kernel/errors';
import { findTokenPlan } from '#modules/catalogue/store';
import {
  cancelHolding,
  findHolding,
  type GrantRow,
  type HoldingRow,
  insertEvent,
} from '#modules/commerce/holding-store';
import { lastSecondOf, membershipAt } from '#modules/commerce/rules';
import { requireAct } from '#modules/enterprise/acting';

export interface Cancellation {
  /** The last second of the benefits; null = for ever. */
  validUntil: number | null;
}

/** Stops the automatic renewal; benefits stay to the end (seed 000 §8.5). Twice gives the same answer. */
export async function cancelMembership(ctx: Ctx, reason: string | null): Promise<Cancellation> {
  const owner = requireHolder(ctx);
  const { holding, grants } = await findHolding(ctx, owner, 'token');
  const { status, current, startedAt, endsAt } = membershipAt(grants, false, ctx.now);
  if (!holding || status !== 'active' || !current) throw new AppError('membership_none');
  if (holding.cancelledAt === null) await cancel(ctx, holding, current, startedAt, endsAt, reason);
  return { validUntil: endsAt === null ? null : lastSecondOf(endsAt) };
}

/** Whose membership the caller decides about: their enterprise's as somebody who buys for it, else their own. */
function requireHolder(ctx: Ctx): string {
  const person = requirePerson(ctx.actor);
  return person.enterprise ? requireAct(person, 'plan.buy').enterprise.id : person.userId;
}

/** Of two at once one writes the event; the other finds it done. */
async function cancel(
  ctx: Ctx,
  { owner, program, version }: HoldingRow,
  current: GrantRow,
  startedAt: number | null,
  endsAt: number | null,
  reason: string | null,
): Promise<void> {
  const plan = await findTokenPlan(ctx, current.productId);
  try {
    await commit(ctx, [
      cancelHolding(ctx, owner, program, ctx.now),
      guard(ctx, 'membership_changed'),
      insertEvent(ctx, {
        id: ctx.ids.next('mh', ctx.now),
        owner,
        program,
        action: 'cancel',
        // It can be cancelled again after a resume, so the time is part of what makes the event one.
        reference: `${version}:${ctx.now}`,
        productId: current.productId,
        productName: plan?.name ?? current.productId,
        period: current.period,
        startedAt: startedAt ?? current.fromAt,
        endsAt,
        reason,
        createdAt: ctx.now,
      }),
    ]);
  } catch (error) {
    if (!hasCode(error, 'membership_changed')) throw error;
  }
}
