import type { OpenAPIHono, z } from '@hono/zod-openapi';
import { bookCommission, takeBackCommission } from '#flows/alliance/commissions';
import { getTierSettings, setTierSettings, type TierSettings } from '#flows/alliance/settings';
import { approveWithdrawal, listWithdrawals, rejectWithdrawal } from '#flows/alliance/withdrawals';
import { formatLocal } from '#kernel/calendar';
import { formatTrimmed } from '#kernel/money';
import type { WithdrawalRow } from '#modules/referral/withdrawal-store';
import type { SurfaceEnv } from '../shared/surface.ts';
import { said } from './envelope.ts';
import { serve } from './operation.ts';
import { toPaginator } from './paginator.ts';
import * as routes from './referral.routes.ts';

export function serveReferral(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.getSettings, async (ctx) => toSettings(await getTierSettings(ctx)));
  serve(app, routes.setSettings, async (ctx, { body, c }) => {
    const settings = toSettings(await setTierSettings(ctx, body));
    return { ...said(c, '更新成功', 'Updated.'), settings };
  });

  serve(app, routes.bookCommission, async (ctx, { body, c }) => {
    const { orderNo, userId, amount, reward } = await bookCommission(ctx, body);
    return {
      ...said(c, '登记成功', 'Booked.'),
      commission: {
        order_no: orderNo,
        user_id: userId,
        amount: formatTrimmed(amount),
        reward: reward && {
          amount: formatTrimmed(reward.amount),
          rate: String(reward.rate),
          status: reward.status,
          available_at: formatLocal(ctx.site.timeZone, reward.availableAt),
        },
      },
    };
  });
  serve(app, routes.takeBackCommission, async (ctx, { params, c }) => {
    await takeBackCommission(ctx, params.order_no);
    return said(c, '已撤销', 'Taken back.');
  });

  serve(app, routes.listWithdrawals, async (ctx, { query }) => {
    const { page, limit, ...filter } = query;
    const found = await listWithdrawals(ctx, filter, { page, pageSize: limit });
    return toPaginator(found, (row) => toWithdrawal(row, ctx.site.timeZone));
  });
  serve(app, routes.approve, async (ctx, { params, c }) => {
    const row = await approveWithdrawal(ctx, params.id);
    return { ...said(c, '已通过', 'Approved.'), withdrawal: toWithdrawal(row, ctx.site.timeZone) };
  });
  serve(app, routes.reject, async (ctx, { params, body, c }) => {
    const row = await rejectWithdrawal(ctx, params.id, body.reason);
    return { ...said(c, '已驳回', 'Rejected.'), withdrawal: toWithdrawal(row, ctx.site.timeZone) };
  });
}

function toSettings(settings: TierSettings): z.infer<typeof routes.Settings> {
  return {
    eoc_price: formatTrimmed(settings.eocPrice),
    elc_price: formatTrimmed(settings.elcPrice),
    direct_rebate: String(settings.directRebate),
    service_fee: String(settings.serviceFee),
    hold_days: settings.holdDays,
  };
}

function toWithdrawal(row: WithdrawalRow, timeZone: string): z.infer<typeof routes.Withdrawal> {
  return {
    id: row.serial,
    withdrawal_id: row.id,
    user_id: row.userSerial,
    amount: formatTrimmed(row.amount),
    fee_rate: String(row.feeRate),
    fee: formatTrimmed(row.fee),
    net: formatTrimmed(row.amount - row.fee),
    currency: row.currency,
    channel: row.channel,
    account: row.account,
    account_name: row.accountName,
    status: row.status,
    reason: row.reason,
    created_at: formatLocal(timeZone, row.createdAt),
    decided_at: row.decidedAt === null ? null : formatLocal(timeZone, row.decidedAt),
  };
}
