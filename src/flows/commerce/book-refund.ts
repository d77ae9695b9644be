import { guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { findHolding, insertEvent } from '#modules/commerce/holding-store';
import { creditOrder, type OrderRow, refundOrderRow } from '#modules/commerce/order-store';
import { membershipAt } from '#modules/commerce/rules';
import { post } from '#modules/commerce/wallet-store';
import { refunded } from '#programs/token/changes';
import { changeGrants } from './grant-changes.ts';

/** How a refund of an order is booked. */
export interface Booking {
  /** Minor units. */
  amount: number;
  /** The whole refundable rest: what the order granted ends with it. */
  full: boolean;
  reason: string;
  /** Names it in the ledger. */
  reference: string;
  /** A provider sent it already: what cannot be avoided is taken, or owed. */
  forced: boolean;
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
    ...(order.program === 'token' ? await takeBack(ctx, order, booking) : []),
  ];
}

async function takeBack(ctx: Ctx, order: OrderRow, { amount, full }: Booking): Promise<Statement[]> {
  const held = {
    owner: order.owner,
    program: 'token' as const,
    ...(await findHolding(ctx, order.owner, 'token')),
  };
  if (!held.holding) return [];
  if (!full) {
    const [granted] = held.grants.filter(({ orderId, part }) => orderId === order.id && part === 0);
    if (!granted) return [];
    // A later upgrade is credited what was really paid.
    const update = [{ id: granted.id, paid: Math.max(0, granted.paid - amount) }];
    return changeGrants(ctx, held, { insert: [], update }, { source: granted.source });
  }
  const change = refunded(order.id, held.grants, ctx.now);
  const { startedAt, endsAt } = membershipAt(held.grants, false, ctx.now);
  return [
    ...changeGrants(ctx, held, change, { source: 'order' }),
    ...(order.snapshot.credits ?? []).flatMap((share) =>
      share.orderId === null ? [] : [creditOrder(ctx, share.orderId, -share.amount)],
    ),
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner: order.owner,
      program: 'token',
      action: 'expired',
      reference: `refund:${order.id}`,
      productId: order.productId ?? '',
      productName: order.snapshot.productName,
      period: order.period,
      startedAt: startedAt ?? order.paidAt ?? order.createdAt,
      endsAt: endsAt ?? ctx.now,
      orderId: order.id,
      reason: 'refunded',
      createdAt: ctx.now,
    }),
  ];
}
