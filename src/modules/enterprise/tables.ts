import { sql } from 'drizzle-orm';
import { check, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at } from '#db/columns';
import { users } from '#modules/accounts/tables';

/** Companies, made unverified when their owner registers. */
export const enterprises = sqliteTable(
  'enterprises',
  {
    id: text('id').primaryKey(),
    ownerId: text('owner_id')
      .notNull()
      .unique()
      .references(() => users.id),
    name: text('name').notNull(),
    verifyStatus: text('verify_status', { enum: ['unverified', 'pending', 'verified', 'rejected'] })
      .notNull()
      .default('unverified'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    check(
      'enterprises_verify_status',
      sql`${table.verifyStatus} in ('unverified', 'pending', 'verified', 'rejected')`,
    ),
  ],
);
