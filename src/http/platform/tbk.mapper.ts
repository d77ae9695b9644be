import type { z } from '@hono/zod-openapi';
import type { listOffers, MyTier, TierOffer } from '#flows/alliance/my-tier';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import type { Level } from '#modules/catalogue/tiers/levels';
import type { Tier } from '#modules/catalogue/tiers/store';
import type { Gift } from '#modules/catalogue/types';
import type { RewardRow } from '#modules/referral/reward-store';
import type * as routes from './tbk.routes.ts';
import { toBalances } from './wallet.mapper.ts';

export function toOffers(
  { offers, equities, eocPrice }: Awaited<ReturnType<typeof listOffers>>,
  currency: string,
): z.infer<typeof routes.offers.contract.data> {
  return {
    items: offers.map(toOffer),
    equities: equities.map(({ equity, lit }) => ({
      key: equity.key,
      desc: equity.description,
      icon: lit ? equity.useIcon : equity.unusedIcon,
      lit,
    })),
    eoc_price: formatDecimal(eocPrice),
    currency,
  };
}

/** How a gift is received is told to whoever claims it; what a tier costs the alliance is told to admins. */
function toOffer({ tier, held, cost }: TierOffer): z.infer<typeof routes.Offer> {
  const { condition } = tier;
  return {
    ...toName(tier),
    icon: tier.icon,
    cover: tier.cover,
    condition: condition && {
      direct: { price: formatDecimal(condition.direct.price), limit: condition.direct.limit },
      indirect: condition.indirect && { ...condition.indirect, level: condition.indirect.level as Level },
    },
    gift: tier.gift && toGift(tier.gift),
    equities: tier.equities.map(({ value, ...equity }) => equity),
    held,
    cost: cost && {
      price: formatDecimal(cost.price),
      eoc_num_most: cost.mostEoc,
      cash_least: formatDecimal(cost.leastCash),
    },
  };
}

function toName({ serial, level, name }: Tier) {
  return { member_id: serial, level: level as Level, name };
}

function toGift({ name, cover, content }: Gift) {
  return { name, cover, content };
}

export function toClaimed(gift: Gift): z.infer<typeof routes.claim.contract.data> {
  return { ...toGift(gift), receive: gift.receive };
}

export function toMyTier({
  tier,
  invitees,
  progress,
  balances,
}: MyTier): z.infer<typeof routes.me.contract.data> {
  return {
    tier: toName(tier),
    invitees: invitees.map(({ level, count }) => ({ level: level as Level, count })),
    progress: progress.map((one) => ({
      ...toName(one.tier),
      needed: { num: one.num, level: one.level as Level },
      have: one.have,
    })),
    balances: toBalances(balances),
  };
}

export function toReward(row: RewardRow): z.infer<typeof routes.Reward> {
  return {
    order_no: row.orderNo,
    kind: row.kind,
    asset: row.asset,
    amount: formatDecimal(row.amount),
    status: row.status,
    available_at: toIso(row.availableAt),
  };
}
