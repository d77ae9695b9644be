import { commitApart, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { post } from '#modules/commerce/wallet-store';
import { findDueRewards, listRewardRows, moveReward, type RewardRow } from '#modules/referral/reward-store';

const BATCH = 25;
/** Of D1's thousand queries an invocation; what is left is due at the next run. */
const MOST = 50;

/** The caller's rewards, newest first. */
export async function listRewards(ctx: Ctx, page: Page): Promise<Slice<RewardRow>> {
  return listRewardRows(ctx, requirePerson(ctx.actor).userId, page);
}

/** Credits rewards whose hold is over, each once: the ledger knows it by its id. */
export async function creditRewards(ctx: Ctx): Promise<void> {
  for (let credited = 0; credited < MOST; credited += BATCH) {
    const due = await findDueRewards(ctx, ctx.now, BATCH);
    for (const reward of due) {
      try {
        await commitApart(ctx, [
          moveReward(ctx, reward, 'credited', ctx.now),
          guard(ctx, 'order_changed'),
          ...post(ctx, { ...booking(reward), reason: 'reward' }, 'force'),
        ]);
      } catch (error) {
        // Taken back, or credited by another run; anything else keeps no other waiting.
        if (!hasCode(error, 'order_changed')) ctx.log.error('reward.failed', error, { reward: reward.id });
      }
    }
    if (due.length < BATCH) return;
  }
}

/**
 * Rewards of something that was taken back: what is held is void, what was credited is taken out of the wallet (a debt
 * where it is spent). `order_changed` where one has moved since it was read.
 */
export function takeBackRewards(ctx: Ctx, rewards: RewardRow[]): Statement[] {
  return rewards
    .filter(({ status }) => status !== 'void')
    .flatMap((reward) => {
      const { amount, ...rest } = booking(reward);
      return [
        moveReward(ctx, reward, 'void', ctx.now),
        guard(ctx, 'order_changed'),
        ...(reward.status === 'credited'
          ? post(ctx, { ...rest, amount: -amount, reason: 'reward_clawback' }, 'force')
          : []),
      ];
    });
}

function booking({ id, owner, asset, amount }: RewardRow) {
  return { owner, asset, amount, reference: id };
}
