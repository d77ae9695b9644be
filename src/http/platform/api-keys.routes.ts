import { z } from '@hono/zod-openapi';
import { RotateApiKeyInput, UpdateApiKeyInput } from '#flows/quota/change-api-key';
import { CreateApiKeyInput } from '#flows/quota/create-api-key';
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

/** A key with its text: in this answer and never again. */
const CreatedApiKey = z
  .object({
    key_id: z.string(),
    api_key: z.string().openapi({ example: 'sk-prod-abcdefghijklmnopqrstuvwxyz123456' }),
    name: z.string(),
    key_type: z.enum(['production', 'test']),
  })
  .openapi('CreatedApiKey');

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
  data: CreatedApiKey,
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

export const update = operation({
  method: 'put',
  path: '/api/v1/users/me/apikeys/{key_id}',
  access: 'person',
  tag,
  summary: 'Change an API key',
  description: 'What is left out stays. It holds from the next request on.',
  params: idParam('key_id'),
  body: UpdateApiKeyInput.openapi('UpdateApiKey'),
  data: ApiKey,
  errors: ['service_unavailable'],
});

export const rotate = operation({
  method: 'post',
  path: '/api/v1/users/me/apikeys/{key_id}/rotate',
  access: 'person',
  tag,
  summary: 'Give an API key a new secret',
  description:
    'Shown once. The old secret works for `grace_seconds`; a second rotation keeps one old secret.',
  idempotent: true,
  params: idParam('key_id'),
  body: RotateApiKeyInput.openapi('RotateApiKey'),
  data: CreatedApiKey.extend({ old_key_valid_until: Time.nullable() }).openapi('RotatedApiKey'),
  errors: ['service_unavailable', 'key_stale'],
});

export const self = operation({
  method: 'get',
  path: '/api/v1/keys/self',
  access: 'machine',
  tag,
  summary: 'What this key is, and what its owner’s plan allows',
  data: z
    .object({
      key_id: z.string(),
      name: z.string(),
      key_type: z.enum(['production', 'test']),
      owner: z.string(),
      plan_id: z.string(),
      effective_benefits: z.record(z.string(), z.unknown()),
    })
    .openapi('KeySelf'),
  errors: ['ip_not_allowed', 'owner_frozen', 'too_many_unknown_keys'],
});
