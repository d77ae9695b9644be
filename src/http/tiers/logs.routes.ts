import { z } from '@hono/zod-openapi';
import { ExpressInput } from '#flows/alliance/gifts';
import { LEVELS, SOLD_LEVELS } from '#modules/catalogue/tiers/levels';
import { Said } from './envelope.ts';
import { filter } from './filter.ts';
import { Condition, GiftInfo, IdParam, Time, Trimmed } from './members.routes.ts';
import { operation } from './operation.ts';
import { paginatorOf } from './paginator.ts';

const tag = 'Admin: tier purchases';
const path = '/admin/tbk/members/logs';

const Count = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .openapi({ type: 'integer', minimum: 1, maximum: most });

export const LogQuery = z.object({
  limit: Count(100),
  page: Count(100_000_000),
  level: filter(z.enum(SOLD_LEVELS as [string, ...string[]])).openapi({ enum: [...SOLD_LEVELS] }),
  user_id: filter(z.string().regex(/^([1-9]\d{0,14}|u_\w{1,60})$/, 'must be a user’s number or id')).openapi({
    example: '314',
  }),
  express_status: filter(z.enum(['0', '1', '2'])).openapi({ enum: ['0', '1', '2'] }),
  start_time: filter(z.string()).openapi({ example: '2020-01-15', description: 'A day or a second' }),
  end_time: filter(z.string()).openapi({ example: '2020-01-15 23:59:59' }),
  pay_mode: filter(z.enum(['cash', 'direct', 'mixed', 'indirect', 'admin'])).openapi({
    description: '`cash` bought, `direct` (or `indirect`) by promotion, `mixed` with EOC',
  }),
  pay_type: filter(z.enum(['wxpay', 'alipay'])),
});

const Text = z.string().nullable();

export const Log = z
  .object({
    id: z.int(),
    user_id: z.int().nullable(),
    member_id: z.int(),
    consignee: z
      .object({
        id: z.null(),
        tag: z.null(),
        area: z.string(),
        name: z.string(),
        other: z.null(),
        phone: z.string(),
        detail: z.string(),
        default: z.null(),
        user_id: z.int().nullable(),
        yz_address_id: z.null(),
      })
      .nullable(),
    gift_info: GiftInfo.nullable().openapi({ description: 'Null until it is claimed' }),
    mode: z.enum(['direct', 'mixed', 'indirect', 'admin']),
    order_no: z.string(),
    status: z.union([z.literal(1), z.literal(2)]).openapi({ description: '1 paid, 2 refunded' }),
    extend: z.object({ pay_type: z.enum(['wxpay', 'alipay']), eoc: Trimmed, cash: Trimmed }).nullable(),
    express_name: Text,
    express_number: Text,
    express_status: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .openapi({ description: '0 to ship, 1 shipped, 2 nothing to ship' }),
    created_at: Time,
    updated_at: Time,
    member: z.object({
      id: z.int(),
      name: z.string(),
      level: z.enum(LEVELS),
      icon: Text,
      condition: Condition.nullable(),
    }),
    user: z
      .object({
        id: z.int(),
        name: Text,
        sex: z.null(),
        email: Text,
        phone: Text,
        avatar: Text,
        code: z.string(),
        bio: z.null(),
        power: z.null(),
        last_time: Time.nullable(),
        last_ip: z.null(),
        status: z.int().openapi({ description: '0 active, 1 frozen, 2 deleted' }),
        member_id: z.int(),
        join_time: Time,
        created_at: Time,
        updated_at: Time,
      })
      .nullable(),
  })
  .openapi('TierLog');

export const list = operation({
  method: 'get',
  path,
  tag,
  summary: 'What was bought, reached and given',
  description: 'Newest first.',
  query: LogQuery,
  data: paginatorOf(Log),
});

export const express = operation({
  method: 'post',
  path: `${path}/{id}/express`,
  tag,
  summary: 'Note how a claimed gift was sent',
  description: 'Again corrects it.',
  params: IdParam,
  body: ExpressInput.openapi('ShipGift'),
  status: 201,
  data: Said,
  errors: ['gift_not_shippable'],
});
