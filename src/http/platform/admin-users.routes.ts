import { z } from '@hono/zod-openapi';
import { ListUsersInput, SetAccessInput, SetRoleInput, SetStatusInput } from '#flows/accounts/admin-users';
import { ListAuditLogsInput } from '#modules/operations/audit-logs';
import { idParam } from '../shared/id-param.ts';
import { operation } from './operation.ts';
import { listed, listOf, PageQuery, Time } from './schemas.ts';
import { ADMIN_USER, ADMIN_USER_DETAIL } from './users.examples.ts';
import { AdminUser, AdminUserDetail } from './users.schemas.ts';

const tag = 'Admin: users';
const params = idParam('user_id');
const GRANTED = {
  systems: ['AUTH_MANAGEMENT', 'CONTENT_MANAGEMENT'],
  permissions: ['members:read', 'members:write'],
};
const REASON = 'API Key 疑似泄露,核查中';

export const list = operation({
  method: 'get',
  path: '/admin/v1/users',
  operationId: 'adminListUsers',
  access: 'admin',
  tag,
  summary: 'Find users',
  description:
    '`keyword` is sought literally in e-mail, phone and nickname. Newest first; deleted accounts are not listed, and ' +
    'phones are whole.',
  query: ListUsersInput.extend({
    ...PageQuery.shape,
    keyword: ListUsersInput.shape.keyword.meta({
      description: 'Any part of e-mail, phone or nickname; `%` and `_` are themselves.',
      example: 'user@example.com',
    }),
  }),
  data: listOf(AdminUser),
  example: { data: listed<z.input<typeof AdminUser>>(ADMIN_USER) },
});

export const get = operation({
  method: 'get',
  path: '/admin/v1/users/{user_id}',
  operationId: 'adminGetUser',
  access: 'admin',
  tag,
  summary: 'One user',
  description:
    'With the level that counts now (of a member the enterprise’s) and the access to back offices. A deleted account is ' +
    'found too, since its orders name it, with nothing personal left.',
  params,
  data: AdminUserDetail,
  example: { data: ADMIN_USER_DETAIL },
});

export const setStatus = operation({
  method: 'put',
  path: '/admin/v1/users/{user_id}/status',
  operationId: 'adminSetUserStatus',
  access: 'admin',
  tag,
  summary: 'Freeze or thaw',
  description:
    'Holds at once: sessions are refused, and keys from the next request on; thawed, they work again. Memberships run ' +
    'on. A frozen owner’s enterprise can neither buy nor be managed, its members’ keys go on. The `reason` goes to the ' +
    'audit log; nobody is mailed.',
  params,
  body: SetStatusInput.openapi('SetUserStatus'),
  data: AdminUserDetail,
  example: { body: { status: 'frozen', reason: REASON }, data: { ...ADMIN_USER_DETAIL, status: 'frozen' } },
  errors: ['not_yourself', 'last_admin', 'service_unavailable'],
});

export const setRole = operation({
  method: 'put',
  path: '/admin/v1/users/{user_id}/role',
  operationId: 'adminSetUserRole',
  access: 'admin',
  tag,
  summary: 'Make an admin, or a user of one',
  description:
    'Holds from the next request on, in sessions that are open too. An admin may do all of `/admin/v1`; back-office ' +
    'systems are granted apart (`PUT /admin/v1/users/{user_id}/access`) and stay when the role goes. Oneself and the ' +
    'last admin are 409.',
  params,
  body: SetRoleInput.openapi('SetUserRole'),
  data: AdminUserDetail,
  example: { body: { role: 'admin' }, data: { ...ADMIN_USER_DETAIL, role: 'admin' } },
  errors: ['not_yourself', 'last_admin'],
});

export const setAccess = operation({
  method: 'put',
  path: '/admin/v1/users/{user_id}/access',
  operationId: 'adminSetUserAccess',
  access: 'admin',
  tag,
  summary: 'Grant back-office systems and permissions',
  description:
    'Both lists replace what was granted, and hold from the next request on; two empty ones take all away. `systems` are ' +
    'the site’s (`AUTH_MANAGEMENT`, `CONTENT_MANAGEMENT`), `permissions` are `members:read` and `members:write`. ' +
    '`/api/members` asks for both, of admins as well.',
  params,
  body: SetAccessInput.openapi('SetUserAccess'),
  data: AdminUserDetail,
  example: { body: GRANTED, data: { ...ADMIN_USER_DETAIL, ...GRANTED } },
});

const AuditLog = z
  .object({
    audit_id: z.string(),
    actor_kind: z.string().openapi({
      description: '`user`, `admin`, `client` (a back office’s), `visitor` or `system` (a job).',
      example: 'admin',
    }),
    actor_id: z.string().nullable().openapi({ description: 'null of visitors and jobs.' }),
    action: z.string().openapi({ example: 'user.frozen' }),
    target: z.string().openapi({ description: 'What it was done to: an id or a code, by the action.' }),
    detail: z.record(z.string(), z.unknown()).openapi({ description: 'What it was, by the action.' }),
    request_id: z.string().openapi({ description: 'The `X-Request-Id` of its answer.' }),
    created_at: Time,
  })
  .openapi('AuditLog');

const { shape } = ListAuditLogsInput;

export const auditLogs = operation({
  method: 'get',
  path: '/admin/v1/audit-logs',
  operationId: 'adminListAuditLogs',
  access: 'admin',
  tag: 'Admin: audit',
  summary: 'Who did what to what',
  description:
    'Newest first: every write of an admin, every reading of decrypted data, every act of an enterprise’s managers. ' +
    '`actor`, `action` and `target` match whole; `from` and `to` are instants, both inclusive.',
  query: ListAuditLogsInput.extend({
    ...PageQuery.shape,
    actor: shape.actor.meta({
      description: 'The id of a user or client.',
      example: 'u_01JKZ7Q5H8J9K0M1N2P3Q4R5S6',
    }),
    action: shape.action.meta({ example: 'user.frozen' }),
    target: shape.target.meta({ example: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    from: shape.from.meta({ example: '2024-01-01T00:00:00Z' }),
    to: shape.to.meta({ example: '2024-01-31T23:59:59Z' }),
  }),
  data: listOf(AuditLog),
  example: {
    data: listed({
      audit_id: 'al_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
      actor_kind: 'admin',
      actor_id: 'u_01JKZ7Q5H8J9K0M1N2P3Q4R5S6',
      action: 'user.frozen',
      target: ADMIN_USER.user_id,
      detail: { reason: REASON },
      request_id: 'req_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
      created_at: '2024-01-03T01:00:00Z',
    }),
  },
});
