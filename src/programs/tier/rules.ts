import { shareOf } from '#kernel/money';
import type { EquityGrant } from '#modules/catalogue/types';
import type { RewardShare } from '#modules/commerce/types';

/** What a tier's purchase and its rewards come to: pure, amounts in minor units (hundredths of a token as well). */

/** Hundredths of one EOC or ELC: both are wallet assets with two decimals. */
export const TOKEN_UNIT = 100;

/** The least that a mixed purchase leaves to be paid in cash. */
export const LEAST_CASH = 1;

/** cash = price − EOC × its price. Null where less than 0.01 would be left. */
export function cashOf(price: number, eoc: number, eocPrice: number): number | null {
  const cash = price - eoc * eocPrice;
  return cash >= LEAST_CASH ? cash : null;
}

/** How many whole EOC a purchase can use at the most, from what there is (hundredths). */
export function mostEoc(price: number, limit: number, balance: number, eocPrice: number): number {
  const affordable = Math.floor((price - LEAST_CASH) / eocPrice);
  return Math.max(0, Math.min(limit, Math.floor(balance / TOKEN_UNIT), affordable));
}

/** An equity's rate in whole percent; null where the tier has no such equity, or it has none. */
export function rateOf(
  equities: readonly EquityGrant[],
  key: string,
  field: 'rate' | 'z_rate' | 'm_rate' | 'z_elc_rate' = 'rate',
): number | null {
  const rate = equities.find((one) => one.key === key)?.[field];
  return rate === undefined ? null : Number(rate);
}

/** What is bought, as far as its reward follows from it. */
export interface TierPurchase {
  level: string;
  mode: 'direct' | 'mixed';
  price: number;
  cash: number;
}

/**
 * What an inviter whose tier has these equities gets (spec tiers, Reward): of a purchase in cash a part of the price in
 * the currency and one in ELC, of a mixed one a part of its cash; rounded down. Nothing without the equity.
 */
export function rewardsOf(
  owner: string,
  equities: readonly EquityGrant[],
  { level, mode, price, cash }: TierPurchase,
  { currency, elcPrice }: { currency: string; elcPrice: number },
): RewardShare[] {
  const key = `direct:${level}:reward`;
  const rate = (field: 'z_rate' | 'm_rate' | 'z_elc_rate') => rateOf(equities, key, field) ?? 0;
  const shares =
    mode === 'mixed'
      ? [{ asset: currency, rate: rate('m_rate'), amount: shareOf(cash, rate('m_rate'), 100) }]
      : [
          { asset: currency, rate: rate('z_rate'), amount: shareOf(price, rate('z_rate'), 100) },
          // price × rate ÷ 100 ÷ the price of one, in hundredths of a token.
          {
            asset: 'ELC',
            rate: rate('z_elc_rate'),
            amount: shareOf(price, rate('z_elc_rate') * TOKEN_UNIT, 100 * elcPrice),
          },
        ];
  return shares.filter(({ amount }) => amount > 0).map((share) => ({ owner, ...share }));
}

/** A withdrawal's fee: whole percent of the amount, rounded half up. */
export function feeOf(amount: number, rate: number): number {
  return shareOf(2 * amount * rate + 100, 1, 200);
}
