import { z } from '@hono/zod-openapi';
import { ListEnterprisesInput } from '#modules/enterprise/admin-enterprises';
import { MemberIdentity } from './enterprise.schemas.ts';
import { operation } from './operation.ts';
import { idParam, listOf, PageQuery, Time } from './schemas.ts';

const tag = 'Admin: enterprises';

export const Enterprise = z
  .object({
    enterprise_id: z.string().openapi({ example: 'ent_01HX…' }),
    enterprise_name: z.string().openapi({ example: 'XX 科技有限公司' }),
    verify_status: z.enum(['unverified', 'pending', 'verified', 'rejected']),
    member_count: z.int(),
    owner: z.object({ user_id: z.string(), email: z.string().nullable() }),
    created_at: Time,
  })
  .openapi('Enterprise');

export const list = operation({
  method: 'get',
  path: '/admin/v1/enterprises',
  access: 'admin',
  tag,
  summary: 'Find enterprises',
  description: '`keyword` is sought literally in the name and the owner’s e-mail.',
  query: ListEnterprisesInput.extend(PageQuery.shape),
  data: listOf(Enterprise),
});

export const get = operation({
  method: 'get',
  path: '/admin/v1/enterprises/{enterprise_id}',
  access: 'admin',
  tag,
  summary: 'One enterprise with its members',
  params: idParam('enterprise_id'),
  data: Enterprise.extend({
    members: z.array(MemberIdentity),
  }).openapi('EnterpriseDetail'),
});
