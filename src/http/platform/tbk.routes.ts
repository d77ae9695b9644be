import { z } from '@hono/zod-openapi';
import { ClaimGiftInput } from '#flows/alliance/gifts';
import { BuyTierInput } from '#flows/alliance/purchase-tier';
import { WithdrawInput } from '#flows/alliance/withdrawals';
import { LEVELS } from '#modules/catalogue/tiers/levels';
import { operation } from './operation.ts';
import { Order } from './orders.routes.ts';
import { listed, listOf, Money, PageQuery, Time } from './schemas.ts';
import { CLAIM, INVITE, ME, OFFERS, ORDER, REWARDS, WITHDRAWAL } from './tbk.examples.ts';
import { Balances } from './wallet.routes.ts';

const tag = 'Alliance';
const Level = z.enum(LEVELS).openapi({ example: 'gold' });
const Percent = z.string().optional().openapi({ example: '40' });

const TierName = z.object({
  member_id: z.int().openapi({ description: 'The tier’s number', example: 3 }),
  level: Level,
  name: z.string().openapi({ example: '黄金会员' }),
});

const Gift = z.object({ name: z.string(), cover: z.string(), content: z.array(z.string()) });

export const Offer = TierName.extend({
  icon: z.string().nullable(),
  cover: z.string().nullable(),
  condition: z
    .object({
      direct: z.object({ price: Money, limit: z.int().openapi({ description: 'EOC at the most' }) }),
      indirect: z
        .object({ num: z.int(), level: Level })
        .nullable()
        .openapi({ description: 'So many direct invitees of that level or higher bring it for nothing' }),
    })
    .nullable()
    .openapi({ description: 'Null where it can neither be bought nor reached' }),
  gift: Gift.nullable(),
  equities: z.array(
    z.object({
      key: z.string().openapi({ example: 'direct:gold:reward' }),
      desc: z.string(),
      rate: Percent.openapi({
        description: 'The fee on withdrawals, or the share of an invitee’s shopping commission',
      }),
      m_rate: Percent.openapi({ description: 'Of the cash of an invitee’s mixed purchase' }),
      z_rate: Percent.openapi({ description: 'Of the price of an invitee’s purchase in cash' }),
      z_elc_rate: Percent.openapi({ description: 'The same, in ELC' }),
    }),
  ),
  held: z.boolean().openapi({ description: 'It is mine now' }),
  cost: z
    .object({
      price: Money,
      eoc_num_most: z.int().openapi({ description: 'Of the EOC that are there' }),
      cash_least: Money.openapi({ description: 'What is left to pay with that many' }),
    })
    .nullable()
    .openapi({ description: 'Null where the tier is not above one’s own' }),
}).openapi('TierOffer');

export const Offers = z
  .object({
    items: z.array(Offer),
    equities: z.array(
      z.object({
        key: z.string(),
        desc: z.string(),
        icon: z.string().nullable(),
        lit: z.boolean().openapi({ description: 'My tier has it' }),
      }),
    ),
    eoc_price: Money.openapi({ description: 'What one EOC pays', example: '0.05' }),
    currency: z.string(),
  })
  .openapi('TierOffers');

export const offers = operation({
  method: 'get',
  path: '/api/v1/tbk/members',
  operationId: 'listTierOffers',
  access: 'person',
  tag,
  summary: 'The ladder, as it is for me',
  description:
    'All six tiers, lowest first; only one with a `cost` can be bought. `eoc_num_most` follows from what my wallet has ' +
    'now. Every equity is listed with the icon to show of it, which depends on whether my tier has it. Rates are whole ' +
    'percentages, and count where a `desc` says another.',
  data: Offers,
  example: { data: OFFERS },
});

export const MyTier = z
  .object({
    tier: TierName,
    invitees: z
      .array(z.object({ level: Level, count: z.int() }))
      .openapi({ description: 'Direct ones, by what they hold now' }),
    progress: z
      .array(
        TierName.extend({
          needed: z.object({ num: z.int(), level: Level }),
          have: z.int().openapi({ description: 'Direct invitees who firmly hold that level or higher' }),
        }),
      )
      .openapi({ description: 'Of the tiers above that invitees bring, the next one first' }),
    balances: Balances,
  })
  .openapi('MyTier');

export const me = operation({
  method: 'get',
  path: '/api/v1/tbk/members/me',
  operationId: 'getMyTier',
  access: 'person',
  tag,
  summary: 'My tier, and how far the next ones are',
  description:
    'Who holds no tier has `common`. A tier that an invitee bought counts for `have` once its hold is over (seven days ' +
    'where the site says nothing else), one that was reached or set by hand at once; with enough of them the tier comes ' +
    'by itself. `balances` are those of my own wallet, without what was never booked.',
  data: MyTier,
  example: { data: ME },
});

export const invite = operation({
  method: 'get',
  path: '/api/v1/tbk/invite',
  operationId: 'getTierInvite',
  access: 'person',
  tag,
  summary: 'My invite code',
  description:
    'Who registers with it as `invite_code` is my invitee for good; there is no other way to become one. `link` is a ' +
    'page with the same code.',
  data: z.object({ code: z.string(), link: z.string() }).openapi('TierInvite'),
  example: { data: INVITE },
});

export const TierOrder = Order.extend({
  pay_mode: z.enum(['cash', 'mixed']),
  eoc_num: z.int().openapi({ description: 'EOC that it holds' }),
  payment: z.object({
    providers: z.array(z.string()).openapi({ description: 'What it can be paid with' }),
    expires_at: Time,
  }),
}).openapi('TierOrder');

export const buy = operation({
  method: 'post',
  path: '/api/v1/tbk/members',
  operationId: 'buyTier',
  access: 'person',
  tag,
  summary: 'Order a tier',
  description:
    'One above my own, at its full price; `mixed` pays a part of it with `eoc_num` EOC, which the order holds until it ' +
    'closes. The order is paid as any other (`POST /api/v1/orders/{order_id}/pay`); `pay_type` is only noted. An order ' +
    'that is open is closed by a second one.',
  idempotent: true,
  body: BuyTierInput.openapi('BuyTier'),
  data: TierOrder,
  example: {
    body: { member_id: 3, pay_mode: 'mixed', pay_type: 'wxpay', eoc_num: 500 },
    data: ORDER,
  },
  errors: [
    'service_unavailable',
    'not_found',
    'plan_not_for_sale',
    'tier_not_above',
    'wallet_short',
    'membership_changed',
    'order_open',
    'order_throttled',
  ],
});

export const claim = operation({
  method: 'post',
  path: '/api/v1/tbk/members/gift',
  operationId: 'claimTierGift',
  access: 'person',
  tag,
  summary: 'Claim the gift of a tier',
  description:
    'Once for each tier that was bought, reached or given; `order_no` is its order’s id or `serial`. Bronze is received ' +
    'by a link and a code (`receive`); the others are shipped to the `consignee`, which these need. It is the gift of ' +
    'when it was ordered.',
  idempotent: true,
  body: ClaimGiftInput.openapi('ClaimGift'),
  data: Gift.extend({
    receive: z
      .object({ url: z.string(), code: z.string() })
      .nullable()
      .openapi({ description: 'Null where it is shipped' }),
  }).openapi('ClaimedGift'),
  example: CLAIM,
  errors: ['not_found', 'gift_none', 'gift_claimed'],
});

export const Reward = z
  .object({
    order_no: z.string().openapi({ description: 'Of the invitee’s tier order, or of their shopping' }),
    kind: z.enum(['tier', 'commission']),
    asset: z.string().openapi({ description: 'The site’s currency or `ELC`', example: 'CNY' }),
    amount: Money.openapi({ example: '355.20' }),
    status: z.enum(['held', 'credited', 'void']),
    available_at: Time.openapi({ description: 'When its hold is over' }),
  })
  .openapi('Reward');

export const rewards = operation({
  method: 'get',
  path: '/api/v1/tbk/rewards',
  operationId: 'listRewards',
  access: 'person',
  tag,
  summary: 'What my invitees earned me',
  description:
    'Newest first. What is `held` is credited to my wallet within minutes of `available_at`; it is `void` where the ' +
    'invitee’s order was refunded or the commission taken back, also after it was credited, and then leaves the wallet ' +
    'again. An order of cash can bring two, of which one is in ELC.',
  query: PageQuery,
  data: listOf(Reward),
  example: { data: listed(...REWARDS) },
});

export const withdraw = operation({
  method: 'post',
  path: '/api/v1/tbk/withdrawals',
  operationId: 'requestWithdrawal',
  access: 'person',
  tag,
  summary: 'Take money out of my wallet',
  description:
    'Debited at once; the fee is that of my tier now, rounded half up to a cent, and `net` is what is sent. Needs an ' +
    '`Idempotency-Key`. An admin sends the money, or rejects it; then all of `amount` comes back. Only the site’s ' +
    'currency can be taken out, and nothing while a debt is open.',
  idempotent: 'required',
  body: WithdrawInput.openapi('Withdraw'),
  data: z
    .object({
      withdrawal_id: z.string(),
      amount: Money.openapi({ description: 'What left the wallet', example: '100.00' }),
      fee: Money.openapi({ description: 'Part of `amount`', example: '22.00' }),
      net: Money.openapi({ description: 'What will be sent', example: '78.00' }),
      status: z.enum(['pending', 'approved', 'rejected']),
    })
    .openapi('Withdrawal'),
  example: WITHDRAWAL,
  errors: ['idempotency_key_required', 'wallet_short'],
});
