import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import { findUserById } from '#modules/accounts/store';
import { findTokenPlan } from '#modules/catalogue/store';
import {
  dueHoldings,
  findHolding,
  type GrantRow,
  type HoldingRow,
  insertEvent,
  setSweep,
} from '#modules/commerce/holding-store';
import { type Membership, membershipAt } from '#modules/commerce/rules';
import { queueMail } from '#modules/operations/queue-mail';
import { requestPush } from '#modules/operations/store';
import { drainPushes } from '../quota/push-owner.ts';
import { expiredEvent } from './expired-event.ts';

const BATCH = 50;
/** Of D1's thousand queries an invocation; what is left is due at the next run. */
const MOST_BATCHES = 2;

/**
 * Writes the history of what has ended: the event, a mail, a push. Benefits ended by the clock already, so a
 * late run takes nothing from anybody. Resumable: each holding is one guarded batch, what is done is no longer
 * due, and one that fails keeps no other waiting.
 */
export async function expireHoldings(ctx: Ctx): Promise<number> {
  const seen = new Set<string>();
  let expired = 0;
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const due = (await dueHoldings(ctx, ctx.now, BATCH + seen.size)).filter(
      ({ owner, program }) => !seen.has(`${owner}:${program}`),
    );
    for (const holding of due) {
      seen.add(`${holding.owner}:${holding.program}`);
      try {
        expired += (await expire(ctx, holding)) ? 1 : 0;
      } catch (error) {
        ctx.log.error('expiry.failed', error, { owner: holding.owner, program: holding.program });
      }
    }
    if (due.length < BATCH) break;
  }
  await drainPushes(ctx, BATCH * MOST_BATCHES);
  return expired;
}

async function expire(ctx: Ctx, holding: HoldingRow): Promise<boolean> {
  const { owner, program } = holding;
  const { grants } = await findHolding(ctx, owner, program);
  const held = membershipAt(grants, false, ctx.now);
  const { status, current, endsAt } = held;
  if (status !== 'expired' || !current || endsAt === null) {
    // Renewed meanwhile, or given for ever: look again at its end.
    await commit(ctx, [setSweep(ctx, holding, endsAt, ctx.now)]);
    return false;
  }
  try {
    await commit(ctx, [
      setSweep(ctx, holding, null, ctx.now),
      guard(ctx, 'membership_changed'),
      ...(await history(ctx, held, current, endsAt)),
      requestPush(ctx, owner, ctx.now),
    ]);
    return true;
  } catch (error) {
    // Another run, or a renewal, came first: nothing is owed any more.
    if (hasCode(error, 'membership_changed')) return false;
    throw error;
  }
}

async function history(ctx: Ctx, held: Membership<GrantRow>, current: GrantRow, endsAt: number) {
  const plan = await findTokenPlan(ctx, current.productId);
  const [user] = await findUserById(ctx, current.owner);
  const name = plan?.name ?? current.productId;
  const mail = {
    id: `mail_expired_${current.owner}_${current.program}_${endsAt}`,
    template: 'membership_expired',
    parameters: { plan: name, ended: new Date(endsAt).toISOString().slice(0, 10) },
  };
  return [
    insertEvent(ctx, expiredEvent(ctx, current, held.startedAt, endsAt, name)),
    ...(user?.email ? await queueMail(ctx, { ...mail, to: user.email, userId: user.id }) : []),
  ];
}
