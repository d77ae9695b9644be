import type { OpenAPIHono } from '@hono/zod-openapi';
import { providersFor } from '#flows/commerce/pay-order';
import { topUp } from '#flows/commerce/topup';
import { listVouchers } from '#flows/commerce/vouchers';
import { getWallet, listEntries } from '#flows/commerce/wallet';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import type { SurfaceEnv } from '../shared/surface.ts';
import { serve } from './operation.ts';
import { toOrder } from './orders.mapper.ts';
import { pageOf, toList } from './schemas.ts';
import { toBalances, toEntry, toVoucher } from './wallet.mapper.ts';
import * as routes from './wallet.routes.ts';

export function serveWallet(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.wallet, async (ctx, { query }) => {
    const { currency, balances } = await getWallet(ctx, query);
    const debt = balances.find(({ asset }) => asset === currency)?.debt ?? 0;
    return { items: toBalances(balances), debt: formatDecimal(debt) };
  });

  serve(app, routes.entries, async (ctx, { query }) =>
    toList(await listEntries(ctx, query, pageOf(query)), toEntry),
  );

  serve(app, routes.topup, async (ctx, { body }) => {
    const order = await topUp(ctx, body);
    const payment = { providers: providersFor(ctx, order), expires_at: toIso(order.expiresAt) };
    return { ...toOrder(order), payment };
  });

  serve(app, routes.vouchers, async (ctx, { query }) =>
    toList(await listVouchers(ctx, query, pageOf(query)), (row) => toVoucher(row, ctx.now)),
  );
}
