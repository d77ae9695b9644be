import type { OpenAPIHono } from '@hono/zod-openapi';
import { claimGift } from '#flows/alliance/gifts';
import { getInvite, getMyTier, listOffers } from '#flows/alliance/my-tier';
import { purchaseTier } from '#flows/alliance/purchase-tier';
import { listRewards } from '#flows/alliance/rewards';
import { withdraw } from '#flows/alliance/withdrawals';
import { providersFor } from '#flows/commerce/pay-order';
import { toIso } from '#kernel/clock';
import { AppError } from '#kernel/errors';
import { formatDecimal } from '#kernel/money';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { toOrder } from './orders.mapper.ts';
import { pageOf, toList } from './schemas.ts';
import { toClaimed, toMyTier, toOffers, toReward } from './tbk.mapper.ts';
import * as routes from './tbk.routes.ts';

/** What members of the alliance do (spec tiers, Members). */
export function serveTbk(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.offers, async (ctx) => toOffers(await listOffers(ctx), ctx.site.currency));
  serve(app, routes.me, async (ctx) => toMyTier(await getMyTier(ctx)));
  serve(app, routes.invite, (ctx) => getInvite(ctx));
  serve(app, routes.buy, async (ctx, { body }) => {
    const order = await purchaseTier(ctx, body);
    return {
      ...toOrder(order),
      pay_mode: body.pay_mode,
      eoc_num: order.snapshot.tier?.eoc ?? 0,
      payment: { providers: providersFor(ctx, order), expires_at: toIso(order.expiresAt) },
    };
  });
  serve(app, routes.claim, async (ctx, { body }) => toClaimed(await claimGift(ctx, body)));
  serve(app, routes.rewards, async (ctx, { query }) =>
    toList(await listRewards(ctx, pageOf(query)), toReward),
  );
  serve(app, routes.withdraw, async (ctx, { body, c }) => {
    // Money must not leave twice because a connection broke.
    if (c.req.header('Idempotency-Key') === undefined) throw new AppError('idempotency_key_required');
    const { id, amount, fee, status } = await withdraw(ctx, body);
    return {
      withdrawal_id: id,
      amount: formatDecimal(amount),
      fee: formatDecimal(fee),
      net: formatDecimal(amount - fee),
      status,
    };
  });
}
