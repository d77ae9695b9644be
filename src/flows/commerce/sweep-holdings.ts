import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import { findTokenPlan } from '#modules/catalogue/store';
import {
  dueHoldings,
  findHolding,
  type GrantRow,
  type HoldingRow,
  insertEvent,
  setSweep,
} from '#modules/commerce/holding-store';
import { findOrder } from '#modules/commerce/order-store';
import { type Membership, membershipAt } from '#modules/commerce/rules';
import { requestPush } from '#modules/operations/store';
import { FIRST_NOTICE, nextSweepAt, PAYS_AHEAD } from '#programs/token/sweep';
import { drainPushes } from '../quota/push-owner.ts';
import { expiredEvent } from './expired-event.ts';
import { endNotice, expiryMail } from './membership-mails.ts';
import { renewFromWallet, whyNotRenewing } from './renew-automatically.ts';

const BATCH = 50;
/** Of D1's thousand queries an invocation; what is left is due at the next run. */
const MOST_BATCHES = 2;

/**
 * Does what time brings about: notices before an end, renewal from the wallet, the start of a downgrade, and the
 * history of what has ended. Benefits follow from the clock, so a late run takes nothing from anybody. Resumable: what
 * is done is no longer due, and one that fails keeps no other waiting.
 *
 * @returns how many memberships expired
 */
export async function sweepHoldings(ctx: Ctx): Promise<number> {
  const seen = new Set<string>();
  let expired = 0;
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const due = (await dueHoldings(ctx, ctx.now, BATCH + seen.size)).filter(
      ({ owner, program }) => !seen.has(`${owner}:${program}`),
    );
    for (const holding of due) {
      seen.add(`${holding.owner}:${holding.program}`);
      try {
        expired += (await sweep(ctx, holding)) ? 1 : 0;
      } catch (error) {
        ctx.log.error('sweep.failed', error, { owner: holding.owner, program: holding.program });
      }
    }
    if (due.length < BATCH) break;
  }
  await drainPushes(ctx, BATCH * MOST_BATCHES);
  return expired;
}

/** Whether the membership was found to have ended. */
async function sweep(ctx: Ctx, holding: HoldingRow): Promise<boolean> {
  const { grants } = await findHolding(ctx, holding.owner, holding.program);
  const held = membershipAt(grants, false, ctx.now);
  await noteDowngrade(ctx, holding, held);
  if (held.status === 'expired' && held.current && held.endsAt !== null) {
    return expire(ctx, holding, held, held.current, held.endsAt);
  }
  if (held.endsAt !== null && held.current && held.endsAt - ctx.now <= PAYS_AHEAD) {
    if (await renewFromWallet(ctx, holding, held.current, held.endsAt)) return false;
    await endNotice(ctx, held.current, held.endsAt, 1, await whyNotRenewing(ctx, holding, held.current));
  } else if (held.endsAt !== null && held.current && held.endsAt - ctx.now <= FIRST_NOTICE) {
    await endNotice(ctx, held.current, held.endsAt, 7, await whyNotRenewing(ctx, holding, held.current));
  }
  const renews = holding.autoRenew || holding.scheduledProductId !== null;
  await commit(ctx, [setSweep(ctx, holding, nextSweepAt(grants, renews, ctx.now), ctx.now)]);
  return false;
}

/** A downgrade was paid before; its event is written when it starts, once. */
async function noteDowngrade(
  ctx: Ctx,
  { owner, program }: HoldingRow,
  { current }: Membership<GrantRow>,
): Promise<void> {
  const order = current?.orderId ? await findOrder(ctx, current.orderId) : null;
  if (!current || order?.kind !== 'downgrade') return;
  await commit(ctx, [
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner,
      program,
      action: 'downgrade',
      reference: order.id,
      productId: current.productId,
      productName: order.snapshot.productName,
      period: current.period,
      amount: order.paidAmount,
      originalAmount: order.originalAmount,
      startedAt: current.fromAt,
      endsAt: current.untilAt,
      orderId: order.id,
      createdAt: current.fromAt,
    }),
  ]);
}

async function expire(
  ctx: Ctx,
  holding: HoldingRow,
  held: Membership<GrantRow>,
  current: GrantRow,
  endsAt: number,
): Promise<boolean> {
  const plan = await findTokenPlan(ctx, current.productId);
  const name = plan?.name ?? current.productId;
  try {
    await commit(ctx, [
      setSweep(ctx, holding, null, ctx.now),
      guard(ctx, 'membership_changed'),
      insertEvent(ctx, expiredEvent(ctx, current, held.startedAt, endsAt, name)),
      ...(await expiryMail(ctx, current, endsAt, name)),
      requestPush(ctx, holding.owner, ctx.now),
    ]);
    return true;
  } catch (error) {
    // Another run, or a renewal, came first: nothing is owed any more.
    if (hasCode(error, 'membership_changed')) return false;
    throw error;
  }
}
