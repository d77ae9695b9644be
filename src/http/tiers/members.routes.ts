import { z } from '@hono/zod-openapi';
import { SetTierInput } from '#flows/alliance/set-tier';
import { UpdateEquityInput, updateTierInput } from '#modules/catalogue/tiers/inputs';
import { LEVELS } from '#modules/catalogue/tiers/levels';
import { Said } from './envelope.ts';
import { operation } from './operation.ts';

const tag = 'Admin: tiers';
const path = '/admin/tbk/members';

export const Time = z.string().openapi({ example: '2020-01-11 14:29:10', description: 'In the site’s zone' });
/** Money and counts as texts, without zeros that say nothing. */
export const Trimmed = z.string().openapi({ example: '888' });
/** A whole percentage, as a text. */
export const Percent = z.string().openapi({ example: '40' });

export const Condition = z
  .object({
    direct: z.object({ limit: Trimmed, price: Trimmed, cost_price: Trimmed.optional() }),
    indirect: z.object({ num: z.int(), level: z.enum(LEVELS) }).nullable(),
  })
  .openapi('TierCondition');

export const GiftInfo = z
  .object({
    name: z.string(),
    cover: z.string(),
    content: z.array(z.string()),
    receive: z.object({ url: z.string(), code: z.string() }).nullable(),
  })
  .openapi('TierGift');

const EquityValue = z
  .object({
    key: z.string().openapi({ example: 'direct:gold:reward' }),
    desc: z.string(),
    value: z.null().optional(),
    rate: Percent.optional(),
    m_rate: Percent.optional().openapi({ description: 'Of the cash of a mixed purchase' }),
    z_rate: Percent.optional().openapi({ description: 'Of the price of a purchase in cash' }),
    z_elc_rate: Percent.optional().openapi({ description: 'The same, in ELC' }),
  })
  .openapi('TierEquity');

export const Member = z
  .object({
    id: z.int().openapi({ example: 3 }),
    name: z.string().openapi({ example: '黄金会员' }),
    icon: z.string().nullable(),
    level: z.enum(LEVELS),
    cover: z.string().nullable(),
    condition: Condition.nullable(),
    gift_info: GiftInfo.nullable(),
    equities: z.array(EquityValue),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Tier');

export const Equity = z
  .object({
    id: z.int(),
    desc: z.string(),
    key: z.string(),
    use_icon: z.string().nullable(),
    unused_icon: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Equity');

export const IdParam = z.object({ id: z.string().openapi({ example: '3' }) });

export const list = operation({
  method: 'get',
  path,
  tag,
  summary: 'The ladder of tiers, and what equities are called',
  data: z.object({ members: z.array(Member), equities: z.array(Equity) }),
});

/** What is checked depends on the tier, so the schema step lets everything through and the handler checks. */
const { $schema, ...documented } = z.toJSONSchema(updateTierInput('gold', new Map()), {
  io: 'input',
  unrepresentable: 'any',
}) as Record<string, unknown>;

export const update = operation({
  method: 'put',
  path: `${path}/{id}`,
  tag,
  summary: 'Change a tier',
  description:
    'What is left out stays, what is sent replaces the whole. Rates are whole percentages. What a tier does not have ' +
    '(`receive` but for bronze, `indirect` below gold, both objects of `common`) is dropped.',
  params: IdParam,
  body: z.looseObject({}).openapi('UpdateTier', documented),
  data: Said.extend({ member: Member }),
});

export const updateEquity = operation({
  method: 'put',
  path: `${path}/equity/{id}`,
  tag,
  summary: 'Change how an equity looks and what it is called',
  params: IdParam,
  body: UpdateEquityInput.openapi('UpdateEquity'),
  data: Said,
});

export const setTier = operation({
  method: 'post',
  path: '/admin/tbk/users/{id}/tier',
  tag,
  summary: 'Set somebody’s tier by hand',
  description: 'Also a lower one. No reward; a gift as usual. `id` is a user’s number or id.',
  idempotent: true,
  params: IdParam,
  body: SetTierInput.openapi('SetTier'),
  data: Said.extend({ member: Member }),
  errors: ['tier_same'],
});
