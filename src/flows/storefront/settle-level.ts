import { abortIf, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { isDeleted } from '#modules/catalogue/packages/store';
import { listLevels } from '#modules/catalogue/vip/store';
import { insertEvent, selectGrants } from '#modules/commerce/holding-store';
import { creditOrder, findOrder, type OrderRow, setCredits } from '#modules/commerce/order-store';
import { heldAt, membershipAt } from '#modules/commerce/rules';
import type { CreditShare } from '#modules/commerce/types';
import { insertProfitCheck } from '#modules/storefront/store';
import { settled, worthOf } from '#programs/vip/rules';
import { changeGrants, heldBy } from '../commerce/grant-changes.ts';
import { getStorefront, minutes } from './settings.ts';

type PaidLevelOrder = Pick<
  OrderRow,
  'id' | 'owner' | 'finalAmount' | 'originalAmount' | 'snapshot' | 'createdAt'
> & {
  productId?: string | null;
  period?: string | null;
};

/** Whether it could still be granted: not where it is theirs for ever already, or the level is gone. */
export async function isGrantable(ctx: Ctx, { owner, productId }: OrderRow): Promise<boolean> {
  const held = heldAt(await selectGrants(ctx, owner, 'vip'), ctx.now);
  if (held?.productId === productId && held.endsAt === null) return false;
  return (await listLevels(ctx)).some((level) => level.productId === productId);
}

/**
 * What paying a level's order does: its time begins or goes on, what another level has left is carried over, and its
 * profits are made when their time has come. Computed from what is held when it is paid: `membership_changed` where that
 * moved meanwhile, and the payment is tried again.
 */
export async function settleLevel(ctx: Ctx, order: PaidLevelOrder): Promise<Statement[]> {
  const { id, owner, productId, snapshot } = order;
  if (!productId || !snapshot.vip) throw new Error(`order ${id} is of no level`);
  const held = await heldBy(ctx, owner, 'vip');
  const before = membershipAt(held.grants, false, ctx.now);
  const purchase = {
    id,
    productId,
    period: order.period ?? '',
    paid: order.finalAmount,
    price: order.originalAmount,
    days: snapshot.days ?? 0,
  };
  const change = settled(purchase, snapshot.vip.carryOver, held.grants, ctx.now);
  const [granted] = change?.insert ?? [];
  // It became theirs for ever meanwhile: there is nothing to add.
  if (!change || !granted) throw new AppError('vip_for_ever_already');
  const settings = await getStorefront(ctx);
  // What goes into another level cannot be refunded any more, until that one is.
  const credits = change.update.length > 0 ? await takenFrom(ctx, worthOf(held.grants, ctx.now)) : [];
  return [
    // Paid late, when it is not there any more.
    abortIf(ctx, isDeleted(productId), 'plan_not_available'),
    ...credits.flatMap(({ orderId, amount }) =>
      orderId === null ? [] : [creditOrder(ctx, orderId, amount), guard(ctx, 'membership_changed')],
    ),
    ...(credits.length > 0 ? [setCredits(ctx, id, credits)] : []),
    ...changeGrants(ctx, held, change, { source: 'order' }),
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner,
      program: 'vip',
      action:
        before.status !== 'active'
          ? 'subscribe'
          : before.current?.productId === productId
            ? 'renew'
            : 'upgrade',
      reference: id,
      productId,
      productName: snapshot.productName,
      period: order.period,
      amount: order.finalAmount,
      originalAmount: order.originalAmount,
      startedAt: granted.fromAt,
      endsAt: granted.untilAt,
      orderId: id,
      createdAt: ctx.now,
    }),
    insertProfitCheck(
      ctx,
      id,
      Math.max(ctx.now, order.createdAt + minutes(settings.profit_order_create_time)),
    ),
  ];
}

/** What each order gives of the value that is carried over: as much as could be refunded of it, and no more. */
async function takenFrom(ctx: Ctx, shares: CreditShare[]): Promise<CreditShare[]> {
  const taken: CreditShare[] = [];
  for (const { orderId, amount } of shares) {
    const order = orderId === null ? null : await findOrder(ctx, orderId);
    const most = order ? order.paidAmount - order.refundedAmount - order.creditedAmount : 0;
    if (most > 0) taken.push({ orderId, amount: Math.min(amount, most) });
  }
  return taken;
}
