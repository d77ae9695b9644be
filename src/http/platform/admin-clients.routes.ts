import { z } from '@hono/zod-openapi';
import { PERMISSIONS } from '#kernel/permissions';
import { CreateClientInput } from '#modules/clients/clients';
import { operation } from './operation.ts';
import { Done, listed, listOf, PageQuery, Time } from './schemas.ts';

const tag = 'Admin: clients';
const path = '/admin/v1/clients';

const Client = z
  .object({
    client_id: z.string().openapi({ example: 'cl_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    name: z.string(),
    systems: z
      .array(z.string())
      .openapi({ description: 'What it may send as `X-System-Code`', example: ['AUTH_MANAGEMENT'] }),
    permissions: z.array(z.enum(PERMISSIONS)),
    created_at: Time,
  })
  .openapi('Client');

const EXAMPLE: z.input<typeof Client> = {
  client_id: 'cl_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  name: '内容后台',
  systems: ['AUTH_MANAGEMENT', 'CONTENT_MANAGEMENT'],
  permissions: ['members:read', 'members:write'],
  created_at: '2025-01-21T10:00:00Z',
};

export const create = operation({
  method: 'post',
  path,
  operationId: 'adminCreateClient',
  access: 'admin',
  tag,
  summary: 'Make a client of back offices',
  description:
    'Its key is what it sends as `X-Client`. It is shown this once, and is good on this site alone, in the `systems` and ' +
    'for the `permissions` that are named: `members:read`, `members:write`. They cannot be changed afterwards; a system ' +
    'or permission that the site does not have is 400.',
  idempotent: true,
  body: CreateClientInput.openapi('CreateClient'),
  data: Client.extend({
    client_key: z.string().openapi({ description: 'Not shown again', example: 'ck-…' }),
  }).openapi('NewClient'),
  example: {
    body: { name: EXAMPLE.name, systems: EXAMPLE.systems, permissions: EXAMPLE.permissions },
    data: { ...EXAMPLE, client_key: 'ck-3vQm8ZtL1xRkW7pYb5NcHd2FsG9JaTe4' },
  },
});

export const list = operation({
  method: 'get',
  path,
  operationId: 'adminListClients',
  access: 'admin',
  tag,
  summary: 'Clients of back offices',
  description: 'Of this site, newest first, without their keys: those are stored hashed.',
  query: PageQuery,
  data: listOf(Client),
  example: { data: listed(EXAMPLE) },
});

export const remove = operation({
  method: 'delete',
  path: `${path}/{client_id}`,
  operationId: 'adminDeleteClient',
  access: 'admin',
  tag,
  summary: 'Remove a client',
  description: 'Its key is dead on the next request. Again is 404.',
  params: z.object({
    client_id: z.string().openapi({ description: 'Of the client', example: EXAMPLE.client_id }),
  }),
  data: Done,
  example: { data: {} },
});
