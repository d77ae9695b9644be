import type { Tier } from '#modules/catalogue/tiers/store';
import type { OrderSnapshot, TierSnapshot } from '#modules/commerce/types';

/** A tier as it is now, for an order of it to keep. */
export function snapshotOfTier(
  { name, rank, level, icon, condition, gift }: Tier,
  how: Pick<TierSnapshot, 'mode'> & Partial<TierSnapshot>,
): OrderSnapshot {
  return {
    productName: name,
    title: name,
    days: null,
    tier: { rank, level, icon, condition, gift, ...how },
  };
}
