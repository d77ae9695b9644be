import { z } from '@hono/zod-openapi';
import { ClaimGiftInput } from '#flows/alliance/gifts';
import { BuyTierInput } from '#flows/alliance/purchase-tier';
import { WithdrawInput } from '#flows/alliance/withdrawals';
import { LEVELS } from '#modules/catalogue/tiers/levels';
import { operation } from './operation.ts';
import { Order } from './orders.routes.ts';
import { listOf, Money, PageQuery, Time } from './schemas.ts';
import { Balances } from './wallet.routes.ts';

const tag = 'Alliance';
const Level = z.enum(LEVELS).openapi({ example: 'gold' });

const TierName = z.object({
  member_id: z.int().openapi({ example: 3 }),
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
      indirect: z.object({ num: z.int(), level: Level }).nullable(),
    })
    .nullable(),
  gift: Gift.nullable(),
  equities: z.array(
    z.object({
      key: z.string(),
      desc: z.string(),
      rate: z.string().optional(),
      m_rate: z.string().optional(),
      z_rate: z.string().optional(),
      z_elc_rate: z.string().optional(),
    }),
  ),
  held: z.boolean(),
  cost: z
    .object({
      price: Money,
      eoc_num_most: z.int().openapi({ description: 'Of the EOC that are there' }),
      cash_least: Money,
    })
    .nullable()
    .openapi({ description: 'Null where the tier is not above one’s own' }),
}).openapi('TierOffer');

export const offers = operation({
  method: 'get',
  path: '/api/v1/tbk/members',
  access: 'person',
  tag,
  summary: 'The ladder, as it is for me',
  data: z
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
      eoc_price: Money,
      currency: z.string(),
    })
    .openapi('TierOffers'),
});

export const me = operation({
  method: 'get',
  path: '/api/v1/tbk/members/me',
  access: 'person',
  tag,
  summary: 'My tier, and how far the next ones are',
  data: z
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
    .openapi('MyTier'),
});

export const invite = operation({
  method: 'get',
  path: '/api/v1/tbk/invite',
  access: 'person',
  tag,
  summary: 'My invite code',
  description: 'Who registers with it as `invite_code` is my invitee for good.',
  data: z.object({ code: z.string(), link: z.string() }).openapi('TierInvite'),
});

export const buy = operation({
  method: 'post',
  path: '/api/v1/tbk/members',
  access: 'person',
  tag,
  summary: 'Order a tier',
  description:
    'One above my own, at its full price; `mixed` pays a part of it with EOC, which the order holds until it closes. ' +
    'The order is paid as any other. An order that is open is closed by a second one.',
  idempotent: true,
  body: BuyTierInput.openapi('BuyTier'),
  data: Order.extend({
    pay_mode: z.enum(['cash', 'mixed']),
    eoc_num: z.int(),
    payment: z.object({ providers: z.array(z.string()), expires_at: Time }),
  }).openapi('TierOrder'),
  errors: [
    'not_found',
    'plan_not_for_sale',
    'tier_not_above',
    'wallet_short',
    'order_open',
    'order_throttled',
  ],
});

export const claim = operation({
  method: 'post',
  path: '/api/v1/tbk/members/gift',
  access: 'person',
  tag,
  summary: 'Claim the gift of a tier',
  description: 'Once. Bronze is received by a link and a code; the others are shipped to the consignee.',
  idempotent: true,
  body: ClaimGiftInput.openapi('ClaimGift'),
  data: Gift.extend({ receive: z.object({ url: z.string(), code: z.string() }).nullable() }).openapi(
    'ClaimedGift',
  ),
  errors: ['not_found', 'gift_none', 'gift_claimed'],
});

export const Reward = z
  .object({
    order_no: z.string(),
    kind: z.enum(['tier', 'commission']),
    asset: z.string(),
    amount: Money,
    status: z.enum(['held', 'credited', 'void']),
    available_at: Time,
  })
  .openapi('Reward');

export const rewards = operation({
  method: 'get',
  path: '/api/v1/tbk/rewards',
  access: 'person',
  tag,
  summary: 'What my invitees earned me',
  query: PageQuery,
  data: listOf(Reward),
});

export const withdraw = operation({
  method: 'post',
  path: '/api/v1/tbk/withdrawals',
  access: 'person',
  tag,
  summary: 'Take money out of my wallet',
  description: 'Debited at once; the fee is that of my tier now. Needs an `Idempotency-Key`.',
  idempotent: true,
  body: WithdrawInput.openapi('Withdraw'),
  data: z
    .object({
      withdrawal_id: z.string(),
      amount: Money,
      fee: Money,
      net: Money,
      status: z.enum(['pending', 'approved', 'rejected']),
    })
    .openapi('Withdrawal'),
  errors: ['idempotency_key_required', 'wallet_short'],
});
