import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at, json } from '#db/columns';
import { users } from '#modules/accounts/tables';

/** API keys, by keyed hash; the text itself is shown once and not kept. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    /** The enterprise in whose membership the key was made: it dies with that membership. */
    enterpriseId: text('enterprise_id'),
    name: text('name').notNull(),
    keyType: text('key_type', { enum: ['production', 'test'] }).notNull(),
    prefix: text('prefix').notNull(),
    hash: text('hash').notNull().unique(),
    /** The secret before the last rotation, good until `grace_until_at`. */
    graceHash: text('grace_hash').unique(),
    graceUntilAt: at('grace_until_at'),
    /** Moves with every change; what a cache holds of an older version is refused by the quota object. */
    version: integer('version').notNull().default(1),
    status: text('status', { enum: ['active', 'disabled', 'deleted'] })
      .notNull()
      .default('active'),
    allowedModels: json<string[]>('allowed_models').notNull(),
    allowedIps: json<string[]>('allowed_ips').notNull(),
    expiresAt: at('expires_at'),
    lastUsedAt: at('last_used_at'),
    createdAt: at('created_at').notNull(),
    changedAt: at('changed_at').notNull(),
  },
  (table) => [
    check('api_keys_key_type', sql`${table.keyType} in ('production', 'test')`),
    check('api_keys_status', sql`${table.status} in ('active', 'disabled', 'deleted')`),
    index('api_keys_user').on(table.userId, table.changedAt),
  ],
);
