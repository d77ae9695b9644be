import type { z } from '@hono/zod-openapi';
import { formatLocal } from '#kernel/calendar';
import { formatTrimmed } from '#kernel/money';
import type { Level } from '#modules/catalogue/tiers/levels';
import type { Equity as EquityRow, Tier } from '#modules/catalogue/tiers/store';
import type { TierCondition } from '#modules/catalogue/types';
import type { Condition, Equity, Member } from './members.routes.ts';

export function toMember(tier: Tier, timeZone: string): z.infer<typeof Member> {
  return {
    id: tier.serial,
    name: tier.name,
    icon: tier.icon,
    level: tier.level as Level,
    cover: tier.cover,
    condition: toCondition(tier.condition),
    gift_info: tier.gift,
    equities: tier.equities,
    created_at: formatLocal(timeZone, tier.createdAt),
    updated_at: formatLocal(timeZone, tier.updatedAt),
  };
}

export function toCondition(condition: TierCondition | null): z.infer<typeof Condition> | null {
  if (!condition) return null;
  const { price, limit, costPrice } = condition.direct;
  return {
    direct: {
      limit: String(limit),
      price: formatTrimmed(price),
      ...(costPrice === null ? {} : { cost_price: formatTrimmed(costPrice) }),
    },
    indirect: condition.indirect && { ...condition.indirect, level: condition.indirect.level as Level },
  };
}

export function toEquity(row: EquityRow, timeZone: string): z.infer<typeof Equity> {
  return {
    id: row.id,
    desc: row.description,
    key: row.key,
    use_icon: row.useIcon,
    unused_icon: row.unusedIcon,
    created_at: formatLocal(timeZone, row.createdAt),
    updated_at: formatLocal(timeZone, row.updatedAt),
  };
}
