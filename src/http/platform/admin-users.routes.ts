import { z } from '@hono/zod-openapi';
import { ListUsersInput, SetAccessInput, SetRoleInput, SetStatusInput } from '#flows/accounts/admin-users';
import { ListAuditLogsInput } from '#modules/operations/audit-logs';
import { operation } from './operation.ts';
import { idParam, listOf, PageQuery, Time } from './schemas.ts';
import { AdminUser, AdminUserDetail } from './users.schemas.ts';

const tag = 'Admin: users';
const params = idParam('user_id');

export const list = operation({
  method: 'get',
  path: '/admin/v1/users',
  access: 'admin',
  tag,
  summary: 'Find users',
  description: '`keyword` is sought literally in e-mail, phone and nickname.',
  query: ListUsersInput.extend(PageQuery.shape),
  data: listOf(AdminUser),
});

export const get = operation({
  method: 'get',
  path: '/admin/v1/users/{user_id}',
  access: 'admin',
  tag,
  summary: 'One user',
  params,
  data: AdminUserDetail,
});

export const setStatus = operation({
  method: 'put',
  path: '/admin/v1/users/{user_id}/status',
  access: 'admin',
  tag,
  summary: 'Freeze or thaw',
  description: 'Holds at once: sessions are refused, and keys from the next request on.',
  params,
  body: SetStatusInput.openapi('SetUserStatus'),
  data: AdminUserDetail,
  errors: ['not_yourself', 'last_admin', 'service_unavailable'],
});

export const setRole = operation({
  method: 'put',
  path: '/admin/v1/users/{user_id}/role',
  access: 'admin',
  tag,
  summary: 'Make an admin, or a user of one',
  params,
  body: SetRoleInput.openapi('SetUserRole'),
  data: AdminUserDetail,
  errors: ['not_yourself', 'last_admin'],
});

export const setAccess = operation({
  method: 'put',
  path: '/admin/v1/users/{user_id}/access',
  access: 'admin',
  tag,
  summary: 'Grant back-office systems and permissions',
  params,
  body: SetAccessInput.openapi('SetUserAccess'),
  data: AdminUserDetail,
});

export const auditLogs = operation({
  method: 'get',
  path: '/admin/v1/audit-logs',
  access: 'admin',
  tag: 'Admin: audit',
  summary: 'Who did what to what',
  query: ListAuditLogsInput.extend(PageQuery.shape),
  data: listOf(
    z
      .object({
        audit_id: z.string(),
        actor_kind: z.string(),
        actor_id: z.string().nullable(),
        action: z.string(),
        target: z.string(),
        detail: z.record(z.string(), z.unknown()),
        request_id: z.string(),
        created_at: Time,
      })
      .openapi('AuditLog'),
  ),
});
