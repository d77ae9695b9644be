import { DAY, SECOND } from '#kernel/clock';
import { isDecimal, parseDecimal, shareOf } from '#kernel/money';
import { isStanding, membershipAt } from '#modules/commerce/rules';
import type { CreditShare, GrantChange, GrantState } from '#modules/commerce/types';
import { appended, type PaidOrder, upgraded } from '../changes.ts';

/** What a storefront's level costs, lasts, takes off and earns: pure. Amounts in minor units. */

/** How left-over time goes into another level: by what it is worth, or whole. */
export type CarryOver = 'value' | 'days';

/** A period as it was bought: whole days, 0 = for ever. */
export interface LevelPurchase extends PaidOrder {
  days: number;
  price: number;
}

/**
 * What a paid order of a level becomes (spec storefront, Buying): the same level goes on from its end, another one
 * replaces it at once and takes its left-over time along. Null where the same is held for ever.
 */
export function settled(
  order: LevelPurchase,
  carryOver: CarryOver,
  grants: readonly GrantState[],
  now: number,
): GrantChange | null {
  const { status, current, endsAt } = membershipAt(grants, false, now);
  const same = status === 'active' && current?.productId === order.productId;
  if (same) return endsAt === null ? null : appended(order, spanOf(endsAt, order.days, 0));
  if (status !== 'active') return appended(order, spanOf(now, order.days, 0));
  return upgraded(order, spanOf(now, order.days, carriedOver(order, carryOver, grants, now)), grants, now);
}

/**
 * Left-over time in another level, in milliseconds cut to the second: left × the old price per day ÷ the new one, exact
 * up to that cut; or whole. Time without an end, or that nobody paid for, is worth nothing.
 */
export function carriedOver(
  { days, price }: Pick<LevelPurchase, 'days' | 'price'>,
  carryOver: CarryOver,
  grants: readonly GrantState[],
  now: number,
): number {
  if (days === 0) return 0;
  const left = leftOf(grants, now);
  if (carryOver === 'days') return left.reduce((sum, one) => sum + one.left, 0);
  if (price === 0) return 0;
  const [numerator, denominator] = left.reduce(
    ([n, d], one) => [n * one.denominator + one.numerator * d, d * one.denominator],
    [0n, 1n],
  );
  const span = BigInt((days * DAY) / SECOND);
  return Number((numerator * span) / (denominator * BigInt(price))) * SECOND;
}

/** What each order's left-over time is worth, rounded down to the cent: what a refund of it could not give back. */
export function worthOf(grants: readonly GrantState[], now: number): CreditShare[] {
  return leftOf(grants, now)
    .map(({ orderId, numerator, denominator }) => ({ orderId, amount: Number(numerator / denominator) }))
    .filter(({ amount }) => amount > 0);
}

/**
 * Time that is left of each grant, and its worth: at the price per day that it was bought at, also of the time that it
 * took over from another level.
 */
function leftOf(grants: readonly GrantState[], now: number) {
  return grants
    .filter((grant) => isStanding(grant) && grant.replacedBy === null)
    .flatMap(({ orderId, paid, period, fromAt, untilAt }) => {
      const left = untilAt === null ? 0 : untilAt - Math.max(fromAt, now);
      const days = Number(period);
      if (left <= 0) return [];
      return [
        {
          orderId,
          left,
          numerator: days > 0 ? BigInt(paid) * BigInt(left) : 0n,
          denominator: days > 0 ? BigInt(days * DAY) : 1n,
        },
      ];
    });
}

function spanOf(fromAt: number, days: number, more: number) {
  return {
    fromAt,
    untilAt: days === 0 ? null : fromAt + days * DAY + more,
    anchorAt: fromAt,
    anchorMonths: 0,
  };
}

/** `value` and `unit` of a number of days, as ShopXO shows them: years, months or days, two decimals at the most. */
export function shownPeriod(days: number): { value: string; unit: string } {
  if (days === 0) return { value: '永久', unit: '' };
  const [divisor, unit] = days >= 365 ? [365, '年'] : days >= 30 ? [30, '月'] : [1, '天'];
  return { value: String(Math.round((days / divisor) * 100) / 100), unit };
}

/** A level that is reached by points or spending. */
export interface LevelRule {
  productId: string;
  rulesMin: number;
  rulesMax: number;
}

/** The first level by id whose range `value` is in: 0/0 none, 0/max below max, min/max from min, min/0 above min. */
export function levelByRules<L extends LevelRule>(levels: readonly L[], value: number): L | null {
  return (
    levels.find(({ rulesMin: min, rulesMax: max }) => {
      if (min === 0 && max === 0) return false;
      if (min === 0) return value < max;
      if (max === 0) return value > min;
      return value >= min && value < max;
    }) ?? null
  );
}

/** What a holder's level takes off: a factor as typed, then so much from a sum on. */
export interface LevelDiscount {
  /** `"0.8"` = pay 80 %, `"0"` = none. */
  rate: string;
  orderPrice: number;
  fullReductionPrice: number;
}

/** What somebody who holds a level pays for goods: rounded down to the cent, never below 0. */
export function discounted(amount: number, { rate, orderPrice, fullReductionPrice }: LevelDiscount): number {
  const factor = Number(rate);
  const reduced = factor > 0 && factor < 1 ? shareOf(amount, Math.round(factor * 10_000), 10_000) : amount;
  const reaches = orderPrice > 0 && reduced >= orderPrice;
  return Math.max(0, reaches ? reduced - fullReductionPrice : reduced);
}

/** One generation of a commission: a whole or decimal percentage of what was paid, or a fixed amount. */
export type CommissionPart = { kind: 'rate'; hundredths: number } | { kind: 'sum'; amount: number };

/**
 * Up to three generations, by `;`: `r|5` = 5 %, `s|2` = 2.00. Empty is none. Null where it is malformed: it pays
 * nothing.
 */
export function parseCommission(text: string): CommissionPart[] | null {
  if (text.trim() === '') return [];
  const parts = text.split(';').map((part): CommissionPart | null => {
    const [, kind, number = ''] = /^([rs])\|(\d{1,10}(?:\.\d{1,2})?)$/.exec(part.trim()) ?? [];
    if (!kind || !isDecimal(number)) return null;
    const value = parseDecimal(number);
    return kind === 'r' ? { kind: 'rate', hundredths: value } : { kind: 'sum', amount: value };
  });
  if (parts.length > 3 || parts.includes(null)) return null;
  const whole = parts as CommissionPart[];
  const rates = whole.reduce((sum, part) => sum + (part.kind === 'rate' ? part.hundredths : 0), 0);
  return rates > 10_000 ? null : whole;
}

/** What each generation earns of what was paid, rounded down; together never more than that. */
export function profitsOf(paid: number, commission: string): number[] {
  let rest = paid;
  return (parseCommission(commission) ?? []).map((part) => {
    const wanted = part.kind === 'rate' ? shareOf(paid, part.hundredths, 10_000) : part.amount;
    const amount = Math.min(rest, wanted);
    rest -= amount;
    return amount;
  });
}
