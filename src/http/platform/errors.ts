import type { ErrorCode } from '#kernel/errors';
import { ERRORS } from '../shared/errors/table.ts';

/** The platform's number of a refusal: HTTP status × 100 + n. */
export function wireCode(code: ErrorCode): number {
  const { status, n } = ERRORS[code];
  return status * 100 + n;
}
