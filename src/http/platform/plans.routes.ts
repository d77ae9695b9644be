import { z } from '@hono/zod-openapi';
import { CreatePlanInput, UpdatePlanInput } from '#modules/catalogue/inputs';
import { ListPlansInput } from '#modules/catalogue/plans';
import { operation } from './operation.ts';
import { idParam, listOf, Money, PageQuery } from './schemas.ts';

const tag = 'Membership plans';

export const Plan = z
  .object({
    plan_id: z.string().openapi({ example: 'plan_basic' }),
    name: z.string().openapi({ example: '基础版' }),
    type: z.enum(['personal', 'enterprise']),
    price_monthly: Money.nullable(),
    price_yearly: Money.nullable(),
    currency: z.string().openapi({ example: 'CNY' }),
    status: z.enum(['active', 'disabled']),
    benefits: z.array(z.looseObject({ key: z.string(), value: z.unknown(), desc: z.string().optional() })),
  })
  .openapi('Plan');

export const list = operation({
  method: 'get',
  path: '/api/v1/membership/plans',
  access: 'anyone',
  tag,
  summary: 'Plans on sale',
  description: 'Admins see disabled plans too.',
  query: ListPlansInput.extend(PageQuery.shape),
  data: listOf(Plan),
});

export const get = operation({
  method: 'get',
  path: '/api/v1/membership/plans/{plan_id}',
  access: 'anyone',
  tag,
  summary: 'One plan',
  params: idParam('plan_id'),
  data: Plan,
});

export const create = operation({
  method: 'post',
  path: '/admin/v1/membership/plans',
  access: 'admin',
  tag,
  summary: 'Create a plan',
  idempotent: true,
  body: CreatePlanInput.openapi('CreatePlan'),
  data: Plan,
  errors: ['plan_code_taken'],
});

export const update = operation({
  method: 'put',
  path: '/admin/v1/membership/plans/{plan_id}',
  access: 'admin',
  tag,
  summary: 'Update a plan',
  description: 'What is left out stays. Changed benefits reach live members at once, prices new orders only.',
  params: idParam('plan_id'),
  body: UpdatePlanInput.openapi('UpdatePlan'),
  data: Plan.extend({
    pushed: z
      .object({ applied: z.int(), of: z.int() })
      .openapi({ description: 'Live owners told of changed benefits before this answer' }),
  }),
  errors: ['plan_protected'],
});
