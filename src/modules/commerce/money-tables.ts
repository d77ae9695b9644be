import { sql } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import { at, json, minorUnits } from '#db/columns';
import type { Program } from '#kernel/programs';

/** What a voucher is worth and for what; vouchers of it are issued to users. */
export const voucherTypes = sqliteTable(
  'voucher_types',
  {
    id: text('id').primaryKey(),
    type: text('type', { enum: ['fixed', 'percent'] }).notNull(),
    /** Minor units, or whole percent taken off. */
    value: integer('value').notNull(),
    minAmount: minorUnits('min_amount').notNull(),
    /** Product ids; none = all of the programs. */
    plans: json<string[]>('plans').notNull(),
    programs: json<Program[]>('programs').notNull(),
    startsAt: at('starts_at').notNull(),
    endsAt: at('ends_at').notNull(),
    voidedAt: at('voided_at'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    check('voucher_types_type', sql`${table.type} in ('fixed', 'percent')`),
    check(
      'voucher_types_value',
      sql`${table.value} >= 1 and (${table.type} = 'fixed' or ${table.value} <= 100)`,
    ),
    check('voucher_types_window', sql`${table.endsAt} > ${table.startsAt}`),
  ],
);

/** One user's voucher: locked by an order, used when that is paid, free again when it closes. */
export const vouchers = sqliteTable(
  'vouchers',
  {
    id: text('id').primaryKey(),
    typeId: text('type_id')
      .notNull()
      .references(() => voucherTypes.id),
    userId: text('user_id').notNull(),
    state: text('state', { enum: ['unused', 'locked', 'used'] })
      .notNull()
      .default('unused'),
    orderId: text('order_id'),
    createdAt: at('created_at').notNull(),
    usedAt: at('used_at'),
  },
  (table) => [
    check('vouchers_state', sql`${table.state} in ('unused', 'locked', 'used')`),
    check('vouchers_order', sql`(${table.state} = 'unused') = (${table.orderId} is null)`),
    index('vouchers_user').on(table.userId, table.id),
    index('vouchers_type').on(table.typeId),
    uniqueIndex('vouchers_order').on(table.orderId).where(sql`${table.orderId} is not null`),
  ],
);

/** What an owner has of an asset. Debt is what could not be taken when it had to be: paid first. */
export const walletBalances = sqliteTable(
  'wallet_balances',
  {
    owner: text('owner').notNull(),
    asset: text('asset').notNull(),
    balance: minorUnits('balance').notNull().default(0),
    debt: minorUnits('debt').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.owner, table.asset] }),
    check('wallet_balances_amounts', sql`${table.balance} >= 0 and ${table.debt} >= 0`),
    check('wallet_balances_debt', sql`${table.balance} = 0 or ${table.debt} = 0`),
  ],
);

/** The ledger, append-only. UNIQUE (owner, asset, reason, reference): nothing is booked twice. */
export const walletEntries = sqliteTable(
  'wallet_entries',
  {
    id: text('id').primaryKey(),
    owner: text('owner').notNull(),
    asset: text('asset').notNull(),
    amount: minorUnits('amount').notNull(),
    /** Balance less debt, after this entry: the sum of all entries up to it. */
    balanceAfter: minorUnits('balance_after').notNull(),
    reason: text('reason').notNull(),
    reference: text('reference').notNull(),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    unique('wallet_entries_once').on(table.owner, table.asset, table.reason, table.reference),
    index('wallet_entries_owner').on(table.owner),
  ],
);

/**
 * Money on its way back. `pending` is still to be sent to its provider; `early` came from a provider before its
 * payment did. Each has a reference that makes it happen once.
 */
export const refunds = sqliteTable(
  'refunds',
  {
    id: text('id').primaryKey(),
    provider: text('provider').notNull(),
    /** Of the payment that goes back. */
    transactionId: text('transaction_id').notNull(),
    orderId: text('order_id').notNull(),
    reference: text('reference').notNull(),
    amount: minorUnits('amount').notNull(),
    currency: text('currency').notNull(),
    state: text('state', { enum: ['pending', 'done', 'early'] }).notNull(),
    reason: text('reason').notNull(),
    attempts: integer('attempts').notNull().default(0),
    dueAt: at('due_at'),
    createdAt: at('created_at').notNull(),
    doneAt: at('done_at'),
  },
  (table) => [
    unique('refunds_reference').on(table.provider, table.reference),
    check('refunds_state', sql`${table.state} in ('pending', 'done', 'early')`),
    check('refunds_amount', sql`${table.amount} >= 0`),
    index('refunds_order').on(table.orderId),
    index('refunds_payment').on(table.provider, table.transactionId),
    index('refunds_early').on(table.createdAt).where(sql`${table.state} = 'early'`),
    index('refunds_due').on(table.dueAt).where(sql`${table.dueAt} is not null`),
  ],
);
