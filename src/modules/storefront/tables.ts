import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core';
import { at, minorUnits, serial } from '#db/columns';

/** What a storefront knows of a user beyond what they bought: points, spending, and a level given by hand. */
export const vipMembers = sqliteTable(
  'vip_members',
  {
    userId: text('user_id').primaryKey(),
    /** A level's product; what is given by hand comes before what was bought. */
    levelByHand: text('level_by_hand'),
    points: integer('points').notNull().default(0),
    spending: minorUnits('spending').notNull().default(0),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [check('vip_members_totals', sql`${table.points} >= 0 and ${table.spending} >= 0`)],
);

/** Points and spending as a shop reported them: each reference once. */
export const vipActivities = sqliteTable('vip_activities', {
  reference: text('reference').primaryKey(),
  userId: text('user_id').notNull(),
  points: integer('points').notNull(),
  spending: minorUnits('spending').notNull(),
  createdAt: at('created_at').notNull(),
});

/** What up to three generations of inviters earn of a level that was bought. */
export const vipProfits = sqliteTable(
  'vip_profits',
  {
    serial: serial(),
    id: text('id').notNull().unique(),
    /** Who earns it, and who bought. */
    owner: text('owner').notNull(),
    buyerId: text('buyer_id').notNull(),
    orderId: text('order_id').notNull(),
    /** What was paid, and what is earned of it. */
    total: minorUnits('total').notNull(),
    amount: minorUnits('amount').notNull(),
    currency: text('currency').notNull(),
    /** 1 the buyer's inviter, 2 and 3 theirs. */
    generation: integer('generation').notNull(),
    status: text('status', { enum: ['pending', 'settled', 'void'] })
      .notNull()
      .default('pending'),
    dueAt: at('due_at').notNull(),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    unique('vip_profits_once').on(table.orderId, table.generation),
    check('vip_profits_generation', sql`${table.generation} between 1 and 3`),
    check('vip_profits_status', sql`${table.status} in ('pending', 'settled', 'void')`),
    check('vip_profits_amounts', sql`${table.amount} > 0 and ${table.amount} <= ${table.total}`),
    index('vip_profits_owner').on(table.owner, table.serial),
    index('vip_profits_due').on(table.dueAt).where(sql`${table.status} = 'pending'`),
  ],
);

/** Paid orders whose profits have still to be made. */
export const vipProfitChecks = sqliteTable(
  'vip_profit_checks',
  {
    orderId: text('order_id').primaryKey(),
    dueAt: at('due_at').notNull(),
  },
  (table) => [index('vip_profit_checks_due').on(table.dueAt)],
);

/** Tokens that stay good while they are used, on this surface only, until their session ends. */
export const storefrontTokens = sqliteTable(
  'storefront_tokens',
  {
    hash: text('hash').primaryKey(),
    sessionId: text('session_id').notNull(),
    createdAt: at('created_at').notNull(),
    /** 30 days after it was last used, to the hour. */
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('storefront_tokens_expiry').on(table.expiresAt)],
);
