import { type SQL, sql } from 'drizzle-orm';
import { actorId } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, type ErrorCode, isErrorCode } from '#kernel/errors';
import { auditLogs, idempotencyRecords } from '#modules/operations/tables';
import { rawStatement, type Statement } from './statement.ts';

/** What the audit log keeps of an act. `detail` holds no secrets and no personal data. */
export interface AuditEntry {
  action: string;
  /** SQL where only the batch itself can tell (a number that it takes). */
  target: string | SQL;
  detail?: Record<string, unknown>;
}

/** UNIQUE constraints that a client can run into, by `table.column` as SQLite names them. */
const UNIQUE_ERRORS: Record<string, ErrorCode> = {
  'users.email_key': 'email_taken',
  'users.phone': 'phone_taken',
  'spent_ciphertexts.digest': 'ciphertext_invalid',
  'captcha_spends.nonce': 'captcha_invalid',
  'verifications.subject, verifications.kind': 'verification_open',
  'verifications.kind, verifications.number_hash': 'identity_taken',
  'enterprise_members.user_id': 'member_already',
  'products.program, products.code': 'plan_code_taken',
  'package_types.code': 'member_type_code_taken',
  "index 'orders_one_open'": 'order_open',
  'orders.owner, orders.program': 'order_open',
  'vip_activities.reference': 'vip_activity_taken',
  'gifts.order_id': 'gift_claimed',
  'commissions.order_no': 'commission_taken',
  'payments.provider, payments.transaction_id': 'payment_duplicate',
  'refunds.provider, refunds.reference': 'refund_duplicate',
  'wallet_entries.owner, wallet_entries.asset, wallet_entries.reason, wallet_entries.reference':
    'wallet_duplicate',
};

/**
 * Sends statements as one transaction (a D1 batch): all or none. The audit row and the idempotency claim
 * go with it. A constraint or guard that fails is thrown as its AppError.
 *
 * @returns the results in the order of `statements`
 */
export async function commit(ctx: Ctx, statements: Statement[], audit?: AuditEntry): Promise<unknown[]> {
  const batch: Statement[] = [...statements];
  if (audit) batch.push(auditRow(ctx, audit));
  if (ctx.idempotency) batch.push(...markCommitted(ctx, ctx.idempotency));
  const [first, ...rest] = batch;
  if (!first) return [];
  try {
    const results: unknown[] = await ctx.db.batch([first, ...rest]);
    return results.slice(0, statements.length);
  } catch (error) {
    throw translate(error);
  }
}

/**
 * {@link commit} apart from the operation's Idempotency-Key: what happens whatever becomes of the request (a
 * spent captcha, a counted attempt), and what follows it.
 */
export function commitApart(ctx: Ctx, statements: Statement[], audit?: AuditEntry): Promise<unknown[]> {
  return commit({ ...ctx, idempotency: null }, statements, audit);
}

/**
 * Aborts the batch with `code` unless the statement before it changed exactly one row. SQLite has no RAISE
 * outside triggers; a bad JSON path is an error whose message carries the code.
 */
export function guard(ctx: Pick<Ctx, 'db'>, code: ErrorCode): Statement {
  return rawStatement(ctx.db, sql`select json_extract('{}', ${code}) where changes() <> 1`);
}

/** Aborts the batch with `code` where a query finds something. */
export function abortIf(ctx: Pick<Ctx, 'db'>, found: SQL, code: ErrorCode): Statement {
  return rawStatement(ctx.db, sql`select json_extract('{}', ${code}) where exists (${found})`);
}

function auditRow(ctx: Ctx, audit: AuditEntry): Statement {
  return ctx.db.insert(auditLogs).values({
    id: ctx.ids.next('al', ctx.now),
    actorKind: ctx.actor.kind,
    actorId: actorId(ctx.actor),
    action: audit.action,
    target: audit.target,
    detail: audit.detail ?? {},
    requestId: ctx.requestId,
    createdAt: ctx.now,
  });
}

/** A run whose claim lapsed and was taken over by another must not write. */
function markCommitted(ctx: Ctx, { scope, claim }: { scope: string; claim: string }): Statement[] {
  return [
    ctx.db
      .update(idempotencyRecords)
      .set({ state: 'committed' })
      .where(sql`${idempotencyRecords.scope} = ${scope} and ${idempotencyRecords.claim} = ${claim}`),
    guard(ctx, 'idempotency_in_progress'),
  ];
}

function translate(error: unknown): unknown {
  const message = messages(error);
  const guarded = /bad JSON path: '([a-z_]+)'/.exec(message)?.[1];
  if (guarded && isErrorCode(guarded)) return new AppError(guarded, { cause: error });
  const unique = /UNIQUE constraint failed: ([^\n]+?)(?:: SQLITE|$)/m.exec(message)?.[1];
  const code = unique && UNIQUE_ERRORS[unique.trim()];
  return code ? new AppError(code, { cause: error }) : error;
}

/** Drizzle wraps D1's error, so the words are somewhere down the chain of causes. */
function messages(error: unknown): string {
  const parts: string[] = [];
  for (let one = error; one instanceof Error && parts.length < 5; one = one.cause) parts.push(one.message);
  return parts.join('\n');
}
