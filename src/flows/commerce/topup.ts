import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import { HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { isDecimal, parseDecimal } from '#kernel/money';
import { findOrder, insertOrder, type OrderRow } from '#modules/commerce/order-store';
import { requireAct } from '#modules/enterprise/acting';
import { orderAudit } from './orders.ts';
import { MOST_ORDERS_AN_HOUR, PAYABLE } from './place-order.ts';

/** A hundred million: more than anybody tops up, and far from where integers end. */
const MOST = 100_000_000_00;

export const TopupInput = z.object({
  amount: z
    .string()
    .refine(
      (text) => isDecimal(text) && parseDecimal(text) > 0 && parseDecimal(text) <= MOST,
      'must be an amount from "0.01" to "100000000.00"',
    ),
});

/** Orders money into the caller's wallet (or their enterprise's). No voucher, and not from a wallet. */
export async function topUp(ctx: Ctx, input: z.infer<typeof TopupInput>): Promise<OrderRow> {
  const person = requirePerson(ctx.actor);
  const owner = person.enterprise ? requireAct(person, 'plan.buy').enterprise.id : person.userId;
  const amount = parseDecimal(input.amount);
  const row = {
    id: ctx.ids.next('ord', ctx.now),
    userId: person.userId,
    owner,
    program: 'wallet' as const,
    kind: 'topup' as const,
    currency: ctx.site.currency,
    originalAmount: amount,
    finalAmount: amount,
    snapshot: { productName: '钱包充值', title: '钱包充值', days: null },
    createdAt: ctx.now,
    expiresAt: ctx.now + PAYABLE,
  };
  await commit(
    ctx,
    [insertOrder(ctx, row, ctx.now - HOUR, MOST_ORDERS_AN_HOUR), guard(ctx, 'order_throttled')],
    orderAudit(row, 'topup_ordered'),
  );
  const order = await findOrder(ctx, row.id);
  if (!order) throw new Error('an order vanished after it was placed');
  return order;
}
