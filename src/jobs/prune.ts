import { commit } from '#db/commit';
import { deleteExpiredCodes } from '#modules/accounts/code-store';
import { deleteExpiredSpends } from '#modules/accounts/store';
import { deleteExpiredRecords } from '#modules/operations/store';
import type { Job } from './job.ts';

/** Deletes what has expired and serves nobody: spent captchas, throttle windows, kept answers. */
export const prune: Job = async (ctx) => {
  await commit(ctx, [
    ...deleteExpiredSpends(ctx, ctx.now),
    deleteExpiredCodes(ctx, ctx.now),
    deleteExpiredRecords(ctx, ctx.now),
  ]);
};
