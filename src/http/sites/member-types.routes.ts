import { z } from '@hono/zod-openapi';
import { CreateMemberTypeInput, UpdateMemberTypeInput } from '#modules/catalogue/packages/inputs';
import { operation } from './operation.ts';
import { Deleted, IdParam, Ids, listOf, PageQuery, Status, Time } from './schemas.ts';

const tag = 'Member types';
const path = '/api/members/types';
const GOT = { zh: '获取成功', en: 'OK' };

export const MemberType = Ids.extend({
  code: z.string().openapi({ example: 'VIP' }),
  name: z.string().openapi({ example: '会员' }),
  status: Status,
  createTime: Time,
  updateTime: Time,
}).openapi('MemberType');

export const validList = operation({
  method: 'get',
  path: `${path}/valid-list`,
  permission: 'members:read',
  tag,
  summary: 'Active member types, oldest first',
  said: { zh: '操作成功', en: 'OK' },
  data: z.array(Ids.extend({ code: z.string(), name: z.string() }).openapi('ValidMemberType')),
});

export const list = operation({
  method: 'get',
  path,
  permission: 'members:read',
  tag,
  summary: 'Member types, newest first',
  said: GOT,
  query: PageQuery,
  data: listOf(MemberType),
});

export const get = operation({
  method: 'get',
  path: `${path}/{id}`,
  permission: 'members:read',
  tag,
  summary: 'One member type',
  said: GOT,
  params: IdParam,
  data: MemberType,
  errors: ['member_type_not_found'],
});

export const create = operation({
  method: 'post',
  path,
  permission: 'members:write',
  tag,
  summary: 'Make a member type',
  said: { zh: '创建会员类型成功', en: 'The member type was created.' },
  idempotent: true,
  body: CreateMemberTypeInput.openapi('CreateMemberType'),
  data: MemberType,
  errors: ['member_type_code_taken'],
});

export const update = operation({
  method: 'put',
  path: `${path}/{id}`,
  permission: 'members:write',
  tag,
  summary: 'Change a member type',
  description: 'What is left out stays.',
  said: { zh: '更新会员类型成功', en: 'The member type was updated.' },
  params: IdParam,
  body: UpdateMemberTypeInput.openapi('UpdateMemberType'),
  data: MemberType,
  errors: ['member_type_not_found', 'member_type_code_taken'],
});

export const remove = operation({
  method: 'delete',
  path: `${path}/{id}`,
  permission: 'members:write',
  tag,
  summary: 'Delete a member type that no package has',
  said: { zh: '删除会员类型成功', en: 'The member type was deleted.' },
  params: IdParam,
  data: Deleted,
  errors: ['member_type_not_found', 'member_type_used'],
});
