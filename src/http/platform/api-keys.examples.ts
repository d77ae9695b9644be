import type { z } from '@hono/zod-openapi';
import type { ApiKey, CreatedApiKey } from './api-keys.routes.ts';

const KEY_ID = 'key_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC';

/** Seed 002 §1.2: what was made … */
export const CREATED = {
  key_id: KEY_ID,
  api_key: 'sk-prod-abcdefghijklmnopqrstuvwxyz123456',
  name: '生产环境主 Key',
  key_type: 'production',
} satisfies z.input<typeof CreatedApiKey>;

/** … its secret after a rotation … */
export const ROTATED = {
  ...CREATED,
  api_key: 'sk-prod-abc1defghijklmnopqrstuvwxy2sbSbN',
  old_key_valid_until: '2024-01-01T12:30:00Z',
};

/** … and how it is listed from then on. */
export const API_KEY = {
  key_id: KEY_ID,
  name: CREATED.name,
  key_prefix: 'sk-prod-abc1****',
  key_type: 'production',
  status: 'active',
  allowed_models: [] as string[],
  allowed_ips: [] as string[],
  last_used_at: '2024-01-01T12:00:00Z',
  expires_at: null,
  created_at: '2024-01-01T00:00:00Z',
} satisfies z.input<typeof ApiKey>;
