import { commit } from '#db/commit';
import { DAY } from '#kernel/clock';
import { deleteExpiredCodes } from '#modules/accounts/code-store';
import { deleteOldSessions } from '#modules/accounts/session-store';
import { deleteExpiredSpends } from '#modules/accounts/store';
import { eraseOldInvitations } from '#modules/enterprise/invitation-store';
import { deleteExpiredRecords, deleteOldMail } from '#modules/operations/store';
import { deleteOldStorefrontTokens } from '#modules/storefront/store';
import type { Job } from './job.ts';

/** Deletes what has expired and serves nobody: spends, throttles, codes, kept answers, old sessions and mail. */
export const prune: Job = async (ctx) => {
  await commit(ctx, [
    ...deleteExpiredSpends(ctx, ctx.now),
    deleteExpiredCodes(ctx, ctx.now),
    ...deleteOldSessions(ctx, ctx.now - 30 * DAY),
    deleteOldMail(ctx, ctx.now - 7 * DAY),
    deleteExpiredRecords(ctx, ctx.now),
    deleteOldStorefrontTokens(ctx, ctx.now),
    eraseOldInvitations(ctx, ctx.now - 30 * DAY),
  ]);
};
