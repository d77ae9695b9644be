import { z } from '@hono/zod-openapi';
import { TopupInput } from '#flows/commerce/topup';
import { ListVouchersInput } from '#flows/commerce/vouchers';
import { EntriesQuery, WalletQuery } from '#flows/commerce/wallet';
import { operation } from './operation.ts';
import { Order } from './orders.routes.ts';
import { listOf, Money, PageQuery, Time } from './schemas.ts';

const tag = 'Wallet and vouchers';

export const Balances = z
  .array(z.object({ asset: z.string().openapi({ example: 'CNY' }), balance: Money, debt: Money }))
  .openapi('Balances');

export const wallet = operation({
  method: 'get',
  path: '/api/v1/wallet',
  access: 'person',
  tag,
  summary: 'What is in the wallet',
  description:
    'Of whoever belongs to an enterprise its wallet (plain members: 403); `owner` names one’s own user id or the ' +
    'enterprise. `debt` is of the site’s currency; while it is open nothing can be spent.',
  query: WalletQuery,
  data: z.object({ items: Balances, debt: Money }).openapi('Wallet'),
  errors: ['not_found', 'forbidden'],
});

export const WalletEntry = z
  .object({
    entry_id: z.string(),
    asset: z.string(),
    amount: Money.openapi({ description: 'Signed' }),
    balance_after: Money,
    reason: z.string(),
    reference: z.string(),
    created_at: Time,
  })
  .openapi('WalletEntry');

export const entries = operation({
  method: 'get',
  path: '/api/v1/wallet/entries',
  access: 'person',
  tag,
  summary: 'The wallet’s ledger',
  query: EntriesQuery.extend(PageQuery.shape),
  data: listOf(WalletEntry),
  errors: ['not_found', 'forbidden'],
});

export const topup = operation({
  method: 'post',
  path: '/api/v1/wallet/topups',
  access: 'person',
  tag,
  summary: 'Order money into the wallet',
  description: 'An order to be paid at a provider.',
  idempotent: true,
  body: TopupInput.openapi('TopUp'),
  data: Order.extend({
    payment: z.object({ providers: z.array(z.string()), expires_at: Time }),
  }).openapi('TopupOrder'),
  errors: ['order_throttled', 'enterprise_frozen', 'forbidden'],
});

export const Voucher = z
  .object({
    voucher_id: z.string().openapi({ example: 'v_01HX…' }),
    type: z.enum(['fixed', 'percent']),
    value: z.string().openapi({ example: '20.00' }),
    min_amount: Money,
    plans: z.array(z.string()).nullable(),
    programs: z.array(z.string()),
    status: z.enum(['unused', 'locked', 'used', 'expired']),
    order_id: z.string().nullable(),
    starts_at: Time,
    ends_at: Time,
    used_at: Time.nullable(),
  })
  .openapi('Voucher');

export const vouchers = operation({
  method: 'get',
  path: '/api/v1/vouchers',
  access: 'person',
  tag,
  summary: 'My vouchers',
  query: ListVouchersInput.extend(PageQuery.shape),
  data: listOf(Voucher),
});
