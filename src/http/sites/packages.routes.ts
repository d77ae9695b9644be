import { z } from '@hono/zod-openapi';
import {
  CreatePackageInput,
  PackageFilter,
  PackageStatusInput,
  UpdatePackageInput,
} from '#modules/catalogue/packages/inputs';
import { operation } from './operation.ts';
import { Deleted, IdParam, Ids, listOf, PageQuery, Status, Time } from './schemas.ts';

const tag = 'Membership packages';
const GOT = { zh: '获取成功', en: 'OK' };

const Code = z.string().openapi({ example: 'MEM0001' });

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

export const validList = operation({
  method: 'get',
  path: '/api/members/valid-list',
  permission: 'members:read',
  tag,
  summary: 'Active packages, oldest first',
  said: { zh: '操作成功', en: 'OK' },
  data: z.array(
    Ids.extend({ code: Code, name: z.string(), description: z.string().nullable() }).openapi('ValidPackage'),
  ),
});

export const list = operation({
  method: 'get',
  path: '/api/members',
  permission: 'members:read',
  tag,
  summary: 'Find packages',
  description: 'Newest first. `name` is sought literally.',
  said: GOT,
  query: PageQuery.extend(PackageFilter.shape),
  data: listOf(Package),
});

export const get = operation({
  method: 'get',
  path: '/api/members/{id}',
  permission: 'members:read',
  tag,
  summary: 'One package',
  said: GOT,
  params: IdParam,
  data: Package,
  errors: ['package_not_found'],
});

export const create = operation({
  method: 'post',
  path: '/api/members',
  permission: 'members:write',
  tag,
  summary: 'Make a package',
  description: 'The server gives the `code`: `MEM` and the site’s next number, which is never given twice.',
  said: { zh: '创建会员成功', en: 'The package was created.' },
  idempotent: true,
  body: CreatePackageInput.openapi('CreatePackage'),
  data: Package,
  errors: ['member_type_unknown'],
});

export const update = operation({
  method: 'put',
  path: '/api/members/{id}',
  permission: 'members:write',
  tag,
  summary: 'Change a package that is switched off',
  description: 'What is left out stays. An active package is not changed, whatever the body says.',
  said: { zh: '更新会员成功', en: 'The package was updated.' },
  params: IdParam,
  body: UpdatePackageInput.openapi('UpdatePackage'),
  data: Package,
  errors: ['package_not_found', 'package_active', 'member_type_unknown'],
});

export const remove = operation({
  method: 'delete',
  path: '/api/members/{id}',
  permission: 'members:write',
  tag,
  summary: 'Delete a package',
  description: 'One that is switched off, and that nobody holds or has ordered.',
  said: { zh: '删除会员成功', en: 'The package was deleted.' },
  params: IdParam,
  data: Deleted,
  errors: ['package_not_found', 'package_not_deletable'],
});

const status = {
  path: '/api/members/{id}/status',
  permission: 'members:write',
  tag,
  summary: 'Switch a package on or off',
  said: { zh: '状态更新成功', en: 'The status was updated.' },
  params: IdParam,
  body: PackageStatusInput.openapi('PackageStatus'),
  data: Package,
  errors: ['package_not_found'],
} as const;
export const setStatus = operation({ method: 'put', ...status });
export const patchStatus = operation({ method: 'patch', ...status });
