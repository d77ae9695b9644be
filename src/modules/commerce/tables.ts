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
import { at, flag, json, minorUnits, prefixedId, serial } from '#db/columns';
import type { OrderProgram, Program } from '#kernel/programs';
import { products } from '#modules/catalogue/tables';
import type { OrderSnapshot } from './types.ts';

/** Every purchase. What was bought is `snapshot`; the catalogue may move on. States only move forward. */
export const orders = sqliteTable(
  'orders',
  {
    serial: serial(),
    id: prefixedId(),
    /** Who placed it, and who gets what was bought: a user or an enterprise. */
    userId: text('user_id').notNull(),
    owner: text('owner').notNull(),
    program: text('program').$type<OrderProgram>().notNull(),
    kind: text('kind', {
      enum: ['subscribe', 'renew', 'upgrade', 'downgrade', 'purchase', 'topup', 'promotion', 'manual'],
    }).notNull(),
    status: text('status', { enum: ['pending', 'paid', 'closed', 'refunded'] })
      .notNull()
      .default('pending'),
    productId: text('product_id').references(() => products.id),
    period: text('period'),
    currency: text('currency').notNull(),
    originalAmount: minorUnits('original_amount').notNull(),
    discountAmount: minorUnits('discount_amount').notNull().default(0),
    creditAmount: minorUnits('credit_amount').notNull().default(0),
    /** The part of the price that was paid in a token (EOC), at its price when the order was placed. */
    tokenAmount: minorUnits('token_amount').notNull().default(0),
    finalAmount: minorUnits('final_amount').notNull(),
    paidAmount: minorUnits('paid_amount').notNull().default(0),
    refundedAmount: minorUnits('refunded_amount').notNull().default(0),
    voucherId: text('voucher_id'),
    /** The wish that travels with the order until it is paid. */
    autoRenew: flag('auto_renew').notNull().default(false),
    /** Placed by the renewal job and not by a person. */
    automatic: flag('automatic').notNull().default(false),
    /** The holding's version that kind and credit were computed from: settling is guarded by it. */
    holdingVersion: integer('holding_version').notNull().default(0),
    provider: text('provider'),
    snapshot: json<OrderSnapshot>('snapshot').notNull(),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    paidAt: at('paid_at'),
    closedAt: at('closed_at'),
    closedReason: text('closed_reason', { enum: ['expired', 'cancelled', 'replaced', 'changed', 'admin'] }),
    hiddenAt: at('hidden_at'),
    /** What upgrades were credited out of this order: it can't be refunded any more. */
    creditedAmount: minorUnits('credited_amount').notNull().default(0),
    /** Hundredths of EOC that a pending order holds: taken when it was placed, given back when it closes. */
    tokenHeld: minorUnits('token_held').notNull().default(0),
  },
  (table) => [
    check('orders_program', sql`${table.program} in ('token', 'package', 'tier', 'vip', 'wallet')`),
    check(
      'orders_kind',
      sql`${table.kind} in ('subscribe', 'renew', 'upgrade', 'downgrade', 'purchase', 'topup', 'promotion',
        'manual')`,
    ),
    check('orders_status', sql`${table.status} in ('pending', 'paid', 'closed', 'refunded')`),
    check(
      'orders_closed_reason',
      sql`${table.closedReason} in ('expired', 'cancelled', 'replaced', 'changed', 'admin')`,
    ),
    check('orders_paid_at', sql`(${table.status} in ('paid', 'refunded')) = (${table.paidAt} is not null)`),
    check(
      'orders_amounts',
      sql`${table.originalAmount} >= 0 and ${table.discountAmount} >= 0 and ${table.creditAmount} >= 0
        and ${table.tokenAmount} >= 0
        and ${table.finalAmount} = ${table.originalAmount} - ${table.discountAmount} - ${table.creditAmount} - ${table.tokenAmount}
        and ${table.finalAmount} >= 0 and ${table.paidAmount} between 0 and ${table.finalAmount}
        and ${table.refundedAmount} between 0 and ${table.paidAmount}`,
    ),
    check('orders_flags', sql`${table.autoRenew} in (0, 1) and ${table.automatic} in (0, 1)`),
    index('orders_owner').on(table.owner, table.serial),
    index('orders_user').on(table.userId, table.createdAt),
    index('orders_paid').on(table.paidAt).where(sql`${table.paidAt} is not null`),
    index('orders_created').on(table.createdAt),
    index('orders_program').on(table.program, table.serial),
    index('orders_open').on(table.expiresAt).where(sql`${table.status} = 'pending'`),
    uniqueIndex('orders_one_open')
      .on(table.owner, table.program)
      .where(sql`${table.status} = 'pending' and ${table.program} in ('token', 'package', 'tier')`),
  ],
);

/** Attempts to pay an order at a provider. */
export const paymentAttempts = sqliteTable(
  'payment_attempts',
  {
    id: text('id').primaryKey(),
    orderId: text('order_id')
      .notNull()
      .references(() => orders.id),
    provider: text('provider').notNull(),
    method: text('method'),
    state: text('state', { enum: ['started', 'paid', 'failed', 'cancelled'] })
      .notNull()
      .default('started'),
    parameters: json<Record<string, unknown>>('parameters').notNull(),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
    /** When to ask the provider what became of it. */
    askAt: at('ask_at'),
  },
  (table) => [
    check('payment_attempts_state', sql`${table.state} in ('started', 'paid', 'failed', 'cancelled')`),
    index('payment_attempts_order').on(table.orderId),
    index('payment_attempts_ask').on(table.askAt).where(sql`${table.askAt} is not null`),
  ],
);

/** Money that arrived, once per provider transaction, whatever became of it. */
export const payments = sqliteTable(
  'payments',
  {
    id: text('id').primaryKey(),
    provider: text('provider').notNull(),
    transactionId: text('transaction_id').notNull(),
    /** As the provider named it: a mismatched payment may name no order of ours. */
    orderId: text('order_id').notNull(),
    amount: minorUnits('amount').notNull(),
    currency: text('currency').notNull(),
    state: text('state', {
      enum: ['applied', 'mismatched', 'surplus', 'refund_pending', 'refunded', 'disputed'],
    }).notNull(),
    refundedAmount: minorUnits('refunded_amount').notNull().default(0),
    reason: text('reason'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    unique('payments_provider_transaction').on(table.provider, table.transactionId),
    check(
      'payments_state',
      sql`${table.state} in ('applied', 'mismatched', 'surplus', 'refund_pending', 'refunded', 'disputed')`,
    ),
    check(
      'payments_amounts',
      sql`${table.amount} >= 0 and ${table.refundedAmount} between 0 and ${table.amount}`,
    ),
    index('payments_order').on(table.orderId),
    index('payments_state').on(table.state, table.id),
    index('payments_aside')
      .on(table.state)
      .where(sql`${table.state} in ('mismatched', 'surplus', 'refund_pending', 'disputed')`),
  ],
);

/** One row per owner and program that ever held something. What it is entitled to follows from its grants. */
export const holdings = sqliteTable(
  'holdings',
  {
    owner: text('owner').notNull(),
    program: text('program').$type<Program>().notNull(),
    /** Moves when grants change, and only then. */
    version: integer('version').notNull().default(0),
    autoRenew: flag('auto_renew').notNull().default(false),
    cancelledAt: at('cancelled_at'),
    /** When the sweep must look at this holding next; null when nothing is due. */
    sweepAt: at('sweep_at'),
    /** A cheaper plan that follows at the end, paid from the wallet then. */
    scheduledProductId: text('scheduled_product_id'),
    scheduledPeriod: text('scheduled_period'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.owner, table.program] }),
    check('holdings_program', sql`${table.program} in ('token', 'package', 'tier', 'vip')`),
    check('holdings_auto_renew', sql`${table.autoRenew} in (0, 1)`),
    index('holdings_sweep').on(table.sweepAt).where(sql`${table.sweepAt} is not null`),
  ],
);

/** Time that was given: from (inclusive) until (exclusive, null = for ever). Never changed but to be voided or moved. */
export const grants = sqliteTable(
  'grants',
  {
    id: text('id').primaryKey(),
    owner: text('owner').notNull(),
    program: text('program').$type<Program>().notNull(),
    productId: text('product_id')
      .notNull()
      .references(() => products.id),
    source: text('source', { enum: ['order', 'promotion', 'manual', 'free'] }).notNull(),
    orderId: text('order_id'),
    /** Which part of its order: a pause splits a grant in two. */
    part: integer('part').notNull().default(0),
    period: text('period'),
    fromAt: at('from_at').notNull(),
    untilAt: at('until_at'),
    /** The start that calendar periods are counted from, and how many months of it end with this grant. */
    anchorAt: at('anchor_at').notNull(),
    anchorMonths: integer('anchor_months').notNull().default(0),
    /** What counts for a later upgrade's credit: cash and credit used, less refunds. */
    paid: minorUnits('paid').notNull().default(0),
    voidedAt: at('voided_at'),
    /** The upgrade that took its place, and its end before that. */
    replacedBy: text('replaced_by'),
    restoreUntilAt: at('restore_until_at'),
    /** Since when it waits for its holder to leave an enterprise. */
    pausedAt: at('paused_at'),
    /** Program `tier`: from when it counts for the inviter. A bought one may still be refunded before. */
    firmAt: at('firm_at'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    check('grants_program', sql`${table.program} in ('token', 'package', 'tier', 'vip')`),
    check('grants_source', sql`${table.source} in ('order', 'promotion', 'manual', 'free')`),
    check('grants_span', sql`${table.untilAt} is null or ${table.untilAt} >= ${table.fromAt}`),
    check('grants_paid', sql`${table.paid} >= 0`),
    index('grants_owner').on(table.owner, table.program),
    index('grants_product').on(table.productId, table.untilAt),
    uniqueIndex('grants_order').on(table.orderId, table.part).where(sql`${table.orderId} is not null`),
  ],
);

/** The history, append-only. `reference` (an order, an end) makes each event happen once. */
export const holdingEvents = sqliteTable(
  'holding_events',
  {
    id: text('id').primaryKey(),
    owner: text('owner').notNull(),
    program: text('program').$type<Program>().notNull(),
    action: text('action', {
      enum: ['subscribe', 'renew', 'upgrade', 'downgrade', 'cancel', 'expired', 'pause', 'unpause'],
    }).notNull(),
    reference: text('reference').notNull(),
    productId: text('product_id').notNull(),
    productName: text('product_name').notNull(),
    period: text('period'),
    amount: minorUnits('amount').notNull().default(0),
    originalAmount: minorUnits('original_amount').notNull().default(0),
    startedAt: at('started_at').notNull(),
    endsAt: at('ends_at'),
    orderId: text('order_id'),
    reason: text('reason'),
    automatic: flag('automatic').notNull().default(false),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    unique('holding_events_once').on(table.owner, table.program, table.action, table.reference),
    check('holding_events_program', sql`${table.program} in ('token', 'package', 'tier', 'vip')`),
    check(
      'holding_events_action',
      sql`${table.action} in ('subscribe', 'renew', 'upgrade', 'downgrade', 'cancel', 'expired', 'pause', 'unpause')`,
    ),
    index('holding_events_owner').on(table.owner, table.program, table.id),
  ],
);
