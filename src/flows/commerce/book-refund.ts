import { guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Program } from '#kernel/programs';
import { insertEvent } from '#modules/commerce/holding-store';
import { creditOrder, type OrderRow, refundOrderRow } from '#modules/commerce/order-store';
import { post } from '#modules/commerce/wallet-store';
import { findProfitsOf } from '#modules/storefront/store';
import { isReplaced, refunded, refundedWaiting } from '#programs/changes';
import { takeBackTier } from '../alliance/refund-tier.ts';
import { voidProfits } from '../storefront/profits.ts';
import { changeGrants, heldBy } from './grant-changes.ts';

/** How a refund of an order is booked. */
export interface Booking {
  /** Minor units. */
  amount: number;
  /** The whole of it goes back: what the order granted ends with it. */
  full: boolean;
  /** What went back although it was credited to an upgrade: it is owed. */
  excess: number;
  reason: string;
  /** Names it in the ledger. */
  reference: string;
  /** A provider sent it already: what cannot be avoided is taken, or owed. */
  forced: boolean;
  /** Although a gift that came with it was claimed. */
  despiteGift: boolean;
}

/** paid − refunded − credit taken out of it, in minor units. */
export function refundableOf({ paidAmount, refundedAmount, creditedAmount }: OrderRow): number {
  return Math.max(0, paidAmount - refundedAmount - creditedAmount);
}

/**
 * What a refund does to an order and to what it granted (spec membership, Refund): a full one voids its grants, later
 * ones move up, and what an upgrade replaced is there again; a partial one touches only amounts. `order_changed` where
 * the order is not as it was read.
 */
export async function bookRefund(ctx: Ctx, order: OrderRow, booking: Booking): Promise<Statement[]> {
  const { amount, full } = booking;
  return [
    refundOrderRow(ctx, order, amount, full),
    guard(ctx, 'order_changed'),
    ...(order.program === 'wallet'
      ? post(
          ctx,
          {
            owner: order.owner,
            asset: order.currency,
            amount: -amount,
            reason: 'topup_refund',
            reference: booking.reference,
          },
          booking.forced ? 'force' : 'spend',
        )
      : []),
    ...(booking.excess > 0
      ? post(
          ctx,
          {
            owner: order.owner,
            asset: order.currency,
            amount: -booking.excess,
            reason: 'refund_excess',
            reference: booking.reference,
          },
          'force',
        )
      : []),
    ...(await programPart(ctx, order, booking)),
  ];
}

async function programPart(ctx: Ctx, order: OrderRow, booking: Booking): Promise<Statement[]> {
  const { program } = order;
  if (program === 'wallet') return [];
  if (program === 'tier') return takeBackTier(ctx, order, booking);
  // What went into another level is still held there, and so is what was earned of it.
  const gone = program === 'vip' && booking.full && order.creditedAmount === 0;
  return [
    ...(await takeBack(ctx, order, program, booking)),
    ...(gone ? voidProfits(ctx, order.id, await findProfitsOf(ctx, [order.id])) : []),
  ];
}

async function takeBack(
  ctx: Ctx,
  order: OrderRow,
  program: Program,
  { amount, full }: Booking,
): Promise<Statement[]> {
  const held = await heldBy(ctx, order.owner, program);
  const own = held.grants.filter(({ orderId }) => orderId === order.id);
  const [granted] = own.filter(({ part }) => part === 0);
  if (!held.holding || !granted) return [];
  // An upgrade whose value went into another one stays what that one goes back to.
  const credited = order.creditAmount > 0 || (order.snapshot.credits ?? []).length > 0;
  const passedOn = isReplaced(order.id, held.grants) && credited;
  if (!full || passedOn) {
    // A later upgrade, or its refund, counts what was really paid.
    const update = [{ id: granted.id, paid: Math.max(0, granted.paid - amount) }];
    return changeGrants(ctx, held, { insert: [], update }, { source: granted.source });
  }
  const waits = held.grants.some(({ pausedAt }) => pausedAt !== null);
  const change = waits ? refundedWaiting(order.id, held.grants) : refunded(order.id, held.grants, ctx.now);
  return [
    ...changeGrants(ctx, held, change, { source: 'order' }),
    ...(order.snapshot.credits ?? []).flatMap((share) =>
      share.orderId === null ? [] : [creditOrder(ctx, share.orderId, -share.amount)],
    ),
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner: order.owner,
      program,
      action: 'expired',
      reference: `refund:${order.id}`,
      productId: order.productId ?? '',
      productName: order.snapshot.productName,
      period: order.period,
      startedAt: granted.fromAt,
      endsAt: Math.max(granted.fromAt, ctx.now),
      orderId: order.id,
      reason: 'refunded',
      createdAt: ctx.now,
    }),
  ];
}
