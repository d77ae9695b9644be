import { z } from '@hono/zod-openapi';
import { TopupInput } from '#flows/commerce/topup';
import { ListVouchersInput } from '#flows/commerce/vouchers';
import { EntriesQuery, WalletQuery } from '#flows/commerce/wallet';
import { operation } from './operation.ts';
import { Order } from './orders.routes.ts';
import { listed, listOf, Money, PageQuery, Time } from './schemas.ts';
import { BALANCES, FILLED, SPENT, TOPUP, VOUCHER } from './wallet.examples.ts';

const tag = 'Wallet and vouchers';

const Asset = z.string().openapi({
  description: 'The site’s currency, `EOC`, `ELC` or `points`',
  example: 'CNY',
});

export const Balances = z
  .array(
    z.object({
      asset: Asset,
      balance: Money,
      debt: Money.openapi({
        description: 'What had to be taken and was not there: what comes in pays it first',
        example: '0.00',
      }),
    }),
  )
  .openapi('Balances');

const owner = WalletQuery.shape.owner.meta({
  description: 'One’s own user id, or that of one’s enterprise. Left out: the enterprise’s, else one’s own.',
  example: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
});

export const wallet = operation({
  method: 'get',
  path: '/api/v1/wallet',
  operationId: 'getWallet',
  access: 'person',
  tag,
  summary: 'What is in the wallet',
  description:
    'Of whoever belongs to an enterprise its wallet (plain members: 403); `owner` names one’s own user id or the ' +
    'enterprise. `debt` is of the site’s currency; while it is open nothing can be spent.',
  query: WalletQuery.extend({ owner }),
  data: z.object({ items: Balances, debt: Money }).openapi('Wallet'),
  example: { data: { items: BALANCES, debt: '0.00' } },
  errors: ['not_found', 'forbidden'],
});

export const WalletEntry = z
  .object({
    entry_id: z.string(),
    asset: Asset,
    amount: Money.openapi({ description: 'Signed', example: '-490.00' }),
    balance_after: Money.openapi({ description: 'Balance less debt', example: '510.00' }),
    reason: z.string().openapi({
      description: 'Why, as a word: `order`, `topup`, `refund`, `adjustment`, `reward`, `withdrawal` …',
      example: 'order',
    }),
    reference: z.string().openapi({
      description:
        'What it was for: an order, a refund, or what an admin gave. Once for each asset and reason',
      example: 'ord_01JKZ7M0V3Q4T5W6X7Y8Z9A0BE',
    }),
    created_at: Time,
  })
  .openapi('WalletEntry');

export const entries = operation({
  method: 'get',
  path: '/api/v1/wallet/entries',
  operationId: 'listWalletEntries',
  access: 'person',
  tag,
  summary: 'The wallet’s ledger',
  description:
    'Newest first, of every asset unless `asset` names one. Nothing in it ever changes: what is taken back is an entry ' +
    'of its own. Whose it is follows the rules of `GET /api/v1/wallet`.',
  query: EntriesQuery.extend({
    owner,
    asset: EntriesQuery.shape.asset.meta({
      description: 'The site’s currency, `EOC`, `ELC` or `points`; others are 400.',
      example: 'CNY',
    }),
    ...PageQuery.shape,
  }),
  data: listOf(WalletEntry),
  example: { data: listed(SPENT, FILLED) },
  errors: ['not_found', 'forbidden'],
});

export const TopupOrder = Order.extend({
  payment: z.object({ providers: z.array(z.string()), expires_at: Time }).openapi({
    description: 'What `POST /api/v1/orders/{order_id}/pay` takes as `provider`, and until when',
  }),
}).openapi('TopupOrder');

export const topup = operation({
  method: 'post',
  path: '/api/v1/wallet/topups',
  operationId: 'topUpWallet',
  access: 'person',
  tag,
  summary: 'Order money into the wallet',
  description:
    'An order in the site’s currency, to be paid at a provider and not from a wallet; the money is there once it is ' +
    'paid. Whoever belongs to an enterprise fills its wallet (plain members: 403).',
  idempotent: true,
  body: TopupInput.openapi('TopUp'),
  data: TopupOrder,
  example: { body: { amount: '1000.00' }, data: TOPUP },
  errors: ['order_throttled', 'enterprise_frozen', 'forbidden'],
});

export const Voucher = z
  .object({
    voucher_id: z.string().openapi({ example: 'v_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    type: z.enum(['fixed', 'percent']),
    value: z.string().openapi({
      description: 'Money (`fixed`) or whole percent (`percent`) taken off what is left after credit',
      example: '20.00',
    }),
    min_amount: Money.openapi({
      description: 'The least price, before credit, that it is good for',
      example: '100.00',
    }),
    plans: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'null = all plans of its programs', example: ['plan_basic', 'plan_premium'] }),
    programs: z.array(z.string()).openapi({ example: ['token'] }),
    status: z.enum(['unused', 'locked', 'used', 'expired']),
    order_id: z.string().nullable().openapi({ description: 'The order that locked or used it' }),
    starts_at: Time,
    ends_at: Time.openapi({ description: 'The first second that it is not good for any more' }),
    used_at: Time.nullable(),
  })
  .openapi('Voucher');

export const vouchers = operation({
  method: 'get',
  path: '/api/v1/vouchers',
  operationId: 'listVouchers',
  access: 'person',
  tag,
  summary: 'My vouchers',
  description:
    'Newest first. `locked` by an order that is not paid yet, free again when that closes; `expired` also where an ' +
    'admin made its kind worthless. `voucher_id` goes into `subscribe` or `renew`.',
  query: ListVouchersInput.extend(PageQuery.shape),
  data: listOf(Voucher),
  example: { data: listed(VOUCHER) },
});
