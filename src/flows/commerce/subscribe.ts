import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { type Person, requirePerson } from '#kernel/actor';
import { HOUR, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, invalid, retryOn } from '#kernel/errors';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { findTokenPlan, type TokenPlan } from '#modules/catalogue/store';
import { findHolding, type GrantRow } from '#modules/commerce/holding-store';
import {
  cancelAttempts,
  closeOrder,
  findOpenOrder,
  findOrder,
  insertOrder,
  type OrderRow,
} from '#modules/commerce/order-store';
import { isTooFarAhead, membershipAt, nextSpan } from '#modules/commerce/rules';
import { mayAct } from '#modules/enterprise/acting';
import { pushOwner } from '../quota/push-owner.ts';
import { orderAudit } from './orders.ts';
import { settlement } from './settlement.ts';

export const SubscribeInput = z.object({
  plan_id: z.string().min(1).max(64),
  period: z.enum(['monthly', 'yearly']),
  auto_renew: z.boolean().default(false),
  voucher_id: z.string().min(1).max(64).nullish(),
});

/** How long an order of a plan can be paid. */
const PAYABLE = 30 * MINUTE;
const MOST_ORDERS_AN_HOUR = 30;

const PERIOD_WORDS = { monthly: '月付', yearly: '年付' } as const;

/**
 * Orders a plan (seed 000 §8.3); nothing is held before it is paid. The same plan while it is held is a
 * renewal. A newer wish closes the open order; the same wish again is the same order.
 */
export async function subscribe(ctx: Ctx, input: z.infer<typeof SubscribeInput>): Promise<OrderRow> {
  return retryOn('order_open', () => placeOrder(ctx, input));
}

async function placeOrder(ctx: Ctx, input: z.infer<typeof SubscribeInput>): Promise<OrderRow> {
  const person = requirePerson(ctx.actor);
  const plan = await findTokenPlan(ctx, input.plan_id);
  if (plan?.status !== 'active') throw new AppError('plan_not_available');
  if (plan.id === FREE_PLAN_ID) throw new AppError('plan_not_for_sale');
  const owner = buyerOf(person, plan.audience);
  const amount = plan[input.period];
  if (amount === null) throw new AppError('period_not_for_sale', invalid('period', 'is not sold').detail);
  if (input.voucher_id) throw new AppError('voucher_invalid', invalid('voucher_id', 'is not known').detail);
  const { holding, grants } = await findHolding(ctx, owner, 'token');
  const kind = kindOf(grants, plan, ctx.now);
  const span = nextSpan(grants, input.period, ctx.now);
  if (!span || isTooFarAhead(span.untilAt, ctx.now)) throw new AppError('membership_too_long');

  const version = holding?.version ?? 0;
  const open = await findOpenOrder(ctx, owner, 'token');
  const payable = open !== null && open.expiresAt > ctx.now;
  if (payable && isSameWish(open, { kind, plan, input, version, amount })) return open;

  const row = {
    id: ctx.ids.next('ord', ctx.now),
    userId: person.userId,
    owner,
    program: 'token' as const,
    kind,
    productId: plan.id,
    period: input.period,
    currency: plan.currency,
    originalAmount: amount,
    creditAmount: 0,
    finalAmount: amount,
    autoRenew: input.auto_renew,
    holdingVersion: version,
    snapshot: {
      productName: plan.name,
      title: `${plan.name}(${PERIOD_WORDS[input.period]})`,
      days: null,
    },
    createdAt: ctx.now,
    expiresAt: ctx.now + PAYABLE,
  };
  const free = amount === 0;
  // Only the order that was read is closed: where another one came between, UNIQUE says `order_open`.
  await commit(
    ctx,
    [
      ...(open ? [closeOrder(ctx, open.id, 'replaced', ctx.now), cancelAttempts(ctx, open.id, ctx.now)] : []),
      insertOrder(ctx, row, ctx.now - HOUR, MOST_ORDERS_AN_HOUR),
      guard(ctx, 'order_throttled'),
      // What costs nothing is paid by being placed, in the same batch.
      ...(free ? await settlement(ctx, row, 'wallet') : []),
    ],
    orderAudit(row, 'plan_ordered'),
  );
  if (free) await pushOwner(ctx, owner);
  const order = await findOrder(ctx, row.id);
  if (!order) throw new Error('an order vanished after it was placed');
  return order;
}

/** Who buys: a verified enterprise through its managers, or a person who belongs to none. */
function buyerOf({ enterprise, userId }: Person, audience: TokenPlan['audience']): string {
  if (audience === 'personal') {
    if (enterprise) throw new AppError('personal_plan_forbidden');
    return userId;
  }
  if (enterprise?.frozen) throw new AppError('enterprise_frozen');
  const allowed = enterprise?.verified && mayAct(enterprise, 'plan.buy');
  if (!allowed) throw new AppError('enterprise_plan_forbidden');
  return enterprise.id;
}

function kindOf(grants: GrantRow[], plan: TokenPlan, now: number): 'subscribe' | 'renew' {
  const held = membershipAt(grants, false, now);
  if (held.status !== 'active' || !held.current) return 'subscribe';
  if (held.current.productId === plan.id) return 'renew';
  throw new AppError('plan_change_not_supported');
}

function isSameWish(
  open: OrderRow,
  wish: {
    kind: OrderRow['kind'];
    plan: TokenPlan;
    input: z.infer<typeof SubscribeInput>;
    version: number;
    amount: number;
  },
): boolean {
  return (
    open.kind === wish.kind &&
    open.productId === wish.plan.id &&
    open.period === wish.input.period &&
    open.autoRenew === wish.input.auto_renew &&
    open.voucherId === (wish.input.voucher_id ?? null) &&
    open.holdingVersion === wish.version &&
    open.originalAmount === wish.amount
  );
}
