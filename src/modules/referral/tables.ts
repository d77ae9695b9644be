import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core';
import { at, json, minorUnits, serial } from '#db/columns';
import type { Consignee } from './types.ts';

/** What an inviter gets of an invitee's purchase or shopping: held, then credited, or taken back. */
export const rewards = sqliteTable(
  'rewards',
  {
    id: text('id').primaryKey(),
    /** Who gets it, and whose purchase it is of. */
    owner: text('owner').notNull(),
    sourceUserId: text('source_user_id').notNull(),
    kind: text('kind', { enum: ['tier', 'commission'] }).notNull(),
    orderNo: text('order_no').notNull(),
    asset: text('asset').notNull(),
    amount: minorUnits('amount').notNull(),
    /** Whole percent, as it was then. */
    rate: integer('rate').notNull(),
    status: text('status', { enum: ['held', 'credited', 'void'] })
      .notNull()
      .default('held'),
    availableAt: at('available_at').notNull(),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    unique('rewards_once').on(table.kind, table.orderNo, table.owner, table.asset),
    check('rewards_kind', sql`${table.kind} in ('tier', 'commission')`),
    check('rewards_status', sql`${table.status} in ('held', 'credited', 'void')`),
    check('rewards_amount', sql`${table.amount} > 0`),
    index('rewards_owner').on(table.owner, table.id),
    index('rewards_due').on(table.availableAt).where(sql`${table.status} = 'held'`),
  ],
);

/** An invitee's shopping commission that was booked: once for each order number, for good. */
export const commissions = sqliteTable('commissions', {
  orderNo: text('order_no').primaryKey(),
  userId: text('user_id').notNull(),
  amount: minorUnits('amount').notNull(),
  createdAt: at('created_at').notNull(),
  takenBackAt: at('taken_back_at'),
});

/** A tier's gift that was claimed: what is in it is its order's snapshot. */
export const gifts = sqliteTable(
  'gifts',
  {
    orderId: text('order_id').primaryKey(),
    userId: text('user_id').notNull(),
    /** Null where nothing is shipped, or its owner was erased. */
    consignee: json<Consignee | null>('consignee'),
    /** Nothing to ship: it is received by a link and a code. */
    received: integer('received', { mode: 'boolean' }).notNull(),
    claimedAt: at('claimed_at').notNull(),
    expressName: text('express_name'),
    expressNumber: text('express_number'),
    shippedAt: at('shipped_at'),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    check('gifts_express', sql`(${table.shippedAt} is null) = (${table.expressNumber} is null)`),
    index('gifts_user').on(table.userId),
  ],
);

/** Money on its way out of a wallet: debited when asked for, credited back when rejected. */
export const withdrawals = sqliteTable(
  'withdrawals',
  {
    serial: serial(),
    id: text('id').notNull().unique(),
    userId: text('user_id').notNull(),
    currency: text('currency').notNull(),
    amount: minorUnits('amount').notNull(),
    /** Whole percent, as it was then. */
    feeRate: integer('fee_rate').notNull(),
    fee: minorUnits('fee').notNull(),
    channel: text('channel', { enum: ['wxpay', 'alipay', 'bank'] }).notNull(),
    /** Null once the account was erased. */
    account: text('account'),
    accountName: text('account_name'),
    status: text('status', { enum: ['pending', 'approved', 'rejected'] })
      .notNull()
      .default('pending'),
    reason: text('reason'),
    createdAt: at('created_at').notNull(),
    decidedAt: at('decided_at'),
  },
  (table) => [
    check('withdrawals_channel', sql`${table.channel} in ('wxpay', 'alipay', 'bank')`),
    check('withdrawals_status', sql`${table.status} in ('pending', 'approved', 'rejected')`),
    check('withdrawals_amounts', sql`${table.amount} > 0 and ${table.fee} between 0 and ${table.amount}`),
    index('withdrawals_user').on(table.userId, table.serial),
    index('withdrawals_status').on(table.status, table.serial),
  ],
);

/** From when a user's tier counts for their inviter: whether that promotes somebody is looked at then. */
export const tierChecks = sqliteTable(
  'tier_checks',
  {
    userId: text('user_id').notNull(),
    dueAt: at('due_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.dueAt] }), index('tier_checks_due').on(table.dueAt)],
);
