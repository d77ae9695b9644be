import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { serialOrId } from '#kernel/serial';
import type { Gift } from '#modules/catalogue/types';
import { findOrderBy, type OrderRow } from '#modules/commerce/order-store';
import { findGift, insertGift, shipGift } from '#modules/referral/gift-store';

const Text = (most: number) => z.string().trim().min(1).max(most);

export const ClaimGiftInput = z.object({
  order_no: z.union([z.int().min(1).transform(String), z.string().min(1).max(64)]),
  consignee: z
    .object({
      name: Text(64),
      phone: z
        .string()
        .trim()
        .regex(/^\+?[\d -]{5,20}$/, 'must be a phone number'),
      area: Text(200),
      detail: Text(200),
    })
    .nullish(),
});

export const ExpressInput = z.object({ express_name: Text(64), express_number: Text(64) });

/** Whether a tier's gift is received by a link and a code: nothing is shipped then. */
export function isReceived(gift: Gift | null): boolean {
  return gift?.receive != null;
}

/**
 * Claims the gift of an own tier order, once. One that is shipped needs to know where to; the other answers how it is
 * received.
 */
export async function claimGift(ctx: Ctx, input: z.infer<typeof ClaimGiftInput>): Promise<Gift> {
  const { userId } = requirePerson(ctx.actor);
  const order = await findOrderBy(ctx, serialOrId(input.order_no));
  if (order?.program !== 'tier' || order.owner !== userId) throw new AppError('not_found');
  const gift = order.snapshot.tier?.gift;
  if (order.status !== 'paid' || !gift) throw new AppError('gift_none');
  const received = isReceived(gift);
  if (!received && !input.consignee) {
    throw new AppError('invalid_input', {
      faults: [{ path: 'consignee', message: 'is required: the gift is shipped' }],
    });
  }
  const consignee = received ? null : (input.consignee ?? null);
  await commit(ctx, [
    insertGift(ctx, { orderId: order.id, userId, consignee, received, now: ctx.now }),
    guard(ctx, 'gift_none'),
  ]);
  return gift;
}

/** A tier order that an admin means: by the number that this surface shows, or by its own. */
export async function requireTierOrder(ctx: Ctx, id: string): Promise<OrderRow> {
  const order = await findOrderBy(ctx, serialOrId(id));
  const logged = order?.status === 'paid' || order?.status === 'refunded';
  if (order?.program !== 'tier' || !logged) throw new AppError('not_found');
  return order;
}

/** Notes how a claimed gift was sent; again corrects it. */
export async function shipGiftOf(ctx: Ctx, id: string, input: z.infer<typeof ExpressInput>): Promise<void> {
  requireAdmin(ctx.actor);
  const order = await requireTierOrder(ctx, id);
  const before = await findGift(ctx, order.id);
  if (!before || before.received || order.status !== 'paid') throw new AppError('gift_not_shippable');
  const express = { name: input.express_name, number: input.express_number };
  await commit(ctx, [shipGift(ctx, order.id, express, ctx.now), guard(ctx, 'gift_not_shippable')], {
    action: before.shippedAt === null ? 'gift.shipped' : 'gift.shipping_corrected',
    target: order.id,
    detail: {
      ...input,
      ...(before.shippedAt === null
        ? {}
        : { was: { express_name: before.expressName, express_number: before.expressNumber } }),
    },
  });
}
