import { expireHoldings } from '#flows/commerce/expire-holdings';
import type { Job } from './job.ts';

/** Writes the history of what ended since the last run. */
export const expireMemberships: Job = async (ctx) => {
  const expired = await expireHoldings(ctx);
  if (expired > 0) ctx.log.info('memberships.expired', { site: ctx.site.key, expired });
};
