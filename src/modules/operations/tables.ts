import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at, json } from '#db/columns';

/** Who did what to what: written in the batch of the deed itself. */
export const auditLogs = sqliteTable(
  'audit_logs',
  {
    id: text('id').primaryKey(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id'),
    action: text('action').notNull(),
    target: text('target').notNull(),
    detail: json<Record<string, unknown>>('detail').notNull(),
    requestId: text('request_id').notNull(),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    index('audit_logs_actor').on(table.actorId, table.id),
    index('audit_logs_target').on(table.target, table.id),
    index('audit_logs_action').on(table.action, table.id),
  ],
);

/** Answers kept for a day under the client's Idempotency-Key (hashed with its scope). */
export const idempotencyRecords = sqliteTable(
  'idempotency_records',
  {
    scope: text('scope').primaryKey(),
    requestDigest: text('request_digest').notNull(),
    /** Whose run this is: a run that lost its claim may not commit. */
    claim: text('claim').notNull(),
    state: text('state', { enum: ['running', 'committed', 'answered'] }).notNull(),
    status: integer('status'),
    /** The answer, AES-GCM-encrypted under a key derived from the Idempotency-Key. */
    answer: text('answer'),
    claimedAt: at('claimed_at').notNull(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [
    check('idempotency_records_state', sql`${table.state} in ('running', 'committed', 'answered')`),
    index('idempotency_records_expiry').on(table.expiresAt),
  ],
);

/** Mail to be sent, written in the batch of what it tells of. */
export const outbox = sqliteTable(
  'outbox',
  {
    id: text('id').primaryKey(),
    recipient: text('recipient').notNull(),
    /** Whose mail it is, so that it goes when they go. */
    userId: text('user_id'),
    template: text('template').notNull(),
    locale: text('locale', { enum: ['zh', 'en'] }).notNull(),
    /** What the text is made of, encrypted, since codes are in it; wiped once sent or given up. */
    sealedParameters: text('sealed_parameters'),
    attempts: integer('attempts').notNull().default(0),
    /** When to try (again); null once it was sent or given up. */
    dueAt: at('due_at'),
    /** When its news are old (a code has run out): it is not sent any more from then on. */
    staleAt: at('stale_at'),
    sentAt: at('sent_at'),
    failedAt: at('failed_at'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    check('outbox_locale', sql`${table.locale} in ('zh', 'en')`),
    index('outbox_due').on(table.dueAt).where(sql`${table.dueAt} is not null`),
  ],
);

/** A quota owner's version, and whether its object still has to be told of it. */
export const pushes = sqliteTable(
  'pushes',
  {
    owner: text('owner').primaryKey(),
    version: integer('version').notNull(),
    /** Since when the object has not been told; null when it has. */
    pendingAt: at('pending_at'),
  },
  (table) => [index('pushes_pending').on(table.pendingAt).where(sql`${table.pendingAt} is not null`)],
);

/** A site's settings that admins edit, by name (`storefront`, `tiers`). */
export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: json<Record<string, unknown>>('value').notNull(),
  updatedAt: at('updated_at').notNull(),
});
