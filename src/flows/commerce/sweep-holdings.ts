import { commit, guard } from '#db/commit';
import { HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import { findProduct } from '#modules/catalogue/store';
import {
  dueHoldings,
  endHolding,
  findHolding,
  type GrantRow,
  type HoldingRow,
  insertEvent,
  setSweep,
} from '#modules/commerce/holding-store';
import { type Membership, membershipAt } from '#modules/commerce/rules';
import { requestPush } from '#modules/operations/store';
import { FIRST_NOTICE, nextSweepAt, PAYS_AHEAD } from '#programs/sweep';
import { drainPushes } from '../quota/push-owner.ts';
import { expiredEvent } from './expired-event.ts';
import { endNotice, expiryMail } from './membership-mails.ts';
import { renewFromWallet, whyNotRenewing } from './renew-automatically.ts';
import { startedDowngrade } from './started-downgrade.ts';

const BATCH = 25;
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
        // It is looked at again, but stands in nobody's way.
        await commit(ctx, [setSweep(ctx, holding, ctx.now + HOUR, ctx.now)]).catch(() => {});
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
  await commit(ctx, await startedDowngrade(ctx, held.current));
  if (held.status === 'expired' && held.current && held.endsAt !== null) {
    return expire(ctx, holding, held, held.current, held.endsAt);
  }
  if (held.endsAt !== null && held.current && held.endsAt - ctx.now <= PAYS_AHEAD) {
    if (await renewFromWallet(ctx, holding, grants, held.endsAt)) return false;
    await endNotice(ctx, held.current, held.endsAt, 1, await whyNotRenewing(ctx, holding, grants));
  } else if (held.endsAt !== null && held.current && held.endsAt - ctx.now <= FIRST_NOTICE) {
    await endNotice(ctx, held.current, held.endsAt, 7, await whyNotRenewing(ctx, holding, grants));
  }
  const renews = holding.autoRenew || holding.scheduledProductId !== null;
  await commit(ctx, [setSweep(ctx, holding, nextSweepAt(grants, renews, ctx.now), ctx.now)]);
  return false;
}

async function expire(
  ctx: Ctx,
  holding: HoldingRow,
  held: Membership<GrantRow>,
  current: GrantRow,
  endsAt: number,
): Promise<boolean> {
  const plan = await findProduct(ctx, current.productId);
  const name = plan?.name ?? current.productId;
  try {
    await commit(ctx, [
      endHolding(ctx, holding, ctx.now),
      guard(ctx, 'membership_changed'),
      insertEvent(ctx, expiredEvent(ctx, current, held.startedAt, endsAt, name)),
      ...(await expiryMail(ctx, current, endsAt, name)),
      ...(holding.program === 'token' ? [requestPush(ctx, holding.owner, ctx.now)] : []),
    ]);
    return true;
  } catch (error) {
    // Another run, or a renewal, came first: nothing is owed any more.
    if (hasCode(error, 'membership_changed')) return false;
    throw error;
  }
}
