import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { findTokenPlan } from '#modules/catalogue/store';
import { type GrantRow, insertEvent } from '#modules/commerce/holding-store';
import { findOpenOrder } from '#modules/commerce/order-store';
import { membershipAt } from '#modules/commerce/rules';
import type { GrantState } from '#modules/commerce/types';
import { applied, paused, unpaused } from '#programs/changes';
import { closing } from './closing.ts';
import { endAttempts } from './end-attempts.ts';
import { changeGrants, heldBy } from './grant-changes.ts';

/** A personal membership waits from joining an enterprise on; an open order of it closes. For a batch. */
export async function pausing(ctx: Ctx, userId: string): Promise<Statement[]> {
  const open = await findOpenOrder(ctx, userId, 'token');
  if (open) await endAttempts(ctx, open);
  const held = await heldBy(ctx, userId, 'token');
  const { status, current } = membershipAt(held.grants, false, ctx.now);
  return [
    ...(open ? closing(ctx, open, 'changed') : []),
    ...(status === 'active' && current
      ? [
          ...changeGrants(ctx, held, paused(held.grants, ctx.now), { source: current.source }),
          ...(await event(ctx, 'pause', current, held.grants)),
        ]
      : []),
  ];
}

/** … and goes on from leaving it, as much later. For a batch. */
export async function unpausing(ctx: Ctx, userId: string): Promise<Statement[]> {
  const held = await heldBy(ctx, userId, 'token');
  const waiting = held.grants.find(({ pausedAt }) => pausedAt !== null);
  if (!waiting) return [];
  const change = unpaused(held.grants, ctx.now);
  return [
    ...changeGrants(ctx, held, change, { source: waiting.source }),
    ...(await event(ctx, 'unpause', waiting, applied(held.grants, change))),
  ];
}

async function event(
  ctx: Ctx,
  action: 'pause' | 'unpause',
  grant: GrantRow,
  grants: readonly GrantState[],
): Promise<Statement[]> {
  const plan = await findTokenPlan(ctx, grant.productId);
  const { startedAt, endsAt } = membershipAt(grants, false, ctx.now);
  return [
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner: grant.owner,
      program: 'token',
      action,
      reference: `${grant.id}:${ctx.now}`,
      productId: grant.productId,
      productName: plan?.name ?? grant.productId,
      period: grant.period,
      startedAt: startedAt ?? grant.fromAt,
      endsAt,
      createdAt: ctx.now,
    }),
  ];
}
