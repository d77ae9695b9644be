import { abortIf, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError, retryOn } from '#kernel/errors';
import { isDeleted } from '#modules/catalogue/packages/store';
import { findProduct } from '#modules/catalogue/store';
import { type GrantRow, hasFreeGrant, insertEvent } from '#modules/commerce/holding-store';
import { creditOrder, markOrderPaid, type OrderRow } from '#modules/commerce/order-store';
import { askSoon } from '#modules/commerce/payment-store';
import { type Membership, membershipAt } from '#modules/commerce/rules';
import { useVoucher } from '#modules/commerce/voucher-store';
import { post } from '#modules/commerce/wallet-store';
import { belongsToEnterprise } from '#modules/enterprise/member-store';
import type { QuoteKind } from '#programs/quote';
import { settled } from '#programs/settle';
import { settleTier } from '../alliance/settle-tier.ts';
import { settleLevel } from '../storefront/settle-level.ts';
import { expiredEvent } from './expired-event.ts';
import { changeGrants, type Held, heldBy } from './grant-changes.ts';
import { startedDowngrade } from './started-downgrade.ts';

/** As much of an order as settling it reads. */
export type SettledOrder = Pick<
  OrderRow,
  | 'id'
  | 'owner'
  | 'program'
  | 'kind'
  | 'currency'
  | 'finalAmount'
  | 'creditAmount'
  | 'originalAmount'
  | 'voucherId'
  | 'autoRenew'
  | 'holdingVersion'
  | 'snapshot'
  | 'createdAt'
> & { productId?: string | null; period?: string | null; automatic?: boolean };

/**
 * What paying an order does, as statements of one batch: the order is paid (`order_not_payable` where it is not in
 * `from` any more), its voucher used, and what its program grants is granted.
 */
export async function settlement(
  ctx: Ctx,
  order: SettledOrder,
  provider: string,
  from: 'pending' | 'closed' = 'pending',
): Promise<Statement[]> {
  const paid = { provider, paidAmount: order.finalAmount, paidAt: ctx.now };
  return [
    markOrderPaid(ctx, order.id, paid, from),
    guard(ctx, 'order_not_payable'),
    // What else is going of it can only be a surplus: cron ends it.
    askSoon(ctx, order.id, ctx.now),
    ...(order.voucherId ? [useVoucher(ctx, order.id, ctx.now), guard(ctx, 'voucher_taken')] : []),
    ...(await programPart(ctx, order)),
  ];
}

/**
 * Tries the write of a settlement again where what it is computed from moved meanwhile: several orders of a level may be
 * paid at once, and each counts. An order of a membership was made for what was held then, and is not tried again.
 */
export function settling<T>({ program }: Pick<SettledOrder, 'program'>, write: () => Promise<T>): Promise<T> {
  return program === 'vip' ? retryOn('membership_changed', write, 20) : write();
}

function programPart(ctx: Ctx, order: SettledOrder): Promise<Statement[]> {
  const { program } = order;
  switch (program) {
    case 'token':
    case 'package':
      return settleMembership(ctx, { ...order, program });
    case 'tier':
      return settleTier(ctx, order);
    case 'vip':
      return settleLevel(ctx, order);
    case 'wallet':
      return Promise.resolve(settleTopup(ctx, order));
  }
}

function settleTopup(ctx: Ctx, { id, owner, currency, finalAmount }: SettledOrder): Statement[] {
  return post(ctx, { owner, asset: currency, amount: finalAmount, reason: 'topup', reference: id }, 'force');
}

type MembershipOrder = SettledOrder & { program: 'token' | 'package' };

/** Guarded by the holding's version that the order was made for (`membership_changed`). */
async function settleMembership(ctx: Ctx, order: MembershipOrder): Promise<Statement[]> {
  const { id, owner, program, productId, period } = order;
  if (!productId || !period) throw new Error('an order of no plan');
  const held = await heldBy(ctx, owner, program);
  const before = membershipAt(held.grants, false, ctx.now);
  const kind = order.kind as QuoteKind;
  const paid = order.finalAmount + order.creditAmount;
  const { days } = order.snapshot;
  const change = settled({ id, program, kind, productId, period, days, paid }, held.grants, ctx.now);
  const [granted] = change?.insert ?? [];
  if (!change || !granted) throw new AppError('membership_changed');
  const running = before.status === 'active';
  const gift = isGift(order);
  return [
    // A personal plan does not begin while its holder belongs to an enterprise.
    ...(program === 'token' ? [abortIf(ctx, belongsToEnterprise(owner), 'membership_changed')] : []),
    // A late payment does not bring back what was deleted meanwhile.
    ...(program === 'package' ? [abortIf(ctx, isDeleted(productId), 'membership_changed')] : []),
    ...(gift ? [abortIf(ctx, hasFreeGrant(owner, productId), 'free_package_taken')] : []),
    ...(await endedBefore(ctx, held, before)),
    ...(await startedDowngrade(ctx, before.current)),
    ...(order.snapshot.credits ?? []).flatMap(({ orderId, amount }) =>
      orderId === null ? [] : [creditOrder(ctx, orderId, amount), guard(ctx, 'membership_changed')],
    ),
    ...changeGrants(ctx, held, change, {
      version: order.holdingVersion,
      source: gift ? 'free' : 'order',
      autoRenew: autoRenewAfter(running, held.holding?.cancelledAt != null, order),
      unschedule: kind !== 'renew',
    }),
    ...event(ctx, order, running || kind === 'renew' ? kind : 'subscribe', {
      startedAt: granted.fromAt,
      endsAt: granted.untilAt,
    }),
  ];
}

/** A package that costs nothing: everybody has it once. */
export function isGift({
  program,
  originalAmount,
}: Pick<SettledOrder, 'program' | 'originalAmount'>): boolean {
  return program === 'package' && originalAmount === 0;
}

/** A downgrade has its event when it starts; the sweep writes it. */
function event(
  ctx: Ctx,
  order: MembershipOrder,
  action: QuoteKind,
  span: { startedAt: number; endsAt: number | null },
): Statement[] {
  if (action === 'downgrade') return [];
  return [
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner: order.owner,
      program: order.program,
      action,
      reference: order.id,
      productId: order.productId ?? '',
      productName: order.snapshot.productName,
      period: order.period,
      amount: order.finalAmount,
      originalAmount: order.originalAmount,
      ...span,
      orderId: order.id,
      automatic: order.automatic ?? false,
      createdAt: ctx.now,
    }),
  ];
}

/**
 * A cancelled membership that is renewed stays cancelled until it is resumed; an upgrade or a new one follows its own
 * wish. Undefined leaves it as it is.
 */
function autoRenewAfter(
  running: boolean,
  cancelled: boolean,
  { autoRenew, kind }: SettledOrder,
): boolean | undefined {
  if (!running) return kind === 'renew' && !autoRenew ? undefined : autoRenew;
  if (!autoRenew) return undefined;
  return cancelled && kind !== 'upgrade' ? undefined : true;
}

/** A membership that ended and is bought again before the sweep came by has its end in the history all the same. */
async function endedBefore(ctx: Ctx, { holding }: Held, before: Membership<GrantRow>): Promise<Statement[]> {
  const { status, current, startedAt, endsAt } = before;
  if (holding?.sweepAt == null || status !== 'expired' || !current || endsAt === null) return [];
  const name = (await findProduct(ctx, current.productId))?.name ?? current.productId;
  return [insertEvent(ctx, expiredEvent(ctx, current, startedAt, endsAt, name))];
}
