import { z } from '@hono/zod-openapi';
import { ListEnterprisesInput } from '#modules/enterprise/admin-enterprises';
import { DEVELOPER, ENTERPRISE_ID, OWNER } from './enterprise.examples.ts';
import { MemberIdentity } from './enterprise.schemas.ts';
import { operation } from './operation.ts';
import { listed, listOf, PageQuery, Time } from './schemas.ts';

const tag = 'Admin: enterprises';

export const Enterprise = z
  .object({
    enterprise_id: z.string().openapi({ example: ENTERPRISE_ID }),
    enterprise_name: z.string().openapi({ example: 'XX 科技有限公司' }),
    verify_status: z.enum(['unverified', 'pending', 'verified', 'rejected']),
    member_count: z.int().openapi({ description: 'The owner included' }),
    owner: z.object({ user_id: z.string(), email: z.string().nullable() }),
    created_at: Time,
  })
  .openapi('Enterprise');

const EXAMPLE: z.input<typeof Enterprise> = {
  enterprise_id: ENTERPRISE_ID,
  enterprise_name: 'XX 科技有限公司',
  verify_status: 'verified',
  member_count: 2,
  owner: { user_id: OWNER.member_id, email: OWNER.email },
  created_at: OWNER.joined_at,
};

export const list = operation({
  method: 'get',
  path: '/admin/v1/enterprises',
  operationId: 'listEnterprises',
  access: 'admin',
  tag,
  summary: 'Find enterprises',
  description: 'Newest first. `keyword` is sought literally in the name and the owner’s e-mail.',
  query: ListEnterprisesInput.extend({
    keyword: ListEnterprisesInput.shape.keyword.meta({
      description: 'Part of the name or of the owner’s e-mail; `%` and `_` mean themselves.',
      example: '科技',
    }),
    ...PageQuery.shape,
  }),
  data: listOf(Enterprise),
  example: { data: listed(EXAMPLE) },
});

export const get = operation({
  method: 'get',
  path: '/admin/v1/enterprises/{enterprise_id}',
  operationId: 'getEnterprise',
  access: 'admin',
  tag,
  summary: 'One enterprise with its members',
  description:
    'All members, the first first and the owner included; who has left is not here. The papers are at ' +
    '`GET /admin/v1/verifications`, the orders at `GET /admin/v1/orders?user=` with this id.',
  params: z.object({ enterprise_id: z.string().openapi({ example: ENTERPRISE_ID }) }),
  data: Enterprise.extend({
    members: z.array(MemberIdentity),
  }).openapi('EnterpriseDetail'),
  example: { data: { ...EXAMPLE, members: [OWNER, DEVELOPER] } },
});
