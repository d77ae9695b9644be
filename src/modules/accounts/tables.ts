import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { at, json, prefixedId, serial } from '#db/columns';

/** People. `email_key` is the e-mail in lower case, since addresses are unique regardless of case. */
export const users = sqliteTable(
  'users',
  {
    serial: serial(),
    id: prefixedId(),
    userType: text('user_type', { enum: ['personal', 'enterprise'] }).notNull(),
    role: text('role', { enum: ['user', 'admin'] })
      .notNull()
      .default('user'),
    status: text('status', { enum: ['active', 'frozen', 'deleted'] })
      .notNull()
      .default('active'),
    email: text('email'),
    emailKey: text('email_key').unique(),
    emailVerifiedAt: at('email_verified_at'),
    phone: text('phone').unique(),
    nickname: text('nickname'),
    avatar: text('avatar'),
    passwordHash: text('password_hash'),
    realnameVerifiedAt: at('realname_verified_at'),
    referralCode: text('referral_code').notNull().unique(),
    inviterId: text('inviter_id'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
    deletedAt: at('deleted_at'),
  },
  (table) => [
    check('users_user_type', sql`${table.userType} in ('personal', 'enterprise')`),
    check('users_role', sql`${table.role} in ('user', 'admin')`),
    check('users_status', sql`${table.status} in ('active', 'frozen', 'deleted')`),
    check('users_not_own_inviter', sql`${table.inviterId} is null or ${table.inviterId} <> ${table.id}`),
    index('users_inviter').on(table.inviterId),
  ],
);

/** Signed-in devices. A row that has ended stays until it is pruned, so that its tokens stay refused. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    device: text('device'),
    address: text('address'),
    createdAt: at('created_at').notNull(),
    lastUsedAt: at('last_used_at').notNull(),
    /** 90 days after the login, however much it is used. */
    expiresAt: at('expires_at').notNull(),
    endedAt: at('ended_at'),
  },
  (table) => [index('sessions_user').on(table.userId)],
);

/** Refresh tokens, by keyed hash. A spent one stays as evidence: used again later, it ends its session. */
export const refreshTokens = sqliteTable(
  'refresh_tokens',
  {
    hash: text('hash').primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .references(() => sessions.id),
    createdAt: at('created_at').notNull(),
    /** 30 days after its own making. */
    expiresAt: at('expires_at').notNull(),
    spentAt: at('spent_at'),
  },
  (table) => [index('refresh_tokens_session').on(table.sessionId)],
);

/** The rotating RSA keys that passwords are encrypted to. The truth; KV has the public halves for speed. */
export const rsaKeys = sqliteTable('rsa_keys', {
  id: text('id').primaryKey(),
  publicPem: text('public_pem').notNull(),
  /** PKCS #8, AES-GCM-wrapped under KEY_ENCRYPTION_KEY with site and key id as additional data. */
  wrappedPrivate: text('wrapped_private').notNull(),
  createdAt: at('created_at').notNull(),
  /** No longer handed out after this, … */
  expiresAt: at('expires_at').notNull(),
  /** … but accepted until this, then deleted. */
  acceptedUntilAt: at('accepted_until_at').notNull(),
});

/** OAEP is randomised, so a ciphertext seen twice is a replay: the digest is spent once across all purposes. */
export const spentCiphertexts = sqliteTable(
  'spent_ciphertexts',
  {
    digest: text('digest').primaryKey(),
    rsaKeyId: text('rsa_key_id').notNull(),
    spentAt: at('spent_at').notNull(),
  },
  (table) => [index('spent_ciphertexts_key').on(table.rsaKeyId)],
);

/** Captcha solutions that were used, by the challenge's signed nonce. */
export const captchaSpends = sqliteTable(
  'captcha_spends',
  {
    nonce: text('nonce').primaryKey(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('captcha_spends_expiry').on(table.expiresAt)],
);

/** Counters of attempts in fixed windows: the atomic upsert is the throttle. */
export const throttles = sqliteTable(
  'throttles',
  {
    bucket: text('bucket').primaryKey(),
    count: integer('count').notNull(),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [
    index('throttles_expiry').on(table.expiresAt),
    check('throttles_count', sql`${table.count} >= 0`),
  ],
);

/** Codes sent by mail, as keyed hashes. A new one leaves the older ones valid; each has five tries. */
export const emailCodes = sqliteTable(
  'email_codes',
  {
    id: text('id').primaryKey(),
    emailKey: text('email_key').notNull(),
    purpose: text('purpose', { enum: ['register', 'reset_password', 'change_email'] }).notNull(),
    /** Who asked to change their address; another account cannot use that code. */
    userId: text('user_id'),
    hash: text('hash').notNull(),
    tries: integer('tries').notNull().default(0),
    expiresAt: at('expires_at').notNull(),
    usedAt: at('used_at'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    check('email_codes_purpose', sql`${table.purpose} in ('register', 'reset_password', 'change_email')`),
    index('email_codes_email').on(table.emailKey, table.purpose),
    index('email_codes_expiry').on(table.expiresAt),
  ],
);

/** Which back-office systems a person may work in, and what they may do there (`sites.md`). */
export const userAccess = sqliteTable('user_access', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id),
  systems: json<string[]>('systems').notNull(),
  permissions: json<string[]>('permissions').notNull(),
  updatedAt: at('updated_at').notNull(),
});

/**
 * Papers that somebody handed in, of a person (`subject` is the user) or a company (the enterprise). What was
 * handed in never changes; a new try is a new row. Only the state moves.
 */
export const verifications = sqliteTable(
  'verifications',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['realname', 'enterprise'] }).notNull(),
    subject: text('subject').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    state: text('state', { enum: ['pending', 'verified', 'rejected', 'revoked', 'superseded'] })
      .notNull()
      .default('pending'),
    /** A company's name; a person's is in `sealed`. */
    name: text('name'),
    maskedName: text('masked_name'),
    /** Of a company's code only: nothing of a person's number is kept readable. */
    maskedNumber: text('masked_number'),
    /** Everything that was handed in, AES-GCM-encrypted; null once the account was erased. */
    sealed: text('sealed'),
    /** The number under IDENTITY_PEPPER: what makes it one person's or company's. */
    numberHash: text('number_hash'),
    reason: text('reason'),
    createdAt: at('created_at').notNull(),
    decidedAt: at('decided_at'),
    decidedBy: text('decided_by'),
  },
  (table) => [
    check('verifications_kind', sql`${table.kind} in ('realname', 'enterprise')`),
    check(
      'verifications_state',
      sql`${table.state} in ('pending', 'verified', 'rejected', 'revoked', 'superseded')`,
    ),
    index('verifications_state').on(table.state, table.kind, table.id),
    index('verifications_user').on(table.userId),
    index('verifications_subject').on(table.subject, table.kind),
    uniqueIndex('verifications_one_pending')
      .on(table.subject, table.kind)
      .where(sql`${table.state} = 'pending'`),
    uniqueIndex('verifications_one_number')
      .on(table.kind, table.numberHash)
      .where(sql`${table.state} = 'verified'`),
  ],
);
