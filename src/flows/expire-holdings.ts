import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findUserById } from '#modules/accounts/store';
import { findTokenPlan } from '#modules/catalogue/store';
import {
  dueHoldings,
  findHolding,
  type HoldingRow,
  insertEvent,
  settleSweep,
} from '#modules/commerce/holding-store';
import { membershipAt } from '#modules/commerce/rules';
import { queueMail } from '#modules/operations/queue-mail';
import { requestPush } from '#modules/operations/store';
import { drainPushes } from './push-owner.ts';

const BATCH = 100;

/**
 * Writes the history of what has ended: the event, a mail, a push. Benefits ended by the clock already, so a
 * late run takes nothing from anybody. Resumable: each holding is one batch, guarded, and what is done is no
 * longer due.
 */
export async function expireHoldings(ctx: Ctx): Promise<number> {
  let expired = 0;
  for (let due = await dueHoldings(ctx, ctx.now, BATCH); due.length > 0; ) {
    for (const holding of due) expired += (await expire(ctx, holding)) ? 1 : 0;
    if (due.length < BATCH) break;
    due = await dueHoldings(ctx, ctx.now, BATCH);
  }
  await drainPushes(ctx, BATCH);
  return expired;
}

async function expire(ctx: Ctx, holding: HoldingRow): Promise<boolean> {
  const { owner, program } = holding;
  const { grants } = await findHolding(ctx, owner, program);
  const { status, current, startedAt, endsAt } = membershipAt(grants, false, ctx.now);
  if (status !== 'expired' || !current || endsAt === null) {
    ctx.log.error('expiry.not_due', new Error('a holding was due that has not ended'), {
      owner,
      program,
      status,
    });
    await commit(ctx, [settleSweep(ctx, holding, ctx.now)]);
    return false;
  }
  const plan = await findTokenPlan(ctx, current.productId);
  const [user] = await findUserById(ctx, owner);
  const planName = plan?.name ?? current.productId;
  try {
    await commit(ctx, [
      settleSweep(ctx, holding, ctx.now),
      guard(ctx, 'membership_changed'),
      insertEvent(ctx, {
        id: ctx.ids.next('mh', ctx.now),
        owner,
        program,
        action: 'expired',
        reference: String(endsAt),
        productId: current.productId,
        productName: planName,
        period: current.period,
        startedAt: startedAt ?? current.fromAt,
        endsAt,
        createdAt: ctx.now,
      }),
      ...(user?.email
        ? [
            await queueMail(ctx, {
              id: `mail_expired_${owner}_${program}_${endsAt}`,
              to: user.email,
              template: 'membership_expired',
              parameters: { plan: planName, ended: new Date(endsAt).toISOString().slice(0, 10) },
            }),
          ]
        : []),
      requestPush(ctx, owner, ctx.now),
    ]);
    return true;
  } catch (error) {
    // Another run, or a renewal, came first: nothing is owed any more.
    if (error instanceof AppError && error.code === 'membership_changed') return false;
    throw error;
  }
}
