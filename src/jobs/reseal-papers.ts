import { resealIdentities } from '#modules/accounts/identity';
import type { Job } from './job.ts';

const MOST = 100;

/** Brings identity numbers under the current secrets, where those were rotated. */
export const resealPapers: Job = async (ctx) => {
  await resealIdentities(ctx, MOST);
};
