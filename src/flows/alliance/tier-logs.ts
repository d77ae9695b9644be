import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import {
  findLogUsers,
  type LogFilter,
  type LogRow,
  type LogUser,
  listLogRows,
} from '#modules/referral/log-store';
import { findRanks } from '#modules/referral/tier-store';

/** A purchase, promotion or setting by hand, with whose it is and the rank that they hold now. */
export interface TierLog {
  row: LogRow;
  user: LogUser | null;
  rank: number;
}

/** What was bought, reached and given, newest first. */
export async function listTierLogs(ctx: Ctx, filter: LogFilter, page: Page): Promise<Slice<TierLog>> {
  requireAdmin(ctx.actor);
  const found = await listLogRows(ctx, filter, page);
  const ids = [...new Set(found.items.map(({ owner }) => owner))];
  const [users, ranks] = await Promise.all([
    ids.length > 0 ? findLogUsers(ctx, ids) : [],
    findRanks(ctx, ids),
  ]);
  const byId = new Map(users.map((user) => [user.id, user]));
  return {
    ...found,
    items: found.items.map((row) => ({
      row,
      user: byId.get(row.owner) ?? null,
      rank: ranks.get(row.owner) ?? 1,
    })),
  };
}
