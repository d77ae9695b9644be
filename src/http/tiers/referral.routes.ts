import { z } from '@hono/zod-openapi';
import { CommissionInput } from '#flows/alliance/commissions';
import { TierSettingsInput } from '#flows/alliance/settings';
import { RejectInput } from '#flows/alliance/withdrawals';
import { Count } from '../shared/count.ts';
import { Said } from './envelope.ts';
import { filter } from './filter.ts';
import { IdParam, Percent, Time, Trimmed } from './members.routes.ts';
import { operation } from './operation.ts';
import { paginatorOf } from './paginator.ts';

const rewards = 'Admin: rewards and withdrawals';

export const Settings = z
  .object({
    eoc_price: Trimmed.openapi({ example: '0.05' }),
    elc_price: Trimmed.openapi({ example: '0.05' }),
    direct_rebate: Percent,
    service_fee: Percent,
    hold_days: z.int(),
  })
  .openapi('TierSettings');

export const getSettings = operation({
  method: 'get',
  path: '/admin/tbk/settings',
  tag: 'Admin: tiers',
  summary: 'Prices of tokens, and rates where a tier says none',
  data: Settings,
});

export const setSettings = operation({
  method: 'put',
  path: '/admin/tbk/settings',
  tag: 'Admin: tiers',
  summary: 'Change these settings',
  description: 'What is left out stays. What was ordered before keeps the prices and rates of then.',
  body: TierSettingsInput.openapi('UpdateTierSettings'),
  data: Said.extend({ settings: Settings }),
});

export const bookCommission = operation({
  method: 'post',
  path: '/admin/tbk/commissions',
  tag: rewards,
  summary: 'Book an invitee’s shopping commission',
  description: 'Once for each `order_no`; the inviter’s share of it is held, then credited.',
  idempotent: true,
  body: CommissionInput.openapi('BookCommission'),
  data: Said.extend({
    commission: z.object({
      order_no: z.string(),
      user_id: z.int(),
      amount: Trimmed,
      reward: z
        .object({ amount: Trimmed, rate: Percent, status: z.string(), available_at: Time })
        .nullable()
        .openapi({ description: 'Null without an inviter' }),
    }),
  }),
  errors: ['not_found', 'commission_taken'],
});

export const takeBackCommission = operation({
  method: 'delete',
  path: '/admin/tbk/commissions/{order_no}',
  tag: rewards,
  summary: 'Take a commission back',
  params: z.object({ order_no: z.string() }),
  data: Said,
});

export const Withdrawal = z
  .object({
    id: z.int(),
    withdrawal_id: z.string(),
    user_id: z.int().nullable(),
    amount: Trimmed,
    fee_rate: Percent,
    fee: Trimmed,
    net: Trimmed,
    currency: z.string(),
    channel: z.enum(['wxpay', 'alipay', 'bank']),
    account: z.string().nullable(),
    account_name: z.string().nullable(),
    status: z.enum(['pending', 'approved', 'rejected']),
    reason: z.string().nullable(),
    created_at: Time,
    decided_at: Time.nullable(),
  })
  .openapi('AdminWithdrawal');

export const listWithdrawals = operation({
  method: 'get',
  path: '/admin/tbk/withdrawals',
  tag: rewards,
  summary: 'Money on its way out of wallets',
  description: 'Newest first.',
  query: z.object({
    status: filter(z.enum(['pending', 'approved', 'rejected'])),
    page: Count(1, 100_000_000),
    limit: Count(20, 100),
  }),
  data: paginatorOf(Withdrawal),
});

export const approve = operation({
  method: 'post',
  path: '/admin/tbk/withdrawals/{id}/approve',
  tag: rewards,
  summary: 'The money was sent',
  params: IdParam,
  data: Said.extend({ withdrawal: Withdrawal }),
  errors: ['withdrawal_decided'],
});

export const reject = operation({
  method: 'post',
  path: '/admin/tbk/withdrawals/{id}/reject',
  tag: rewards,
  summary: 'The money goes back into the wallet',
  params: IdParam,
  body: RejectInput.openapi('RejectWithdrawal'),
  data: Said.extend({ withdrawal: Withdrawal }),
  errors: ['withdrawal_decided'],
});
