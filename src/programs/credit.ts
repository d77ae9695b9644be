import { isStanding } from '#modules/commerce/rules';
import type { CreditShare, GrantState } from '#modules/commerce/types';

/** What an upgrade is credited: minor units, and which orders they come out of. */
export interface Credit {
  total: number;
  shares: CreditShare[];
}

interface Claim {
  orderId: string | null;
  /** paid × seconds left, and the seconds of the whole. */
  numerator: bigint;
  denominator: bigint;
}

/**
 * Σ over unexpired grants (paid − refunded) × seconds left ÷ seconds of the grant, rounded down to the cent
 * (spec membership, Subscribe). A grant that a pause split is one. The sum is exact; its cents are dealt to the
 * orders so that the shares add up to it.
 */
export function creditOf(grants: readonly GrantState[], now: number): Credit {
  const claims = claimsOf(grants, now);
  const common = claims.reduce((product, { denominator }) => product * denominator, 1n);
  const sum = claims.reduce((total, one) => total + (one.numerator * common) / one.denominator, 0n);
  const total = Number(sum / common);
  const shares = claims.map(({ orderId, numerator, denominator }) => ({
    orderId,
    amount: Number(numerator / denominator),
    rest: (numerator % denominator) * (common / denominator),
  }));
  let missing = total - shares.reduce((dealt, { amount }) => dealt + amount, 0);
  for (const share of [...shares].sort((a, b) => (a.rest < b.rest ? 1 : a.rest > b.rest ? -1 : 0))) {
    if (missing === 0) break;
    share.amount += 1;
    missing -= 1;
  }
  return {
    total,
    shares: shares.flatMap(({ orderId, amount }) => (amount > 0 ? [{ orderId, amount }] : [])),
  };
}

/** Time that was paid for and is not over, by what paid it. Time without an end is worth nothing. */
function claimsOf(grants: readonly GrantState[], now: number): Claim[] {
  const parts = Map.groupBy(
    grants.filter((grant) => isStanding(grant) && grant.replacedBy === null),
    ({ id, orderId }) => orderId ?? id,
  );
  return [...parts.values()].flatMap((group): Claim[] => {
    const paid = group.reduce((sum, one) => sum + one.paid, 0);
    const spans = group.map(({ fromAt, untilAt }) => ({ fromAt, untilAt }));
    if (paid === 0 || spans.some(({ untilAt }) => untilAt === null)) return [];
    const length = spans.reduce((sum, { fromAt, untilAt }) => sum + (untilAt ?? 0) - fromAt, 0);
    const left = spans.reduce(
      (sum, { fromAt, untilAt }) => sum + Math.max(0, (untilAt ?? 0) - Math.max(fromAt, now)),
      0,
    );
    if (left === 0) return [];
    return [
      {
        orderId: group[0]?.orderId ?? null,
        numerator: BigInt(paid) * BigInt(left),
        denominator: BigInt(length),
      },
    ];
  });
}
