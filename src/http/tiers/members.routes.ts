import { z } from '@hono/zod-openapi';
import { SetTierInput } from '#flows/alliance/set-tier';
import { UpdateEquityInput, updateTierInput } from '#modules/catalogue/tiers/inputs';
import { LEVELS } from '#modules/catalogue/tiers/levels';
import { idParam } from '../shared/id-param.ts';
import { Said } from './envelope.ts';
import { GOLD, LADDER, LOOK, UPDATE } from './members.examples.ts';
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
    direct: z.object({
      limit: Trimmed.openapi({ description: 'Whole EOC that may pay a part, at the most', example: '500' }),
      price: Trimmed.openapi({ description: 'In the site’s currency' }),
      cost_price: Trimmed.optional().openapi({
        description: 'For admins alone; never charged',
        example: '0.01',
      }),
    }),
    indirect: z
      .object({
        num: z.int().openapi({ example: 100 }),
        level: z.enum(LEVELS).openapi({ example: 'bronze' }),
      })
      .nullable()
      .openapi({
        description: 'So many direct invitees of that level or higher; null where it can only be bought',
      }),
  })
  .openapi('TierCondition');

export const GiftInfo = z
  .object({
    name: z.string(),
    cover: z.string(),
    content: z.array(z.string()),
    receive: z
      .object({ url: z.string(), code: z.string() })
      .nullable()
      .openapi({ description: 'How it is received, of bronze; null where it is shipped' }),
  })
  .openapi('TierGift');

const EquityValue = z
  .object({
    key: z.string().openapi({ example: 'direct:gold:reward' }),
    desc: z.string(),
    value: z.null().optional(),
    rate: Percent.optional().openapi({
      description: 'The fee on withdrawals, or the share of an invitee’s shopping commission',
    }),
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
    condition: Condition.nullable().openapi({ description: 'Null where nobody can buy or reach it' }),
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
    use_icon: z.string().nullable().openapi({ description: 'For whose tier has it' }),
    unused_icon: z.string().nullable().openapi({ description: 'For whose tier does not' }),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Equity');

export const IdParam = idParam('id', {
  description: 'A tier’s number, or its product’s id (`tier_2`)',
  example: '2',
});

export const list = operation({
  method: 'get',
  path,
  operationId: 'listTierMembers',
  tag,
  summary: 'The ladder of tiers, and what equities are called',
  description:
    'The six tiers, lowest first, each with what it costs and grants, and the fourteen equities by `id`. Of an equity ' +
    'the rates count, also where its `desc` says another; those with `value` are flags that members are shown.',
  data: z.object({ members: z.array(Member), equities: z.array(Equity) }),
  example: { data: LADDER },
});

/** What is checked depends on the tier, so the schema step lets everything through and the handler checks. */
const { $schema, ...documented } = z.toJSONSchema(updateTierInput('gold', new Map()), {
  io: 'input',
  unrepresentable: 'any',
}) as Record<string, unknown>;

export const update = operation({
  method: 'put',
  path: `${path}/{id}`,
  operationId: 'updateTierMember',
  tag,
  summary: 'Change a tier',
  description:
    'What is left out stays, what is sent replaces the whole. Rates are whole percentages. What a tier does not have ' +
    '(`receive` but for bronze, `indirect` below gold, both objects of `common`) is dropped. Nobody is promoted by it, ' +
    'and what was ordered keeps what it was; a `condition` of null takes the tier off sale.',
  params: IdParam,
  body: z.looseObject({}).openapi('UpdateTier', documented),
  data: Said.extend({ member: Member }),
  example: UPDATE,
});

export const updateEquity = operation({
  method: 'put',
  path: `${path}/equity/{id}`,
  operationId: 'updateTierEquity',
  tag,
  summary: 'Change how an equity looks and what it is called',
  description:
    'What is left out stays; null takes a picture away. Neither what tiers grant nor the `desc` that they have of their ' +
    'own is changed by it.',
  params: idParam('id', { description: 'An equity’s number', example: '2' }),
  body: UpdateEquityInput.openapi('UpdateEquity'),
  data: Said,
  example: { body: LOOK, data: { message: '更新成功' } },
});

export const setTier = operation({
  method: 'post',
  path: '/admin/tbk/users/{id}/tier',
  operationId: 'setUserTier',
  tag,
  summary: 'Set somebody’s tier by hand',
  description:
    'Also a lower one: what is held above it ends, without a refund. No reward; a gift as usual. It is logged as ' +
    '`admin`, and counts at once for the inviter’s promotion. `member_id` is a tier’s number or its product’s id.',
  idempotent: true,
  params: idParam('id', { description: 'A user’s number or id', example: '314' }),
  body: SetTierInput.openapi('SetTier'),
  data: Said.extend({ member: Member }),
  example: { body: { member_id: 3 }, data: { message: '设置成功', member: GOLD } },
  errors: ['tier_same'],
});
