import type { OpenAPIHono } from '@hono/zod-openapi';
import { getOrderDetail, searchOrders, searchPayments } from '#flows/commerce/admin-orders';
import { grantMembership } from '#flows/commerce/grant-membership';
import { refundOrder } from '#flows/commerce/refund-order';
import { createVoucher, issueVouchers, searchVouchers, voidVoucher } from '#flows/commerce/vouchers';
import { adjustWallet } from '#flows/commerce/wallet';
import { toIso } from '#kernel/clock';
import { lastSecondOf } from '#modules/commerce/rules';
import type { SurfaceEnv } from '../shared/surface.ts';
import { toAdminOrder, toAdminOrderDetail, toPayment } from './admin-commerce.mapper.ts';
import * as routes from './admin-commerce.routes.ts';
import { serve } from './operation.ts';
import { pageOf, toList } from './schemas.ts';
import { toBalances, toVoucherType } from './wallet.mapper.ts';

export function serveAdminCommerce(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.listOrders, async (ctx, { query }) =>
    toList(await searchOrders(ctx, query, pageOf(query)), toAdminOrder),
  );
  serve(app, routes.getOrder, async (ctx, { params }) =>
    toAdminOrderDetail(await getOrderDetail(ctx, params.order_id)),
  );
  serve(app, routes.refund, async (ctx, { params, body }) =>
    toAdminOrder(await refundOrder(ctx, params.order_id, body)),
  );
  serve(app, routes.listPayments, async (ctx, { query }) =>
    toList(await searchPayments(ctx, query, pageOf(query)), toPayment),
  );

  serve(app, routes.grant, async (ctx, { params, body }) => {
    const { owner, plan, from, until } = await grantMembership(ctx, params.user_id, body);
    return {
      owner,
      plan_id: plan.id,
      plan_name: plan.name,
      started_at: toIso(from),
      expired_at: toIso(lastSecondOf(until)),
    };
  });

  serve(app, routes.createVoucher, async (ctx, { body }) => toVoucherType(await createVoucher(ctx, body)));
  serve(app, routes.listVouchers, async (ctx, { query }) =>
    toList(await searchVouchers(ctx, pageOf(query)), ({ row, issued, used }) =>
      toVoucherType(row, { issued, used }),
    ),
  );
  serve(app, routes.issueVouchers, async (ctx, { params, body }) => {
    const issued = await issueVouchers(ctx, params.voucher_type_id, body);
    return { items: issued.map(({ id, userId }) => ({ voucher_id: id, user_id: userId })) };
  });
  serve(app, routes.voidVoucher, async (ctx, { params }) => {
    const { row, issued, used } = await voidVoucher(ctx, params.voucher_type_id);
    return toVoucherType(row, { issued, used });
  });
  serve(app, routes.adjustWallet, async (ctx, { params, body }) => ({
    items: toBalances(await adjustWallet(ctx, params.owner, body)),
  }));
}
