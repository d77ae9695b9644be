import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at, json } from '#db/columns';

/** Machines of back offices (`X-Client`, spec sites): what they may do, and their key's hash. */
export const clients = sqliteTable('clients', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  keyHash: text('key_hash').notNull().unique(),
  systems: json<string[]>('systems').notNull(),
  permissions: json<string[]>('permissions').notNull(),
  createdAt: at('created_at').notNull(),
});
