import { z } from '@hono/zod-openapi';
import {
  CreatePackageInput,
  PackageFilter,
  PackageStatusInput,
  UpdatePackageInput,
} from '#modules/catalogue/packages/inputs';
import { operation } from './operation.ts';
import { Deleted, IdParam, Ids, listed, listOf, PageQuery, Status, Time } from './schemas.ts';

const tag = 'Membership packages';
const GOT = { zh: '获取成功', en: 'OK' };

const Code = z.string().openapi({ description: 'What it is sold by, as `plan_id`', example: 'MEM0001' });

export const Package = Ids.extend({
  code: Code,
  name: z.string().openapi({ example: '会员套餐名称' }),
  memberTypeId: z.string().nullable().openapi({ description: 'A member type’s `_id`', example: '1' }),
  price: z
    .string()
    .nullable()
    .openapi({ description: 'Two decimals; null = not for sale', example: '99.99' }),
  validityDays: z.int().nullable().openapi({ description: 'Null = no end', example: 30 }),
  description: z.string().nullable().openapi({ example: '套餐描述' }),
  status: Status,
  createTime: Time,
  updateTime: Time,
}).openapi('Package');

const EXAMPLE: z.input<typeof Package> = {
  id: 1,
  _id: '1',
  code: 'MEM0001',
  name: '会员套餐名称',
  memberTypeId: '1',
  price: '99.99',
  validityDays: 30,
  description: '套餐描述',
  status: 1,
  createTime: '2025-01-21T10:00:00.000Z',
  updateTime: '2025-01-21T10:00:00.000Z',
};
const SENT = {
  name: '会员套餐名称',
  memberTypeId: '1',
  price: '99.99',
  validityDays: 30,
  description: '套餐描述',
} satisfies z.input<typeof CreatePackageInput>;

export const validList = operation({
  method: 'get',
  path: '/api/members/valid-list',
  operationId: 'listValidPackages',
  permission: 'members:read',
  tag,
  summary: 'Active packages, oldest first',
  description:
    'All of them at once, without prices and days. One without a price is among them, though it is not for sale.',
  said: { zh: '操作成功', en: 'OK' },
  data: z.array(
    Ids.extend({ code: Code, name: z.string(), description: z.string().nullable() }).openapi('ValidPackage'),
  ),
  example: {
    data: [
      { id: 1, _id: '1', code: 'MEM0001', name: '会员套餐1', description: '套餐描述' },
      { id: 2, _id: '2', code: 'MEM0002', name: '会员套餐2', description: '套餐描述' },
    ],
  },
});

export const list = operation({
  method: 'get',
  path: '/api/members',
  operationId: 'listPackages',
  permission: 'members:read',
  tag,
  summary: 'Find packages',
  description:
    'Newest first, also those that are switched off. With both filters a package must meet both; a `memberTypeId` that ' +
    'there is not finds nothing, and is no fault.',
  said: GOT,
  query: PageQuery.extend({
    name: PackageFilter.shape.name.meta({
      description: 'Part of the name, sought literally',
      example: '套餐',
    }),
    memberTypeId: PackageFilter.shape.memberTypeId.meta({
      description: 'A member type’s `_id`',
      example: '1',
    }),
  }),
  data: listOf(Package),
  example: { data: listed(EXAMPLE) },
});

export const get = operation({
  method: 'get',
  path: '/api/members/{id}',
  operationId: 'getPackage',
  permission: 'members:read',
  tag,
  summary: 'One package',
  description:
    'Also one that is switched off; one that was deleted is 404. `id` is its number, not its `code`.',
  said: GOT,
  params: IdParam,
  data: Package,
  example: { data: EXAMPLE },
  errors: ['package_not_found'],
});

export const create = operation({
  method: 'post',
  path: '/api/members',
  operationId: 'createPackage',
  permission: 'members:write',
  tag,
  summary: 'Make a package',
  description:
    'The server gives the `code`: `MEM` and the site’s next number, which is never given twice. It is switched off ' +
    'unless `status` is 1, not for sale without a `price`, granted at once and once to each user for `0.00`, and ' +
    'without an end where there are no `validityDays`. Users buy it with its `code`: ' +
    '`POST /api/v1/membership/subscribe`, `period` `fixed`.',
  said: { zh: '创建会员成功', en: 'The package was created.' },
  idempotent: true,
  body: CreatePackageInput.openapi('CreatePackage'),
  data: Package,
  example: { body: { ...SENT, status: 0 }, data: { ...EXAMPLE, status: 0 } },
  errors: ['member_type_unknown'],
});

export const update = operation({
  method: 'put',
  path: '/api/members/{id}',
  operationId: 'updatePackage',
  permission: 'members:write',
  tag,
  summary: 'Change a package that is switched off',
  description:
    '`name` is always needed; what else is left out stays, and `null` takes it away. An active package is not changed, ' +
    'whatever the body says; `status` 1 in the body of one that is switched off switches it on with the change. What ' +
    'was ordered before keeps its price and days.',
  said: { zh: '更新会员成功', en: 'The package was updated.' },
  params: IdParam,
  body: UpdatePackageInput.openapi('UpdatePackage'),
  data: Package,
  example: { body: { ...SENT, status: 1 }, data: EXAMPLE },
  errors: ['package_not_found', 'package_active', 'member_type_unknown'],
});

export const remove = operation({
  method: 'delete',
  path: '/api/members/{id}',
  operationId: 'deletePackage',
  permission: 'members:write',
  tag,
  summary: 'Delete a package',
  description:
    'One that is switched off, and that nobody holds or has an open order for. Past orders keep it, and its `code` is ' +
    'not given again.',
  said: { zh: '删除会员成功', en: 'The package was deleted.' },
  params: IdParam,
  data: Deleted,
  example: { data: { result: true } },
  errors: ['package_not_found', 'package_not_deletable'],
});

const status = {
  path: '/api/members/{id}/status',
  permission: 'members:write',
  tag,
  summary: 'Switch a package on or off',
  description:
    'As it is already is fine. One that is off is not sold, and only then it can be changed or deleted; who holds it ' +
    'keeps it. `PUT` and `PATCH` are the same.',
  said: { zh: '状态更新成功', en: 'The status was updated.' },
  params: IdParam,
  body: PackageStatusInput.openapi('PackageStatus'),
  data: Package,
  example: { body: { status: 1 }, data: EXAMPLE },
  errors: ['package_not_found'],
} as const;
export const setStatus = operation({ method: 'put', operationId: 'setPackageStatus', ...status });
export const patchStatus = operation({ method: 'patch', operationId: 'patchPackageStatus', ...status });
