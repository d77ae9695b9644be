import type { LimitReading } from './quota.ts';

/**
 * Everything that can go wrong on purpose. A verb throws one of these; each surface translates it once,
 * in its `errors.ts`, so a code without a row there does not compile.
 */
export const ERROR_CODES = [
  // The request itself
  'invalid_input',
  'payload_too_large',
  'not_found',
  'site_unknown',
  'unauthenticated',
  'forbidden',
  'internal_error',
  'service_unavailable',
  // Idempotency
  'idempotency_key_reused',
  'idempotency_in_progress',
  'idempotency_answer_lost',
  // Accounts
  'account_throttled',
  'captcha_required',
  'captcha_invalid',
  'ciphertext_invalid',
  'password_weak',
  'email_taken',
  'phone_taken',
  'invite_code_invalid',
  'credentials_invalid',
  'account_frozen',
  'session_ended',
  'code_invalid',
  'password_wrong',
  'last_admin',
  'not_yourself',
  // Verification and enterprises
  'verification_open',
  'verification_decided',
  'identity_taken',
  'enterprise_none',
  'enterprise_frozen',
  'enterprise_unverified',
  'enterprise_has_members',
  'invitation_not_yours',
  'invitation_ended',
  'member_already',
  'seats_full',
  'owner_protected',
  // API keys
  'api_key_limit_reached',
  'owner_frozen',
  'ip_not_allowed',
  'model_not_allowed',
  'model_required',
  // Catalogue and membership
  'plan_code_taken',
  'plan_not_for_sale',
  'plan_not_available',
  'plan_protected',
  'period_not_for_sale',
  'enterprise_plan_forbidden',
  'personal_plan_forbidden',
  'membership_none',
  'membership_too_long',
  'membership_changed',
  'voucher_invalid',
  'order_open',
  'payment_duplicate',
  'order_throttled',
  'order_not_payable',
  'order_not_cancellable',
  'order_not_refundable',
  'order_changed',
  'refund_exceeds',
  'refund_duplicate',
  'credit_exceeds_price',
  'plan_disabled',
  'downgrade_paid',
  'voucher_taken',
  'voucher_void',
  'free_package_taken',
  'wallet_short',
  'wallet_duplicate',
  'provider_unavailable',
  'signature_invalid',
  // Back offices and their packages
  'site_required',
  'system_required',
  'system_forbidden',
  'unsupported_media_type',
  'package_not_found',
  'package_active',
  'package_not_deletable',
  'member_type_not_found',
  'member_type_unknown',
  'member_type_code_taken',
  'member_type_used',
  // Alliance tiers
  'tier_not_above',
  'tier_same',
  'gift_none',
  'gift_claimed',
  'gift_not_shippable',
  'refund_needs_force',
  'commission_taken',
  'withdrawal_decided',
  'idempotency_key_required',
  // Storefront
  'plugin_parameters',
  'plugin_unknown',
  'plugin_off',
  'action_unknown',
  'post_required',
  'vip_opening_missing',
  'vip_buying_off',
  'vip_opening_malformed',
  'vip_level_missing',
  'vip_level_disabled',
  'vip_level_not_on_sale',
  'vip_periods_none',
  'vip_period_missing',
  'vip_price_missing',
  'vip_renewal_forbidden',
  'vip_for_ever_already',
  'vip_renewal_off',
  'vip_nothing_to_renew',
  'vip_order_state',
  'vip_payment_pending',
  'vip_propaganda_off',
  'vip_level_used',
  'vip_activity_taken',
  'vip_activity_negative',
  // Quota
  'quota_exceeded',
  'quota_never_fits',
  'quota_overloaded',
  'reservation_not_found',
  'reservation_settled',
  'reservation_released',
  'reservation_expired',
  'request_id_conflict',
  'key_stale',
  'api_key_unknown',
  'too_many_unknown_keys',
  // Local runs
  'clock_backwards',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A fault in the input, by the path a client wrote it at (`benefits.0.value`, `body`, `query.page`). */
export interface Fault {
  path: string;
  message: string;
}

export interface ErrorDetail {
  /** Which parts of the input are at fault. */
  faults?: Fault[];
  /** Shown to the client as `data`. */
  data?: Record<string, unknown>;
  /** Seconds, sent as `Retry-After`. */
  retryAfter?: number;
  /** The limits of the owner whose key asked, where they are known: sent as headers. */
  limits?: LimitReading[];
  /** For the log only. */
  cause?: unknown;
}

/** A refusal that a client may see. Anything else that is thrown is logged and answered as `internal_error`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    super(code, { cause: detail.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }
}

/** A refusal that names one field of the input. */
export function invalid(path: string, message: string): AppError {
  return new AppError('invalid_input', { faults: [{ path, message }] });
}

const CODES: ReadonlySet<string> = new Set(ERROR_CODES);

export function isErrorCode(value: string): value is ErrorCode {
  return CODES.has(value);
}

/** Whether something that was thrown is this refusal. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof AppError && error.code === code;
}

/** How often an operation that lost a race is tried at the most. */
const MOST_TRIES = 3;

/** Runs an operation again where it was refused with `code`: what it was decided by has changed meanwhile. */
export async function retryOn<T>(
  code: ErrorCode,
  operation: () => Promise<T>,
  most = MOST_TRIES,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await operation();
    } catch (error) {
      if (!hasCode(error, code) || tries === most) throw error;
    }
  }
}

/**
 * Waits for a write whose guard says `code` also where the row is gone by now: then `find` says so (it throws
 * *not found*).
 */
export async function orNotFound<T>(
  writing: Promise<T>,
  code: ErrorCode,
  find: () => Promise<unknown>,
): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (hasCode(error, code)) await find();
    throw error;
  }
}
