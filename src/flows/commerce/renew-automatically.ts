import { commit, guard } from '#db/commit';
import { HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import { findTokenPlan } from '#modules/catalogue/store';
import type { GrantRow, HoldingRow } from '#modules/commerce/holding-store';
import { findOpenOrder, insertOrder } from '#modules/commerce/order-store';
import { isCalendarPeriod, isStanding } from '#modules/commerce/rules';
import { findBalance } from '#modules/commerce/wallet-store';
import { closing } from './closing.ts';
import { endAttempts } from './end-attempts.ts';
import { type EndReason, personBehind } from './membership-mails.ts';
import { orderOf } from './place-order.ts';
import { type TokenSale, tokenSale } from './sale.ts';
import { settlement } from './settlement.ts';
import { walletPayment } from './wallet-payment.ts';

/** What is paid by itself at the end of what is held. */
interface Next {
  kind: 'renew' | 'downgrade';
  sale: TokenSale;
  userId: string;
}

/** Why it will end, as things stand; null where it will be paid for. */
export async function whyNotRenewing(
  ctx: Ctx,
  holding: HoldingRow,
  grants: GrantRow[],
): Promise<EndReason | null> {
  const next = await nextOf(ctx, holding, grants);
  if (typeof next === 'string') return next;
  const balance = await findBalance(ctx, holding.owner, next.sale.currency);
  return balance < next.sale.amount ? 'wallet_short' : null;
}

/**
 * Pays for what follows from the wallet, at today's price and without a voucher: the scheduled plan, else the same
 * again. Once for each end: the payment's transaction names it, and the holding's version guards it.
 */
export async function renewFromWallet(
  ctx: Ctx,
  holding: HoldingRow,
  grants: GrantRow[],
  endsAt: number,
): Promise<boolean> {
  const next = await nextOf(ctx, holding, grants);
  if (typeof next === 'string') return false;
  const { owner, version } = holding;
  const { kind, sale, userId } = next;
  const row = {
    ...orderOf(ctx, sale),
    userId,
    owner,
    kind,
    creditAmount: 0,
    finalAmount: sale.amount,
    voucherId: null,
    autoRenew: holding.autoRenew,
    automatic: true,
    holdingVersion: version,
  };
  const open = await findOpenOrder(ctx, owner, 'token');
  if (open && (await endAttempts(ctx, open)) === 'settled') return false;
  try {
    await commit(ctx, [
      ...(open ? closing(ctx, open, 'replaced') : []),
      insertOrder(ctx, row, ctx.now - HOUR, Number.MAX_SAFE_INTEGER),
      guard(ctx, 'order_throttled'),
      ...walletPayment(ctx, row, `auto:${owner}:token:${endsAt}`),
      ...(await settlement(ctx, row, 'wallet')),
    ]);
    return true;
  } catch (error) {
    const lost = ['wallet_short', 'payment_duplicate', 'membership_changed', 'order_open'] as const;
    if (lost.some((code) => hasCode(error, code))) return false;
    throw error;
  }
}

/** What would be paid next, or why nothing is. */
async function nextOf(ctx: Ctx, holding: HoldingRow, grants: GrantRow[]): Promise<Next | EndReason> {
  const scheduled = holding.scheduledProductId;
  if (scheduled === null && !holding.autoRenew) return 'will_not_renew';
  // What somebody was given is theirs for that time; what they bought is what they go on with.
  const bought = grants.findLast(
    (grant) => grant.source === 'order' && isStanding(grant) && grant.replacedBy === null,
  );
  const productId = scheduled ?? bought?.productId;
  if (!productId) return 'will_not_renew';
  const period = scheduled === null ? bought?.period : holding.scheduledPeriod;
  const user = await personBehind(ctx, holding.owner);
  if (user?.status !== 'active') return 'frozen';
  const plan = await findTokenPlan(ctx, productId);
  if (plan?.status !== 'active' || !isCalendarPeriod(period)) return 'plan_disabled';
  if (plan[period] === null) return 'plan_disabled';
  const sale = tokenSale(plan, period);
  return { kind: scheduled === null ? 'renew' : 'downgrade', sale, userId: user.id };
}
