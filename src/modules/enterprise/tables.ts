import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
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
    maskedCreditCode: text('masked_credit_code'),
    contactName: text('contact_name'),
    /** E.164. */
    contactPhone: text('contact_phone'),
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

/** Who belongs to an enterprise, the owner included; one enterprise at a time. Who left keeps a row. */
export const enterpriseMembers = sqliteTable(
  'enterprise_members',
  {
    id: text('id').primaryKey(),
    enterpriseId: text('enterprise_id')
      .notNull()
      .references(() => enterprises.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    role: text('role', { enum: ['admin', 'member'] }).notNull(),
    /** Caps of its own; null = none. */
    tokensPerDay: integer('tokens_per_day'),
    requestsPerDay: integer('requests_per_day'),
    joinedAt: at('joined_at').notNull(),
    leftAt: at('left_at'),
  },
  (table) => [
    check('enterprise_members_role', sql`${table.role} in ('admin', 'member')`),
    check(
      'enterprise_members_caps',
      sql`coalesce(${table.tokensPerDay}, 0) >= 0 and coalesce(${table.requestsPerDay}, 0) >= 0`,
    ),
    index('enterprise_members_enterprise').on(table.enterpriseId, table.leftAt),
    uniqueIndex('enterprise_members_one').on(table.userId).where(sql`${table.leftAt} is null`),
  ],
);

/** Invitations by mail, by keyed hash of the link's token. An open one holds a seat until it runs out. */
export const enterpriseInvitations = sqliteTable(
  'enterprise_invitations',
  {
    id: text('id').primaryKey(),
    enterpriseId: text('enterprise_id')
      .notNull()
      .references(() => enterprises.id),
    email: text('email').notNull(),
    emailKey: text('email_key').notNull(),
    role: text('role', { enum: ['admin', 'member'] }).notNull(),
    tokenHash: text('token_hash').notNull().unique(),
    invitedBy: text('invited_by').notNull(),
    state: text('state', { enum: ['open', 'accepted', 'revoked', 'replaced'] })
      .notNull()
      .default('open'),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    endedAt: at('ended_at'),
  },
  (table) => [
    check('enterprise_invitations_role', sql`${table.role} in ('admin', 'member')`),
    check('enterprise_invitations_state', sql`${table.state} in ('open', 'accepted', 'revoked', 'replaced')`),
    index('enterprise_invitations_email').on(table.emailKey),
    uniqueIndex('enterprise_invitations_one_open')
      .on(table.enterpriseId, table.emailKey)
      .where(sql`${table.state} = 'open'`),
  ],
);
