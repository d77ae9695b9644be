import type { z } from '@hono/zod-openapi';
import { toIso } from '#kernel/clock';
import type { ApiKeyRow } from '#modules/keys/store';
import type * as routes from './api-keys.routes.ts';

export function toApiKey(row: ApiKeyRow, now: number): z.infer<typeof routes.ApiKey> {
  const expired = row.expiresAt !== null && row.expiresAt <= now;
  return {
    key_id: row.id,
    name: row.name,
    key_prefix: row.prefix,
    key_type: row.keyType,
    status: row.status === 'disabled' ? 'disabled' : expired ? 'expired' : 'active',
    allowed_models: row.allowedModels,
    allowed_ips: row.allowedIps,
    last_used_at: row.lastUsedAt === null ? null : toIso(row.lastUsedAt),
    expires_at: row.expiresAt === null ? null : toIso(row.expiresAt),
    created_at: toIso(row.createdAt),
  };
}
