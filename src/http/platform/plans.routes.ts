import { z } from '@hono/zod-openapi';
import { CreatePlanInput, UpdatePlanInput } from '#modules/catalogue/inputs';
import { ListPlansInput } from '#modules/catalogue/plans';
import { operation } from './operation.ts';
import { BASIC, CREATED, FREE, NEW_PLAN, PLAN_CHANGE, PREMIUM } from './plans.examples.ts';
import { listed, listOf, Money, PageQuery } from './schemas.ts';

const tag = 'Membership plans';

export const Plan = z
  .object({
    plan_id: z.string().openapi({ example: 'plan_basic' }),
    name: z.string().openapi({ example: '基础版' }),
    type: z.enum(['personal', 'enterprise']),
    price_monthly: Money.nullable().openapi({ description: 'null: not sold by the month', example: '49.00' }),
    price_yearly: Money.nullable().openapi({ description: 'null: not sold by the year', example: '490.00' }),
    currency: z.string().openapi({ example: 'CNY' }),
    status: z.enum(['active', 'disabled']),
    benefits: z
      .array(z.looseObject({ key: z.string(), value: z.unknown(), desc: z.string().optional() }))
      .openapi({
        description:
          'What it grants. Enforced are `tpm` and `tpd` (tokens a minute and a day), `tokens_per_month`, ' +
          '`requests_per_day`, `models` and `member_seats`; `priority` and `token_discount` (`"20%"` = pay 80 %) come ' +
          'with each reservation; `support` and any other key are shown as they are.',
      }),
  })
  .openapi('Plan');

const planId = z.object({ plan_id: z.string().openapi({ example: 'plan_basic' }) });

export const list = operation({
  method: 'get',
  path: '/api/v1/membership/plans',
  operationId: 'listPlans',
  access: 'anyone',
  tag,
  summary: 'Plans on sale',
  description:
    'Newest first, `plan_free` among them, which applies to whoever holds nothing and is not sold. Admins see disabled ' +
    'plans too. Visitors may keep the answer for a minute.',
  conditional: true,
  query: ListPlansInput.extend({
    type: ListPlansInput.shape.type.meta({ description: 'For whom: people or enterprises.' }),
    status: ListPlansInput.shape.status.meta({
      description: '`disabled` is an empty list for whoever is no admin.',
    }),
    ...PageQuery.shape,
  }),
  data: listOf(Plan),
  example: { data: listed(FREE, BASIC, PREMIUM) },
});

export const get = operation({
  method: 'get',
  path: '/api/v1/membership/plans/{plan_id}',
  operationId: 'getPlan',
  access: 'anyone',
  tag,
  summary: 'One plan',
  description:
    'A disabled one is 404 but for admins and for whoever holds it, themselves or through their enterprise. Packages ' +
    '(`MEM0001`), tiers and storefront levels are not found here.',
  conditional: true,
  params: planId,
  data: Plan,
  example: { data: BASIC },
});

export const create = operation({
  method: 'post',
  path: '/admin/v1/membership/plans',
  operationId: 'createPlan',
  access: 'admin',
  tag,
  summary: 'Create a plan',
  description:
    '`plan_id` is `plan_` and the `code`, which is made where none is given and never changes. A price left out: not ' +
    'sold for that period; `currency` can only be the site’s. It is on sale at once unless `status` is `disabled`.',
  idempotent: true,
  body: CreatePlanInput.openapi('CreatePlan'),
  data: Plan,
  example: { body: NEW_PLAN, data: CREATED },
  errors: ['plan_code_taken'],
});

export const update = operation({
  method: 'put',
  path: '/admin/v1/membership/plans/{plan_id}',
  operationId: 'updatePlan',
  access: 'admin',
  tag,
  summary: 'Update a plan',
  description:
    'What is left out stays; a price of null takes that period off sale, `benefits` are the whole list anew. Changed ' +
    'benefits reach live members at once, prices new orders only. A disabled plan is kept to its end and not renewed; ' +
    '`plan_free` cannot be disabled.',
  params: z.object({ plan_id: z.string().openapi({ example: 'plan_enterprise_standard' }) }),
  body: UpdatePlanInput.openapi('UpdatePlan'),
  data: Plan.extend({
    pushed: z.object({ applied: z.int(), of: z.int() }).openapi({
      description:
        'Live owners told of changed benefits before this answer; the others are told within a minute. 0 of 0 where ' +
        'no benefits were sent.',
    }),
  }),
  example: { body: PLAN_CHANGE, data: { ...CREATED, ...PLAN_CHANGE, pushed: { applied: 3, of: 3 } } },
  errors: ['plan_protected'],
});
