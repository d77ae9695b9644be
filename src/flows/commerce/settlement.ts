import { guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import {
  advanceHolding,
  findHolding,
  type HoldingRow,
  insertEvent,
  insertGrant,
} from '#modules/commerce/holding-store';
import { markOrderPaid, type OrderRow } from '#modules/commerce/order-store';
import { type Membership, membershipAt, nextSpan, PERIOD_MONTHS } from '#modules/commerce/rules';
import { requestPush } from '#modules/operations/store';
import { expiredEvent } from './expired-event.ts';

/** As much of an order as settling it reads. */
export type SettledOrder = Pick<
  OrderRow,
  | 'id'
  | 'owner'
  | 'program'
  | 'productId'
  | 'period'
  | 'finalAmount'
  | 'creditAmount'
  | 'originalAmount'
  | 'autoRenew'
  | 'holdingVersion'
  | 'snapshot'
>;

/**
 * What paying an order does: order, holding, grant and history, as statements of one batch. Guarded by the
 * order's state (`order_not_payable`) and by the holding's version that the order was made for
 * (`membership_changed`).
 */
export async function settlement(ctx: Ctx, order: SettledOrder, provider: string): Promise<Statement[]> {
  const { owner, program, productId, period } = order;
  if (program !== 'token' || !productId || !isCalendarPeriod(period)) {
    throw new Error(`an order of program ${program} cannot be settled`);
  }
  const { holding, grants } = await findHolding(ctx, owner, program);
  const held = membershipAt(grants, false, ctx.now);
  const span = nextSpan(grants, period, ctx.now);
  if (!span) throw new AppError('membership_changed');
  const running = held.status === 'active';
  return [
    markOrderPaid(ctx, order.id, { provider, paidAmount: order.finalAmount, paidAt: ctx.now }),
    guard(ctx, 'order_not_payable'),
    advanceHolding(ctx, {
      owner,
      program,
      version: order.holdingVersion,
      autoRenew: autoRenewAfter(running, holding, order.autoRenew),
      sweepAt: span.untilAt,
      now: ctx.now,
    }),
    guard(ctx, 'membership_changed'),
    ...endedBefore(ctx, order, holding, held),
    insertGrant(ctx, {
      id: ctx.ids.next('gr', ctx.now),
      owner,
      program,
      productId,
      source: 'order',
      orderId: order.id,
      period,
      ...span,
      paid: order.finalAmount + order.creditAmount,
      createdAt: ctx.now,
    }),
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner,
      program,
      action: running ? 'renew' : 'subscribe',
      reference: order.id,
      productId,
      productName: order.snapshot.productName,
      period,
      amount: order.finalAmount,
      originalAmount: order.originalAmount,
      startedAt: span.fromAt,
      endsAt: span.untilAt,
      orderId: order.id,
      createdAt: ctx.now,
    }),
    requestPush(ctx, owner, ctx.now),
  ];
}

/** A cancelled membership that is renewed stays cancelled until it is resumed; undefined leaves it as it is. */
function autoRenewAfter(running: boolean, holding: HoldingRow | null, wish: boolean): boolean | undefined {
  if (!running) return wish;
  return holding?.cancelledAt == null && wish ? true : undefined;
}

/** A membership that ended and is bought again before the sweep came by has its end in the history all the same. */
function endedBefore(
  ctx: Ctx,
  order: SettledOrder,
  holding: HoldingRow | null,
  held: Membership<Parameters<typeof expiredEvent>[1]>,
): Statement[] {
  const unswept =
    holding?.sweepAt != null && held.status === 'expired' && held.current && held.endsAt !== null;
  if (!unswept || !held.current || held.endsAt === null) return [];
  const name =
    held.current.productId === order.productId ? order.snapshot.productName : held.current.productId;
  return [insertEvent(ctx, expiredEvent(ctx, held.current, held.startedAt, held.endsAt, name))];
}

function isCalendarPeriod(period: string | null): period is keyof typeof PERIOD_MONTHS {
  return period !== null && Object.hasOwn(PERIOD_MONTHS, period);
}
