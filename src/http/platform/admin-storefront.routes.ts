import { z } from '@hono/zod-openapi';
import { LevelInput, UpdateLevelInput } from '#flows/storefront/edit-levels';
import { StorefrontSettingsInput } from '#flows/storefront/edit-settings';
import { ActivityInput, LevelByHandInput, QuoteInput } from '#flows/storefront/members';
import { LEVEL_FIELDS, PERIOD_FIELDS, SETTINGS, SETTINGS_EXAMPLE } from '../shared/storefront-fields.ts';
import { CREATE, CREATED, EXAMPLE, PAID } from './admin-storefront.examples.ts';
import { operation } from './operation.ts';
import { Done, Money, Time } from './schemas.ts';

const tag = 'Admin: storefront';
const path = '/admin/v1/storefront';

export const Settings = z
  .object(
    Object.fromEntries(
      Object.entries(SETTINGS).map(([name, shown]) => [name, z.string().openapi({ ...shown })]),
    ) as Record<keyof typeof StorefrontSettingsInput.shape, z.ZodString>,
  )
  .openapi('StorefrontSettings');

const Flag = z.enum(['0', '1']);

export const Level = z
  .object({
    id: z.string().openapi({ description: 'Its number; front ends know it by this.', example: '7' }),
    name: z.string().openapi({ example: 'VIPX' }),
    images_url: z.string().openapi({ description: 'Address of its picture, or empty.', example: '' }),
    rules_min: z.string().openapi(LEVEL_FIELDS.rules_min),
    rules_max: z.string().openapi(LEVEL_FIELDS.rules_max),
    order_price: Money.openapi(LEVEL_FIELDS.order_price),
    full_reduction_price: Money.openapi(LEVEL_FIELDS.full_reduction_price),
    discount_rate: z.string().openapi(LEVEL_FIELDS.discount_rate),
    is_enable: Flag.openapi(LEVEL_FIELDS.is_enable),
    is_supported_pay_buy: Flag.openapi(LEVEL_FIELDS.is_supported_pay_buy),
    is_supported_renew: Flag.openapi(LEVEL_FIELDS.is_supported_renew),
    pay_period_rules: z
      .array(
        z.object({
          number: z.string().openapi(PERIOD_FIELDS.number),
          value: z.string().openapi(PERIOD_FIELDS.value),
          unit: z.string().openapi(PERIOD_FIELDS.unit),
          price: z.string().openapi(PERIOD_FIELDS.price),
          commission: z.string().openapi(PERIOD_FIELDS.commission),
        }),
      )
      .openapi({ description: 'The periods it is sold for, in the order in which they were saved.' }),
    created_at: Time,
    updated_at: Time.nullable(),
  })
  .openapi('StorefrontLevel');

export const Held = z
  .object({
    level_id: z.string().openapi({ description: 'The level’s number.', example: '7' }),
    level_name: z.string(),
    model: z.enum(['manual', 'pay', 'auto']).openapi({
      description: 'Why: given by hand, paid, or reached by points or spending.',
    }),
    expires_at: Time.nullable().openapi({
      description: 'The last second of what was paid; null where there is no end, as by hand and by points.',
    }),
  })
  .nullable();

const levelParams = z.object({
  level_id: z
    .string()
    .openapi({ description: 'A level’s number, or its product’s id (`vip_7`).', example: '7' }),
});
const userParams = z.object({
  user_id: z.string().openapi({
    description: 'A user’s id, or the number that storefronts show.',
    example: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  }),
});

export const getSettings = operation({
  method: 'get',
  path: `${path}/settings`,
  operationId: 'adminGetStorefrontSettings',
  access: 'admin',
  tag,
  summary: 'Settings of the storefront',
  description:
    'In the seed’s names (ShopXO’s `base`), all as texts, and two of our own: `is_enable` and `carry_over`. What was ' +
    'never saved has its usual value.',
  data: Settings,
  example: { data: SETTINGS_EXAMPLE },
});

export const setSettings = operation({
  method: 'put',
  path: `${path}/settings`,
  operationId: 'adminUpdateStorefrontSettings',
  access: 'admin',
  tag,
  summary: 'Change settings of the storefront',
  description:
    'What is left out stays. HTML is cleaned when it is saved; what is no HTML field loses its tags. Flags and minutes ' +
    'may be numbers. Orders keep the closing time, price and `carry_over` that they were placed with.',
  body: StorefrontSettingsInput.openapi('UpdateStorefrontSettings'),
  data: Settings,
  example: {
    body: { order_close_time: '45', is_supported_renew_old_order: '1', carry_over: 'days' },
    data: {
      ...SETTINGS_EXAMPLE,
      order_close_time: '45',
      is_supported_renew_old_order: '1',
      carry_over: 'days',
    },
  },
});

export const listLevels = operation({
  method: 'get',
  path: `${path}/levels`,
  operationId: 'adminListStorefrontLevels',
  access: 'admin',
  tag,
  summary: 'Every level',
  description:
    'By number, those that are switched off or not on sale too; deleted ones are left out. No pages.',
  data: z.object({ items: z.array(Level) }),
  example: { data: { items: [EXAMPLE] } },
});

export const createLevel = operation({
  method: 'post',
  path: `${path}/levels`,
  operationId: 'adminCreateStorefrontLevel',
  access: 'admin',
  tag,
  summary: 'Make a level',
  description:
    'Only `name` is needed: without more it is switched on and on sale, takes nothing off, is not reached by itself, and ' +
    'cannot be bought until it has a period. Numbers may be sent as numbers or texts. `value` and `unit` of a period ' +
    'follow from its days; an empty text for the list of them is an empty list, as ShopXO sends it.',
  idempotent: true,
  body: LevelInput.openapi('CreateStorefrontLevel'),
  data: Level,
  example: { body: CREATE, data: CREATED },
});

export const updateLevel = operation({
  method: 'put',
  path: `${path}/levels/{level_id}`,
  operationId: 'adminUpdateStorefrontLevel',
  access: 'admin',
  tag,
  summary: 'Change a level',
  description:
    'What is left out stays; `pay_period_rules` replaces all of them, and keeps the `commission` of a period of as many ' +
    'days where that is left out. Orders keep what they were placed with. Switched off, a level stays with those who ' +
    'paid for it.',
  params: levelParams,
  body: UpdateLevelInput.openapi('UpdateStorefrontLevel'),
  data: Level,
  example: {
    body: { discount_rate: '0.7', is_supported_renew: '1' },
    data: { ...EXAMPLE, discount_rate: '0.7', is_supported_renew: '1', updated_at: '2024-01-01T10:00:00Z' },
  },
});

export const removeLevel = operation({
  method: 'delete',
  path: `${path}/levels/{level_id}`,
  operationId: 'adminDeleteStorefrontLevel',
  access: 'admin',
  tag,
  summary: 'Delete a level that nobody has or has ordered',
  description:
    'Refused while somebody holds it, was given it, or has an order of it that is still to be paid. To stop selling it, ' +
    'set `is_supported_pay_buy` to `0`.',
  params: levelParams,
  data: Done,
  example: { data: {} },
  errors: ['vip_level_used'],
});

export const giveLevel = operation({
  method: 'put',
  path: `${path}/users/{user_id}/level`,
  operationId: 'adminGiveStorefrontLevel',
  access: 'admin',
  tag,
  summary: 'Give a level by hand, or take it away',
  description:
    'A level by hand counts before all others and has no end; `level_id` null takes it away. The answer is what the user ' +
    'holds then, which may be a level that was paid or reached. What was paid is not touched.',
  params: userParams,
  body: LevelByHandInput.openapi('GiveStorefrontLevel'),
  data: z.object({ level: Held }),
  example: {
    body: { level_id: '8' },
    data: { level: { level_id: '8', level_name: '城市合伙人', model: 'manual', expires_at: null } },
  },
});

export const bookActivity = operation({
  method: 'post',
  path: `${path}/users/{user_id}/activity`,
  operationId: 'adminBookStorefrontActivity',
  access: 'admin',
  tag,
  summary: 'Book points or spending',
  description:
    'Signed; once for each `reference` on the site; totals do not fall below zero. The answer is the totals, by which ' +
    '(`level_rules`) a level is reached.',
  idempotent: true,
  params: userParams,
  body: ActivityInput.openapi('BookStorefrontActivity'),
  data: z.object({
    points: z.int().openapi({ description: 'The user’s total.' }),
    spending: Money.openapi({ description: 'The user’s total.', example: '288.00' }),
  }),
  example: {
    body: { points: '100', spending: '288.00', reference: 'shop-order-20240101-0042' },
    data: { points: 100, spending: '288.00' },
  },
  errors: ['vip_activity_taken', 'vip_activity_negative'],
});

export const token = operation({
  method: 'post',
  path: '/api/v1/storefront/token',
  operationId: 'createStorefrontToken',
  access: 'person',
  tag: 'Storefront',
  summary: 'A token for a storefront’s front end',
  description:
    'Good on the storefront only, for 30 days after it was last used, while this session stands. It is shown this once. ' +
    'A front end of ShopXO sends it as `token`.',
  data: z.object({ token: z.string(), expires_at: Time }),
  example: {
    data: { token: 'st_4Gk2vQ8sXb7LmT9wRz3NpC6yHd1JfE5uAaKoVi0SxMq', expires_at: '2024-01-31T10:00:00Z' },
  },
});

export const quote = operation({
  method: 'post',
  path: '/api/v1/storefront/quote',
  operationId: 'quoteStorefrontGoods',
  access: 'person',
  tag: 'Storefront',
  summary: 'What my level makes of a sum',
  description:
    'For a shop that sells goods: nothing is written. First `discount_rate` is applied, rounded down to the cent, then ' +
    '`full_reduction_price` is taken off a sum of `order_price` or more; never below `0.00`. Without a level `level` is ' +
    'null and nothing is taken off.',
  body: QuoteInput.openapi('QuoteGoods'),
  data: z.object({ amount: Money, discount_amount: Money, final_amount: Money, level: Held }),
  example: {
    body: { amount: '100.00' },
    data: { amount: '100.00', discount_amount: '20.00', final_amount: '80.00', level: PAID },
  },
});
