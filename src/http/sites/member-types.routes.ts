import { z } from '@hono/zod-openapi';
import { CreateMemberTypeInput, UpdateMemberTypeInput } from '#modules/catalogue/packages/inputs';
import { operation } from './operation.ts';
import { Deleted, IdParam, Ids, listed, listOf, PageQuery, Status, Time } from './schemas.ts';

const tag = 'Member types';
const path = '/api/members/types';
const GOT = { zh: '获取成功', en: 'OK' };

export const MemberType = Ids.extend({
  code: z.string().openapi({ description: 'Unique in the site', example: 'VIP' }),
  name: z.string().openapi({ example: '会员' }),
  status: Status,
  createTime: Time,
  updateTime: Time,
}).openapi('MemberType');

const EXAMPLE: z.input<typeof MemberType> = {
  id: 1,
  _id: '1',
  code: 'VIP',
  name: '会员',
  status: 1,
  createTime: '2025-01-21T10:00:00.000Z',
  updateTime: '2025-01-21T10:00:00.000Z',
};
const GOLD: z.input<typeof MemberType> = { ...EXAMPLE, id: 2, _id: '2', code: 'GOLD', name: '黄金会员' };

export const validList = operation({
  method: 'get',
  path: `${path}/valid-list`,
  operationId: 'listValidMemberTypes',
  permission: 'members:read',
  tag,
  summary: 'Active member types, oldest first',
  description: 'All of them at once, for a choice in a form: only their ids, `code` and `name`.',
  said: { zh: '操作成功', en: 'OK' },
  data: z.array(Ids.extend({ code: z.string(), name: z.string() }).openapi('ValidMemberType')),
  example: {
    data: [EXAMPLE, GOLD].map(({ id, _id, code, name }) => ({ id, _id, code, name })),
  },
});

export const list = operation({
  method: 'get',
  path,
  operationId: 'listMemberTypes',
  permission: 'members:read',
  tag,
  summary: 'Member types, newest first',
  description: 'Also those that are switched off. They are kinds of members that packages are for.',
  said: GOT,
  query: PageQuery,
  data: listOf(MemberType),
  example: { data: listed(GOLD, EXAMPLE) },
});

export const get = operation({
  method: 'get',
  path: `${path}/{id}`,
  operationId: 'getMemberType',
  permission: 'members:read',
  tag,
  summary: 'One member type',
  description: 'Also one that is switched off. What its `_id` is here is a package’s `memberTypeId`.',
  said: GOT,
  params: IdParam,
  data: MemberType,
  example: { data: EXAMPLE },
  errors: ['member_type_not_found'],
});

export const create = operation({
  method: 'post',
  path,
  operationId: 'createMemberType',
  permission: 'members:write',
  tag,
  summary: 'Make a member type',
  description:
    'The caller chooses its `code`: a letter, then letters, digits, `-` and `_`, 32 at the most; upper and lower case ' +
    'are two. It is switched off unless `status` is 1.',
  said: { zh: '创建会员类型成功', en: 'The member type was created.' },
  idempotent: true,
  body: CreateMemberTypeInput.openapi('CreateMemberType'),
  data: MemberType,
  example: { body: { code: 'VIP', name: '会员', status: 1 }, data: EXAMPLE },
  errors: ['member_type_code_taken'],
});

export const update = operation({
  method: 'put',
  path: `${path}/{id}`,
  operationId: 'updateMemberType',
  permission: 'members:write',
  tag,
  summary: 'Change a member type',
  description:
    'What is left out stays. One that is switched off only leaves the `valid-list`: packages keep it, and may still be ' +
    'given it.',
  said: { zh: '更新会员类型成功', en: 'The member type was updated.' },
  params: IdParam,
  body: UpdateMemberTypeInput.openapi('UpdateMemberType'),
  data: MemberType,
  example: { body: { name: '会员', status: 1 }, data: EXAMPLE },
  errors: ['member_type_not_found', 'member_type_code_taken'],
});

export const remove = operation({
  method: 'delete',
  path: `${path}/{id}`,
  operationId: 'deleteMemberType',
  permission: 'members:write',
  tag,
  summary: 'Delete a member type that no package has',
  description:
    'A package that is switched off counts as well; one that was deleted does not. Its `code` is free again.',
  said: { zh: '删除会员类型成功', en: 'The member type was deleted.' },
  params: IdParam,
  data: Deleted,
  example: { data: { result: true } },
  errors: ['member_type_not_found', 'member_type_used'],
});
