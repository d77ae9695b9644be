import { z } from '@hono/zod-openapi';
import { CommissionInput } from '#flows/alliance/commissions';
import { TierSettingsInput } from '#flows/alliance/settings';
import { RejectInput } from '#flows/alliance/withdrawals';
import { Count } from '../shared/count.ts';
import { idParam } from '../shared/id-param.ts';
import { Said } from './envelope.ts';
import { filter } from './filter.ts';
import { Percent, Time, Trimmed } from './members.routes.ts';
import { operation } from './operation.ts';
import { paged, paginatorOf } from './paginator.ts';

const rewards = 'Admin: rewards and withdrawals';

export const Settings = z
  .object({
    eoc_price: Trimmed.openapi({ description: 'What one EOC pays of a price', example: '0.05' }),
    elc_price: Trimmed.openapi({ description: 'What one ELC of a reward counts for', example: '0.05' }),
    direct_rebate: Percent.openapi({
      description: 'The inviter’s share of a shopping commission, where their tier says none',
      example: '10',
    }),
    service_fee: Percent.openapi({
      description: 'The fee on withdrawals, where the tier says none',
      example: '35',
    }),
    hold_days: z.int().openapi({ description: 'How long rewards are held', example: 7 }),
  })
  .openapi('TierSettings');

const SETTINGS: z.input<typeof Settings> = {
  eoc_price: '0.05',
  elc_price: '0.05',
  direct_rebate: '10',
  service_fee: '35',
  hold_days: 7,
};

export const getSettings = operation({
  method: 'get',
  path: '/admin/tbk/settings',
  operationId: 'getTierSettings',
  tag: 'Admin: tiers',
  summary: 'Prices of tokens, and rates where a tier says none',
  description:
    'Prices are in the site’s currency, rates whole percentages. A site that never saved any has those of the example.',
  data: Settings,
  example: { data: SETTINGS },
});

export const setSettings = operation({
  method: 'put',
  path: '/admin/tbk/settings',
  operationId: 'updateTierSettings',
  tag: 'Admin: tiers',
  summary: 'Change these settings',
  description:
    'What is left out stays. What was ordered, booked or asked for before keeps the prices, rates and hold of then. ' +
    'Numbers are taken as texts and as numbers.',
  body: TierSettingsInput.openapi('UpdateTierSettings'),
  data: Said.extend({ settings: Settings }),
  example: {
    body: { eoc_price: '0.05', elc_price: '0.05', direct_rebate: 10, service_fee: 35, hold_days: 14 },
    data: { message: '更新成功', settings: { ...SETTINGS, hold_days: 14 } },
  },
});

export const bookCommission = operation({
  method: 'post',
  path: '/admin/tbk/commissions',
  operationId: 'bookCommission',
  tag: rewards,
  summary: 'Book an invitee’s shopping commission',
  description:
    'Once for each `order_no`, which is the shop’s; the inviter’s share of it is held, then credited. The rate is that ' +
    'of the inviter’s tier now (`direct:reward`, else `direct_rebate`), and the share is rounded down. `user_id` is ' +
    'the invitee’s number or id; they get nothing by it themselves.',
  idempotent: true,
  body: CommissionInput.openapi('BookCommission'),
  data: Said.extend({
    commission: z.object({
      order_no: z.string(),
      user_id: z.int().openapi({ description: 'The invitee’s number' }),
      amount: Trimmed,
      reward: z
        .object({
          amount: Trimmed,
          rate: Percent,
          status: z.string().openapi({ description: '`held`, `credited` or `void`' }),
          available_at: Time,
        })
        .nullable()
        .openapi({ description: 'The inviter’s; null without one, or where it comes to nothing' }),
    }),
  }),
  example: {
    body: { user_id: 314, order_no: '1384950261773094521', amount: '12.34' },
    data: {
      message: '登记成功',
      commission: {
        order_no: '1384950261773094521',
        user_id: 314,
        amount: '12.34',
        reward: { amount: '2.46', rate: '20', status: 'held', available_at: '2020-01-22 16:06:58' },
      },
    },
  },
  errors: ['not_found', 'commission_taken'],
});

export const takeBackCommission = operation({
  method: 'delete',
  path: '/admin/tbk/commissions/{order_no}',
  operationId: 'takeBackCommission',
  tag: rewards,
  summary: 'Take a commission back',
  description:
    'For shopping that was returned. A reward that is held becomes `void`; one that was credited is taken out of the ' +
    'inviter’s wallet, as a debt where it is spent. Again is 404, and the number cannot be booked again.',
  params: z.object({
    order_no: z
      .string()
      .openapi({ description: 'The number that it was booked with', example: '1384950261773094521' }),
  }),
  data: Said,
  example: { data: { message: '已撤销' } },
  errors: ['order_changed'],
});

export const Withdrawal = z
  .object({
    id: z.int(),
    withdrawal_id: z.string().openapi({ description: 'What its member knows it by' }),
    user_id: z.int().nullable(),
    amount: Trimmed.openapi({ description: 'What left the wallet', example: '100' }),
    fee_rate: Percent.openapi({ description: 'Of when it was asked for', example: '18' }),
    fee: Trimmed.openapi({ example: '18' }),
    net: Trimmed.openapi({ description: 'What is to be sent', example: '82' }),
    currency: z.string(),
    channel: z.enum(['wxpay', 'alipay', 'bank']),
    account: z
      .string()
      .nullable()
      .openapi({ description: 'Where it goes; forgotten with its member’s account, once it is decided' }),
    account_name: z.string().nullable(),
    status: z.enum(['pending', 'approved', 'rejected']),
    reason: z.string().nullable(),
    created_at: Time,
    decided_at: Time.nullable(),
  })
  .openapi('AdminWithdrawal');

const WITHDRAWAL: z.input<typeof Withdrawal> = {
  id: 12,
  withdrawal_id: 'wd_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  user_id: 314,
  amount: '100',
  fee_rate: '18',
  fee: '18',
  net: '82',
  currency: 'CNY',
  channel: 'alipay',
  account: 'zhaowei@example.com',
  account_name: '赵伟',
  status: 'pending',
  reason: null,
  created_at: '2020-01-16 09:54:13',
  decided_at: null,
};
const DECIDED = '2020-01-16 14:20:05';
const withdrawalParam = idParam('id', {
  description: 'A withdrawal’s number or its `withdrawal_id`',
  example: '12',
});

export const listWithdrawals = operation({
  method: 'get',
  path: '/admin/tbk/withdrawals',
  operationId: 'listWithdrawals',
  tag: rewards,
  summary: 'Money on its way out of wallets',
  description:
    'Newest first. What is `pending` left the wallet when it was asked for; `net` is what somebody has to send to ' +
    '`account`, and then approves here.',
  query: z.object({
    status: filter(z.enum(['pending', 'approved', 'rejected'])).openapi({
      enum: ['pending', 'approved', 'rejected'],
      description: 'All of them where it is left out or empty',
      example: 'pending',
    }),
    page: Count(1, 100_000_000).openapi({ description: 'Which page, from 1', example: 1 }),
    limit: Count(20, 100).openapi({ description: 'How many on a page', example: 20 }),
  }),
  data: paginatorOf(Withdrawal),
  example: { data: paged(WITHDRAWAL) },
});

export const approve = operation({
  method: 'post',
  path: '/admin/tbk/withdrawals/{id}/approve',
  operationId: 'approveWithdrawal',
  tag: rewards,
  summary: 'The money was sent',
  description:
    'Only notes it: sending `net` is done elsewhere, and the wallet was debited before. What is decided stays so.',
  params: withdrawalParam,
  data: Said.extend({ withdrawal: Withdrawal }),
  example: {
    data: {
      message: '已通过',
      withdrawal: { ...WITHDRAWAL, status: 'approved', decided_at: DECIDED },
    },
  },
  errors: ['withdrawal_decided'],
});

export const reject = operation({
  method: 'post',
  path: '/admin/tbk/withdrawals/{id}/reject',
  operationId: 'rejectWithdrawal',
  tag: rewards,
  summary: 'The money goes back into the wallet',
  description:
    'All of `amount`, the fee too; an open debt takes its part first. The `reason` is kept with it, for admins. What is ' +
    'decided stays so.',
  params: withdrawalParam,
  body: RejectInput.openapi('RejectWithdrawal'),
  data: Said.extend({ withdrawal: Withdrawal }),
  example: {
    body: { reason: '收款账号与姓名不符' },
    data: {
      message: '已驳回',
      withdrawal: {
        ...WITHDRAWAL,
        status: 'rejected',
        reason: '收款账号与姓名不符',
        decided_at: DECIDED,
      },
    },
  },
  errors: ['withdrawal_decided'],
});
