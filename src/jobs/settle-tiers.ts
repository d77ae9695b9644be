import { checkPromotions } from '#flows/alliance/promote';
import { creditRewards } from '#flows/alliance/rewards';
import type { Job } from './job.ts';

/** Credits rewards whose hold is over. */
export const creditDueRewards: Job = creditRewards;

/** Promotes whom tiers bring that count from now on. */
export const promoteMembers: Job = checkPromotions;
