import type { Ctx } from '#kernel/context';
import { listTiers } from '#modules/catalogue/tiers/store';
import { findRank } from '#modules/referral/tier-store';
import { rateOf } from '#programs/tier/rules';

/** The rate that somebody's own tier gives an equity, in whole percent; null where it has none. */
export async function ownRate(ctx: Ctx, userId: string, equity: string): Promise<number | null> {
  const rank = await findRank(ctx, userId);
  const tier = (await listTiers(ctx)).find((one) => one.rank === rank);
  return rateOf(tier?.equities ?? [], equity);
}
