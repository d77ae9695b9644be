import { z } from '@hono/zod-openapi';
import { PERMISSIONS } from '#kernel/permissions';
import { CreateClientInput } from '#modules/clients/clients';
import { operation } from './operation.ts';
import { Done, idParam, listOf, PageQuery, Time } from './schemas.ts';

const tag = 'Admin: clients';
const path = '/admin/v1/clients';

const Client = z
  .object({
    client_id: z.string().openapi({ example: 'cl_01HX…' }),
    name: z.string(),
    systems: z.array(z.string()).openapi({ example: ['AUTH_MANAGEMENT'] }),
    permissions: z.array(z.enum(PERMISSIONS)),
    created_at: Time,
  })
  .openapi('Client');

export const create = operation({
  method: 'post',
  path,
  access: 'admin',
  tag,
  summary: 'Make a client of back offices',
  description: 'Its key is what it sends as `X-Client`. It is shown this once.',
  idempotent: true,
  body: CreateClientInput.openapi('CreateClient'),
  data: Client.extend({ client_key: z.string().openapi({ example: 'ck-…' }) }).openapi('NewClient'),
});

export const list = operation({
  method: 'get',
  path,
  access: 'admin',
  tag,
  summary: 'Clients of back offices',
  query: PageQuery,
  data: listOf(Client),
});

export const remove = operation({
  method: 'delete',
  path: `${path}/{client_id}`,
  access: 'admin',
  tag,
  summary: 'Remove a client',
  description: 'Its key is dead on the next request.',
  params: idParam('client_id'),
  data: Done,
});
