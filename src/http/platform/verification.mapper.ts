import type { z } from '@hono/zod-openapi';
import type { Review as ReviewView } from '#flows/accounts/review-verification';
import { toIso } from '#kernel/clock';
import { statusOf, type VerificationRow } from '#modules/accounts/verification-store';
import type { EnterpriseStatus, RealnameStatus, Review, Verification } from './verification.schemas.ts';

export function toVerification(row: VerificationRow): z.infer<typeof Verification> {
  return {
    verification_id: row.id,
    kind: row.kind,
    status: statusOf(row.state),
    user_id: row.userId,
    enterprise_id: row.kind === 'enterprise' ? row.subject : null,
    name: row.name ?? row.maskedName,
    credit_code: row.maskedNumber,
    reason: row.reason,
    submitted_at: toIso(row.createdAt),
    decided_at: row.decidedAt === null ? null : toIso(row.decidedAt),
  };
}

/** `unverified` before anything was handed in; the reason only where it was rejected. */
function toStatus(row: VerificationRow | null) {
  if (!row) return { status: 'unverified' as const, verified_at: null };
  const status = statusOf(row.state);
  return {
    status,
    verified_at: status === 'verified' && row.decidedAt !== null ? toIso(row.decidedAt) : null,
    verification_id: row.id,
    submitted_at: toIso(row.createdAt),
    ...(status === 'rejected' && row.reason !== null ? { reason: row.reason } : {}),
  };
}

export function toRealnameStatus(row: VerificationRow | null): z.infer<typeof RealnameStatus> {
  return { ...toStatus(row), real_name: row?.maskedName ?? null };
}

/** A verified company also learns why its last change was rejected. */
export function toEnterpriseStatus(
  shown: { row: VerificationRow; rejection: string | null } | null,
): z.infer<typeof EnterpriseStatus> {
  const status = toStatus(shown?.row ?? null);
  const rejection = status.status === 'verified' ? shown?.rejection : null;
  return {
    ...status,
    ...(rejection ? { reason: rejection } : {}),
    enterprise_name: shown?.row.name ?? null,
  };
}

export function toReview({ row, papers, checks }: ReviewView): z.infer<typeof Review> {
  return {
    ...toVerification(row),
    papers,
    checks: checks && { check_digit_valid: checks.checkDigit, taken_by_another: checks.takenByAnother },
  };
}
