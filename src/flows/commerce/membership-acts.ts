import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode } from '#kernel/errors';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { findTokenPlan } from '#modules/catalogue/store';
import {
  cancelHolding,
  findHolding,
  type GrantRow,
  type HoldingRow,
  insertEvent,
  isCancelled,
  resumeHolding,
} from '#modules/commerce/holding-store';
import type { OrderRow } from '#modules/commerce/order-store';
import { followingOf, lastOf, lastSecondOf, type Membership, membershipAt } from '#modules/commerce/rules';
import { requireAct } from '#modules/enterprise/acting';
import { nextSweepAt } from '#programs/sweep';
import { buyerOf, placeOrder } from './place-order.ts';
import { tokenSale } from './sale.ts';
import { unschedule } from './subscribe.ts';

export const RenewInput = z.object({
  period: z.enum(['monthly', 'yearly']),
  voucher_id: z.string().min(1).max(64).nullish(),
});

/** What somebody decides about: their enterprise's membership as one who buys for it, else their own. */
async function requireHeld(ctx: Ctx) {
  const person = requirePerson(ctx.actor);
  const owner = person.enterprise ? requireAct(person, 'plan.buy').enterprise.id : person.userId;
  const { holding, grants } = await findHolding(ctx, owner, 'token');
  return { person, owner, holding, grants, membership: membershipAt(grants, false, ctx.now) };
}

/** Orders another period of the plan that is held, or was last (seed 000 §8.4). */
export async function renewMembership(ctx: Ctx, input: z.infer<typeof RenewInput>): Promise<OrderRow> {
  const { person, owner, grants } = await requireHeld(ctx);
  const last = lastOf(grants, ctx.now);
  if (!last || last.productId === FREE_PLAN_ID) throw new AppError('membership_none');
  const plan = await findTokenPlan(ctx, last.productId);
  if (plan?.status !== 'active') throw new AppError('plan_disabled');
  buyerOf(person, plan.audience);
  return placeOrder(ctx, tokenSale(plan, input.period), owner, {
    autoRenew: false,
    renews: true,
    voucherId: input.voucher_id ?? null,
  });
}

/**
 * Stops the automatic renewal and whatever was to follow unpaid; benefits stay to the end (seed 000 §8.5). Twice gives
 * the same answer.
 *
 * @returns the last second of the benefits; null = for ever
 */
export async function cancelMembership(ctx: Ctx, reason: string | null): Promise<number | null> {
  const { holding, membership } = await requireHeld(ctx);
  const { status, endsAt } = membership;
  if (!holding || status !== 'active') throw new AppError('membership_none');
  if (!isCancelled(holding)) await cancel(ctx, holding, membership, reason);
  return endsAt === null ? null : lastSecondOf(endsAt);
}

/** Of two at once one writes the event; the other finds it done. */
async function cancel(
  ctx: Ctx,
  { owner, program, version }: HoldingRow,
  { current, startedAt, endsAt }: Membership<GrantRow>,
  reason: string | null,
): Promise<void> {
  if (!current) return;
  const plan = await findTokenPlan(ctx, current.productId);
  try {
    await commit(
      ctx,
      [
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
      ],
      actedFor(owner, 'membership_cancelled'),
    );
  } catch (error) {
    if (!hasCode(error, 'membership_changed')) throw error;
  }
}

/** Wants it to renew by itself (again); in the audit log and not in the history. */
export async function resumeMembership(ctx: Ctx): Promise<number | null> {
  const { holding, grants, membership } = await requireHeld(ctx);
  const { status, endsAt } = membership;
  if (!holding || status !== 'active') throw new AppError('membership_none');
  const sweepAt = nextSweepAt(grants, true, ctx.now);
  await commit(
    ctx,
    [resumeHolding(ctx, holding, sweepAt, ctx.now), guard(ctx, 'membership_changed')],
    actedFor(holding.owner, 'membership_resumed') ?? {
      action: 'membership.resumed',
      target: holding.owner,
    },
  );
  return endsAt === null ? null : lastSecondOf(endsAt);
}

/** Drops the cheaper plan that was to follow. */
export async function dropScheduled(ctx: Ctx): Promise<void> {
  const { holding, grants } = await requireHeld(ctx);
  await unschedule(ctx, holding, followingOf(grants, ctx.now));
}

function actedFor(owner: string, action: string) {
  return owner.startsWith('ent_') ? { action: `enterprise.${action}`, target: owner } : undefined;
}
