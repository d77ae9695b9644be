import { z } from '@hono/zod-openapi';
import { RotateApiKeyInput, UpdateApiKeyInput } from '#flows/quota/change-api-key';
import { CreateApiKeyInput } from '#flows/quota/create-api-key';
import { ListApiKeysInput } from '#modules/keys/list-api-keys';
import { idParam } from '../shared/id-param.ts';
import { API_KEY, CREATED, ROTATED } from './api-keys.examples.ts';
import { operation } from './operation.ts';
import { Done, listed, listOf, PageQuery, Time } from './schemas.ts';

const tag = 'API keys';

const KeyType = z.enum(['production', 'test']).openapi({
  description: 'A test key counts against the same limits; its usage is reported apart.',
});

export const ApiKey = z
  .object({
    key_id: z.string(),
    name: z.string(),
    key_prefix: z.string().openapi({ example: 'sk-prod-abc1****' }),
    key_type: KeyType,
    status: z.enum(['active', 'disabled', 'expired']).openapi({
      description: 'Computed: `expired` by the clock; one that was disabled stays `disabled`.',
    }),
    allowed_models: z.array(z.string()).openapi({
      description: 'Model ids; a trailing `*` is a prefix. Empty: all that the plan allows.',
      example: ['gpt-4o', 'qwen-*'],
    }),
    allowed_ips: z.array(z.string()).openapi({
      description: 'IPv4, IPv6 and CIDR. Empty: any address.',
      example: ['203.0.113.0/24'],
    }),
    last_used_at: Time.nullable().openapi({ description: 'Right to within a minute; null before any use.' }),
    expires_at: Time.nullable().openapi({ description: 'null: never.' }),
    created_at: Time,
  })
  .openapi('ApiKey');

/** A key with its text: in this answer and never again. */
export const CreatedApiKey = z
  .object({
    key_id: z.string(),
    api_key: z.string().openapi({
      description: 'The whole key: sent as `Authorization: Bearer …`.',
      example: 'sk-prod-abcdefghijklmnopqrstuvwxyz123456',
    }),
    name: z.string(),
    key_type: KeyType,
  })
  .openapi('CreatedApiKey');

export const list = operation({
  method: 'get',
  path: '/api/v1/users/me/apikeys',
  operationId: 'listApiKeys',
  access: 'person',
  tag,
  summary: 'My API keys',
  description:
    'Newest first, without deleted ones. The whole key is never in it; `key_prefix` tells keys apart. Of an ' +
    'enterprise everybody sees their own.',
  query: ListApiKeysInput.extend({
    ...PageQuery.shape,
    status: ListApiKeysInput.shape.status.meta({ description: 'As it is at this moment.' }),
  }),
  data: listOf(ApiKey),
  example: { data: listed(API_KEY) },
});

export const create = operation({
  method: 'post',
  path: '/api/v1/users/me/apikeys',
  operationId: 'createApiKey',
  access: 'person',
  tag,
  summary: 'Make an API key',
  description:
    'The whole key is in this answer and never shown again. Empty `allowed_models` are all that the plan allows (a ' +
    'trailing `*` is a prefix), empty `allowed_ips` any address, without `expires_at` it never expires. A member’s key ' +
    'draws on the enterprise and dies with the membership; a user has at most 50.',
  idempotent: true,
  body: CreateApiKeyInput.openapi('CreateApiKey'),
  data: CreatedApiKey,
  example: {
    body: {
      name: CREATED.name,
      key_type: 'production',
      expires_at: null,
      allowed_models: [],
      allowed_ips: [],
    },
    data: CREATED,
  },
  errors: ['api_key_limit_reached'],
});

export const remove = operation({
  method: 'delete',
  path: '/api/v1/users/me/apikeys/{key_id}',
  operationId: 'deleteApiKey',
  access: 'person',
  tag,
  summary: 'Delete an API key',
  description:
    'It is refused from the next request on, and does not come back; what it had reserved can still be settled. After a ' +
    '503 it is deleted, but may work for up to a minute; sent again, this finishes it.',
  params: idParam('key_id'),
  data: Done,
  example: { data: {} },
  errors: ['service_unavailable'],
});

export const update = operation({
  method: 'put',
  path: '/api/v1/users/me/apikeys/{key_id}',
  operationId: 'updateApiKey',
  access: 'person',
  tag,
  summary: 'Change an API key',
  description:
    'What is left out stays; a list that is sent replaces the old one. It holds from the next request on. A later ' +
    '`expires_at`, or null for never, revives an expired key; `disabled` also ends the old secret of a rotation for ' +
    'good.',
  params: idParam('key_id'),
  body: UpdateApiKeyInput.openapi('UpdateApiKey'),
  data: ApiKey,
  example: {
    body: { allowed_models: ['gpt-4o', 'qwen-*'], allowed_ips: ['203.0.113.0/24'] },
    data: { ...API_KEY, allowed_models: ['gpt-4o', 'qwen-*'], allowed_ips: ['203.0.113.0/24'] },
  },
  errors: ['service_unavailable'],
});

export const rotate = operation({
  method: 'post',
  path: '/api/v1/users/me/apikeys/{key_id}/rotate',
  operationId: 'rotateApiKey',
  access: 'person',
  tag,
  summary: 'Give an API key a new secret',
  description:
    'Shown once. The old secret works for `grace_seconds` (at most a day; without them it ends at once); a second ' +
    'rotation keeps one old secret. Id, name, lists and expiry stay.',
  idempotent: true,
  params: idParam('key_id'),
  body: RotateApiKeyInput.openapi('RotateApiKey'),
  data: CreatedApiKey.extend({
    old_key_valid_until: Time.nullable().openapi({ description: 'null: the old secret is dead already.' }),
  }).openapi('RotatedApiKey'),
  example: { body: { grace_seconds: 1800 }, data: ROTATED },
  errors: ['service_unavailable', 'key_stale'],
});

export const self = operation({
  method: 'get',
  path: '/api/v1/keys/self',
  operationId: 'getKeySelf',
  access: 'machine',
  tag,
  summary: 'What this key is, and what its owner’s plan allows',
  description:
    'Asked with the key itself, and spends nothing. The plan is that of whom the key draws on, `plan_free` without a ' +
    'membership; what is left of its limits is at `GET /api/v1/quota`.',
  data: z
    .object({
      key_id: z.string(),
      name: z.string(),
      key_type: KeyType,
      owner: z.string().openapi({
        description: 'Whose quota it spends: a user’s (`u_…`) or an enterprise’s (`ent_…`).',
        example: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
      }),
      plan_id: z.string().openapi({ example: 'plan_basic' }),
      effective_benefits: z.record(z.string(), z.unknown()).openapi({
        description: 'Every known benefit; null where the plan sets none. The key’s own lists are not in it.',
      }),
    })
    .openapi('KeySelf'),
  example: {
    data: {
      key_id: CREATED.key_id,
      name: CREATED.name,
      key_type: 'production',
      owner: 'u_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
      plan_id: 'plan_basic',
      effective_benefits: {
        tpm: 100_000,
        tpd: 2_000_000,
        models: ['gpt-4o', 'qwen-turbo'],
        token_discount: '20%',
        priority: 'P1',
        support: 'email',
        member_seats: null,
        tokens_per_month: null,
        requests_per_day: null,
      },
    },
  },
  errors: ['ip_not_allowed', 'owner_frozen', 'too_many_unknown_keys'],
});
