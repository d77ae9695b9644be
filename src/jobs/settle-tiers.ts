import { checkPromotions } from '#flows/alliance/promote';
import { creditRewards } from '#flows/alliance/rewards';
import type { Job } from './job.ts';

/** Credits rewards whose hold is over, and promotes whom tiers bring that count from now on. */
export const settleTiers: Job = async (ctx) => {
  await creditRewards(ctx);
  await checkPromotions(ctx);
};
