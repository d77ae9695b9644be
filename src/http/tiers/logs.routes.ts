import { z } from '@hono/zod-openapi';
import { ExpressInput } from '#flows/alliance/gifts';
import { LEVELS, SOLD_LEVELS } from '#modules/catalogue/tiers/levels';
import { idParam } from '../shared/id-param.ts';
import { Said } from './envelope.ts';
import { filter } from './filter.ts';
import { LOG } from './logs.examples.ts';
import { Condition, GiftInfo, Time, Trimmed } from './members.routes.ts';
import { operation } from './operation.ts';
import { paged, paginatorOf } from './paginator.ts';

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
  limit: Count(100).openapi({ description: 'How many on a page', example: 20 }),
  page: Count(100_000_000).openapi({ description: 'Which page, from 1', example: 1 }),
  level: filter(z.enum(SOLD_LEVELS as [string, ...string[]])).openapi({
    enum: [...SOLD_LEVELS],
    description: 'What was bought, reached or given',
    example: 'gold',
  }),
  user_id: filter(z.string().regex(/^([1-9]\d{0,14}|u_\w{1,60})$/, 'must be a user’s number or id')).openapi({
    description: 'A user’s number or id',
    example: '314',
  }),
  express_status: filter(z.enum(['0', '1', '2'])).openapi({
    enum: ['0', '1', '2'],
    description: '0 to ship (also what is not claimed yet), 1 shipped, 2 nothing to ship',
    example: '0',
  }),
  start_time: filter(z.string()).openapi({
    description: 'A day or a second of the site’s zone, by `created_at`',
    example: '2020-01-15',
  }),
  end_time: filter(z.string()).openapi({
    description: 'The same; that day or second is part of it',
    example: '2020-01-15 23:59:59',
  }),
  pay_mode: filter(z.enum(['cash', 'direct', 'mixed', 'indirect', 'admin'])).openapi({
    enum: ['cash', 'direct', 'mixed', 'indirect', 'admin'],
    description: '`cash` bought, `direct` (or `indirect`) by promotion, `mixed` with EOC, `admin` by hand',
    example: 'mixed',
  }),
  pay_type: filter(z.enum(['wxpay', 'alipay'])).openapi({
    enum: ['wxpay', 'alipay'],
    description: 'What the buyer chose; it may have been paid in another way',
    example: 'wxpay',
  }),
});

const Text = z.string().nullable();

export const Log = z
  .object({
    id: z.int().openapi({ description: 'The order’s number, which `…/{id}/express` takes' }),
    user_id: z.int().nullable(),
    member_id: z.int().openapi({ description: 'The tier’s number' }),
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
      .nullable()
      .openapi({ description: 'Null until it is claimed, and of what is not shipped' }),
    gift_info: GiftInfo.nullable().openapi({ description: 'Null until it is claimed' }),
    mode: z.enum(['direct', 'mixed', 'indirect', 'admin']).openapi({
      description: '`direct` bought, `mixed` with EOC, `indirect` by promotion, `admin` by hand',
    }),
    order_no: z.string().openapi({ description: 'The order’s id' }),
    status: z.union([z.literal(1), z.literal(2)]).openapi({ description: '1 paid, 2 refunded' }),
    extend: z
      .object({
        pay_type: z.enum(['wxpay', 'alipay']),
        eoc: Trimmed.openapi({ description: 'Whole EOC', example: '500' }),
        cash: Trimmed.openapi({ description: 'What was left to pay', example: '470.1' }),
      })
      .nullable()
      .openapi({ description: 'Of a purchase; null otherwise' }),
    express_name: Text,
    express_number: Text,
    express_status: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .openapi({ description: '0 to ship (also what is not claimed yet), 1 shipped, 2 nothing to ship' }),
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
        member_id: z.int().openapi({ description: 'The number of the tier that is held now' }),
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
  operationId: 'listTierLogs',
  tag,
  summary: 'What was bought, reached and given',
  description:
    'Newest first: orders that were paid, also those that were refunded since, and tiers that came by promotion or by ' +
    'hand. Tier, price and gift are as they were then; `user` is as it is now. `limit` and `page` are needed; a filter ' +
    'that is empty is none.',
  query: LogQuery,
  data: paginatorOf(Log),
  example: { data: paged(LOG) },
});

export const express = operation({
  method: 'post',
  path: `${path}/{id}/express`,
  operationId: 'shipTierGift',
  tag,
  summary: 'Note how a claimed gift was sent',
  description:
    'Only notes it: `express_status` is 1 from then on. Again corrects it. Before it is claimed, once its order was ' +
    'refunded, or where nothing is shipped, it is 422.',
  params: idParam('id', { description: 'A log’s `id` or `order_no`', example: '100' }),
  body: ExpressInput.openapi('ShipGift'),
  status: 201,
  data: Said,
  example: {
    body: { express_name: '顺丰', express_number: 'T12312312312' },
    data: { message: '发货成功' },
  },
  errors: ['gift_not_shippable'],
});
