import { sweepHoldings } from '#flows/commerce/sweep-holdings';
import type { Job } from './job.ts';

/** Renews, tells of ends to come, and writes the history of what ended since the last run. */
export const sweepMemberships: Job = async (ctx) => {
  const expired = await sweepHoldings(ctx);
  if (expired > 0) ctx.log.info('memberships.expired', { site: ctx.site.key, expired });
};
