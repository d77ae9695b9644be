import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { findUserById } from '#modules/accounts/store';
import { rankOf } from '#modules/catalogue/tiers/levels';
import { type Equity, listTiers, selectEquities, type Tier } from '#modules/catalogue/tiers/store';
import { type BalanceRow, findBalance, findBalances } from '#modules/commerce/wallet-store';
import { countInvitees, findRank } from '#modules/referral/tier-store';
import { cashOf, mostEoc } from '#programs/tier/rules';
import { getTierSettings } from './settings.ts';

/** A tier as its next holder sees it. */
export interface TierOffer {
  tier: Tier;
  held: boolean;
  /** What it costs me: null where it is not above mine, or not sold. Minor units, EOC whole. */
  cost: { price: number; mostEoc: number; leastCash: number } | null;
}

/** The ladder: which equities are lit for me, and what each tier costs me. */
export async function listOffers(
  ctx: Ctx,
): Promise<{ offers: TierOffer[]; equities: { equity: Equity; lit: boolean }[]; eocPrice: number }> {
  const { userId } = requirePerson(ctx.actor);
  const [tiers, equities, { eocPrice }, rank, eoc] = await Promise.all([
    listTiers(ctx),
    selectEquities(ctx),
    getTierSettings(ctx),
    findRank(ctx, userId),
    findBalance(ctx, userId, 'EOC'),
  ]);
  const mine = new Set(tiers.find((tier) => tier.rank === rank)?.equities.map(({ key }) => key));
  const offers = tiers.map((tier) => {
    const { condition } = tier;
    if (!condition || tier.rank <= rank) return { tier, held: tier.rank === rank, cost: null };
    const { price, limit } = condition.direct;
    const most = mostEoc(price, limit, eoc, eocPrice);
    const leastCash = cashOf(price, most, eocPrice) ?? price;
    return { tier, held: false, cost: { price, mostEoc: most, leastCash } };
  });
  return {
    offers,
    equities: equities.map((equity) => ({ equity, lit: mine.has(equity.key) })),
    eocPrice,
  };
}

/** How far somebody is from a tier that invitees bring. */
export interface Progress {
  tier: Tier;
  level: string;
  num: number;
  /** Direct invitees who firmly hold that level or a higher one. */
  have: number;
}

export interface MyTier {
  tier: Tier;
  invitees: { level: string; count: number }[];
  progress: Progress[];
  balances: BalanceRow[];
}

/** My tier, my direct invitees by tier, how far the tiers above are, and what is in my wallet. */
export async function getMyTier(ctx: Ctx): Promise<MyTier> {
  const { userId } = requirePerson(ctx.actor);
  const [tiers, rank, invitees, balances] = await Promise.all([
    listTiers(ctx),
    findRank(ctx, userId),
    countInvitees(ctx, userId, ctx.now),
    findBalances(ctx, userId),
  ]);
  const tier = tiers.find((one) => one.rank === rank);
  if (!tier) throw new Error(`there is no tier of rank ${rank}`);
  const firmlyAt = (least: number) =>
    invitees.filter((one) => one.firmRank >= least).reduce((sum, { n }) => sum + n, 0);
  return {
    tier,
    invitees: tiers.map(({ level, rank: held }) => ({
      level,
      count: invitees.filter((one) => one.rank === held).reduce((sum, { n }) => sum + n, 0),
    })),
    progress: tiers.flatMap((above) => {
      const indirect = above.condition?.indirect;
      if (!indirect || above.rank <= rank) return [];
      return [{ tier: above, ...indirect, have: firmlyAt(rankOf(indirect.level)) }];
    }),
    balances,
  };
}

/** My referral code, and a link that carries it. */
export async function getInvite(ctx: Ctx): Promise<{ code: string; link: string }> {
  const [user] = await findUserById(ctx, requirePerson(ctx.actor).userId);
  if (!user) throw new AppError('unauthenticated');
  const link = new URL('/docs/invitation', ctx.publicUrl);
  link.searchParams.set('site', ctx.site.key);
  link.searchParams.set('invite_code', user.referralCode);
  return { code: user.referralCode, link: link.href };
}
