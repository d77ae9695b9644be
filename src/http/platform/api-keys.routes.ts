import { z } from '@hono/zod-openapi';
import { CreateApiKeyInput } from '#modules/keys/create-api-key';
import { ListApiKeysInput } from '#modules/keys/list-api-keys';
import { operation } from './operation.ts';
import { Done, idParam, listOf, PageQuery, Time } from './schemas.ts';

const tag = 'API keys';

export const ApiKey = z
  .object({
    key_id: z.string(),
    name: z.string(),
    key_prefix: z.string().openapi({ example: 'sk-prod-abc1****' }),
    key_type: z.enum(['production', 'test']),
    status: z.enum(['active', 'disabled', 'expired']),
    allowed_models: z.array(z.string()),
    allowed_ips: z.array(z.string()),
    last_used_at: Time.nullable(),
    expires_at: Time.nullable(),
    created_at: Time,
  })
  .openapi('ApiKey');

export const list = operation({
  method: 'get',
  path: '/api/v1/users/me/apikeys',
  access: 'person',
  tag,
  summary: 'My API keys',
  query: ListApiKeysInput.extend(PageQuery.shape),
  data: listOf(ApiKey),
});

export const create = operation({
  method: 'post',
  path: '/api/v1/users/me/apikeys',
  access: 'person',
  tag,
  summary: 'Make an API key',
  description: 'The whole key is in this answer and never shown again.',
  idempotent: true,
  body: CreateApiKeyInput.openapi('CreateApiKey'),
  data: z
    .object({
      key_id: z.string(),
      api_key: z.string(),
      name: z.string(),
      key_type: z.enum(['production', 'test']),
    })
    .openapi('CreatedApiKey'),
  errors: ['api_key_limit_reached'],
});

export const remove = operation({
  method: 'delete',
  path: '/api/v1/users/me/apikeys/{key_id}',
  access: 'person',
  tag,
  summary: 'Delete an API key',
  description: 'It is refused from the next request on.',
  params: idParam('key_id'),
  data: Done,
  errors: ['service_unavailable'],
});
