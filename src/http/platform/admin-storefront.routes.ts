import { z } from '@hono/zod-openapi';
import { LevelInput, UpdateLevelInput } from '#flows/storefront/edit-levels';
import { StorefrontSettingsInput } from '#flows/storefront/edit-settings';
import { ActivityInput, LevelByHandInput, QuoteInput } from '#flows/storefront/members';
import { operation } from './operation.ts';
import { Done, idParam, Money, Time } from './schemas.ts';

const tag = 'Admin: storefront';
const path = '/admin/v1/storefront';

export const Settings = z
  .object(
    Object.fromEntries(
      Object.keys(StorefrontSettingsInput.shape).map((name) => [name, z.string()]),
    ) as Record<keyof typeof StorefrontSettingsInput.shape, z.ZodString>,
  )
  .openapi('StorefrontSettings');

export const Level = z
  .object({
    id: z.string().openapi({ example: '4' }),
    name: z.string(),
    images_url: z.string(),
    rules_min: z.string(),
    rules_max: z.string(),
    order_price: Money,
    full_reduction_price: Money,
    discount_rate: z.string().openapi({ description: '0.8 = pay 80 %; 0 = none' }),
    is_enable: z.enum(['0', '1']),
    is_supported_pay_buy: z.enum(['0', '1']),
    is_supported_renew: z
      .enum(['0', '1'])
      .openapi({ description: '1 **forbids** buying it again while it is valid, as in ShopXO' }),
    pay_period_rules: z.array(
      z.object({
        number: z.string().openapi({ description: 'Days; empty or 0 is for ever' }),
        value: z.string(),
        unit: z.string(),
        price: z.string(),
        commission: z.string().openapi({ example: 'r|5;s|2' }),
      }),
    ),
    created_at: Time,
    updated_at: Time.nullable(),
  })
  .openapi('StorefrontLevel');

const Held = z
  .object({
    level_id: z.string(),
    level_name: z.string(),
    model: z.enum(['manual', 'pay', 'auto']),
    expires_at: Time.nullable(),
  })
  .nullable();

export const getSettings = operation({
  method: 'get',
  path: `${path}/settings`,
  access: 'admin',
  tag,
  summary: 'Settings of the storefront',
  data: Settings,
});

export const setSettings = operation({
  method: 'put',
  path: `${path}/settings`,
  access: 'admin',
  tag,
  summary: 'Change settings of the storefront',
  description: 'What is left out stays. HTML is cleaned when it is saved.',
  body: StorefrontSettingsInput.openapi('UpdateStorefrontSettings'),
  data: Settings,
});

export const listLevels = operation({
  method: 'get',
  path: `${path}/levels`,
  access: 'admin',
  tag,
  summary: 'Every level',
  data: z.object({ items: z.array(Level) }),
});

export const createLevel = operation({
  method: 'post',
  path: `${path}/levels`,
  access: 'admin',
  tag,
  summary: 'Make a level',
  idempotent: true,
  body: LevelInput.openapi('CreateStorefrontLevel'),
  data: Level,
});

export const updateLevel = operation({
  method: 'put',
  path: `${path}/levels/{level_id}`,
  access: 'admin',
  tag,
  summary: 'Change a level',
  params: idParam('level_id'),
  body: UpdateLevelInput.openapi('UpdateStorefrontLevel'),
  data: Level,
});

export const removeLevel = operation({
  method: 'delete',
  path: `${path}/levels/{level_id}`,
  access: 'admin',
  tag,
  summary: 'Delete a level that nobody has or has ordered',
  params: idParam('level_id'),
  data: Done,
  errors: ['vip_level_used'],
});

export const giveLevel = operation({
  method: 'put',
  path: `${path}/users/{user_id}/level`,
  access: 'admin',
  tag,
  summary: 'Give a level by hand, or take it away',
  params: idParam('user_id'),
  body: LevelByHandInput.openapi('GiveStorefrontLevel'),
  data: z.object({ level: Held }),
});

export const bookActivity = operation({
  method: 'post',
  path: `${path}/users/{user_id}/activity`,
  access: 'admin',
  tag,
  summary: 'Book points or spending',
  description: 'Signed; once for each reference; totals do not fall below zero.',
  idempotent: true,
  params: idParam('user_id'),
  body: ActivityInput.openapi('BookStorefrontActivity'),
  data: z.object({ points: z.int(), spending: Money }),
  errors: ['vip_activity_taken', 'vip_activity_negative'],
});

export const token = operation({
  method: 'post',
  path: '/api/v1/storefront/token',
  access: 'person',
  tag: 'Storefront',
  summary: 'A token for a storefront’s front end',
  description: 'Good on the storefront only, for 30 days after it was last used, while this session stands.',
  data: z.object({ token: z.string(), expires_at: Time }),
});

export const quote = operation({
  method: 'post',
  path: '/api/v1/storefront/quote',
  access: 'person',
  tag: 'Storefront',
  summary: 'What my level makes of a sum',
  body: QuoteInput.openapi('QuoteGoods'),
  data: z.object({ amount: Money, discount_amount: Money, final_amount: Money, level: Held }),
});
