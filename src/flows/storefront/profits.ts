import { abortIf, commitApart, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { hasCode } from '#kernel/errors';
import { findInviters } from '#modules/accounts/store';
import type { OrderRow } from '#modules/commerce/order-store';
import { post } from '#modules/commerce/wallet-store';
import {
  deleteProfitCheck,
  findDueProfitChecks,
  findDueProfits,
  hasOtherProfits,
  insertProfit,
  moveProfit,
  type ProfitRow,
} from '#modules/storefront/store';
import { profitsOf } from '#programs/vip/rules';
import { getStorefront, minutes } from './settings.ts';

/** A run's; what is left is due at the next one. */
const BATCH = 50;

/** Makes the profits of orders whose time has come, and settles those whose delay is over. Each once. */
export async function runProfits(ctx: Ctx): Promise<void> {
  const settings = await getStorefront(ctx);
  const delay = minutes(settings.profit_order_settlement_time);
  for (const { order } of await findDueProfitChecks(ctx, ctx.now, BATCH)) {
    try {
      const made = settings.is_commission === '1' ? await profitsOfOrder(ctx, order, delay) : [];
      await commitApart(ctx, [...made, deleteProfitCheck(ctx, order.id)]);
    } catch (error) {
      // Its order moved, or another run was first. Anything else stays due; the others do not wait for it.
      if (!hasCode(error, 'order_changed')) ctx.log.error('profit.failed', error, { orderId: order.id });
    }
  }
  for (const profit of await findDueProfits(ctx, ctx.now, BATCH)) await settle(ctx, profit);
}

/** Up to three generations of inviters, each by its part of the commission that was in force when it was ordered. */
async function profitsOfOrder(ctx: Ctx, order: OrderRow, delay: number): Promise<Statement[]> {
  const total = order.paidAmount - order.refundedAmount;
  const amounts = profitsOf(total, order.snapshot.vip?.commission ?? '');
  const inviters = await findInviters(ctx, order.owner, amounts.length);
  return amounts.flatMap((amount, index) => {
    const owner = inviters[index];
    if (!owner || amount === 0) return [];
    return [
      insertProfit(ctx, {
        id: ctx.ids.next('vp', ctx.now),
        owner,
        buyerId: order.owner,
        orderId: order.id,
        total,
        amount,
        currency: order.currency,
        generation: index + 1,
        dueAt: ctx.now + delay,
        createdAt: ctx.now,
      }),
      guard(ctx, 'order_changed'),
    ];
  });
}

async function settle(ctx: Ctx, profit: ProfitRow): Promise<void> {
  try {
    await commitApart(ctx, [
      moveProfit(ctx, profit, 'settled', ctx.now),
      guard(ctx, 'order_changed'),
      ...post(ctx, { ...booking(profit), reason: 'vip_profit' }, 'force'),
    ]);
  } catch (error) {
    // Voided, or settled by another run; anything else keeps no other waiting.
    if (!hasCode(error, 'order_changed')) ctx.log.error('profit.failed', error, { profit: profit.id });
  }
}

/** Profits of an order that was refunded: what waits is void, what was settled is taken back (a debt where it is spent). */
export function voidProfits(ctx: Ctx, orderId: string, profits: ProfitRow[]): Statement[] {
  const known = profits.map(({ id }) => id);
  const taken = profits
    .filter(({ status }) => status !== 'void')
    .flatMap((profit) => {
      const { amount, ...rest } = booking(profit);
      return [
        moveProfit(ctx, profit, 'void', ctx.now),
        guard(ctx, 'order_changed'),
        ...(profit.status === 'settled'
          ? post(ctx, { ...rest, amount: -amount, reason: 'vip_profit_clawback' }, 'force')
          : []),
      ];
    });
  // None is made afterwards, and none was in between.
  return [
    deleteProfitCheck(ctx, orderId),
    abortIf(ctx, hasOtherProfits(orderId, known), 'order_changed'),
    ...taken,
  ];
}

function booking({ id, owner, currency: asset, amount }: ProfitRow) {
  return { owner, asset, amount, reference: id };
}
