import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at, flag } from '#db/columns';

/** Settled tokens by day of the site's zone; what quota objects deliver is added up here. */
export const usageDaily = sqliteTable(
  'usage_daily',
  {
    owner: text('owner').notNull(),
    userId: text('user_id').notNull(),
    keyId: text('key_id').notNull(),
    /** Empty where none was named. */
    model: text('model').notNull(),
    day: text('day').notNull(),
    test: flag('test').notNull(),
    tokens: integer('tokens').notNull(),
    requests: integer('requests').notNull(),
    /** Of reservations that ran out of their ttl without a word. */
    expired: integer('expired').notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.owner, table.day, table.userId, table.keyId, table.model, table.test],
    }),
    index('usage_daily_user').on(table.userId, table.day),
    index('usage_daily_day').on(table.day),
    check('usage_daily_test', sql`${table.test} in (0, 1)`),
  ],
);

/** How far each object has delivered: a delivery counts once, from exactly this point on. */
export const usageCursors = sqliteTable('usage_cursors', {
  owner: text('owner').primaryKey(),
  seq: integer('seq').notNull(),
  /** Deliveries that were known to be still to come. */
  backlog: integer('backlog').notNull(),
  deliveredAt: at('delivered_at').notNull(),
});
