import type { ErrorCode } from '#kernel/errors';
import { ERRORS } from '../shared/errors/table.ts';

/** Codes that spec sites sets apart from the others of their HTTP status. */
const CODES: Partial<Record<ErrorCode, string>> = {
  site_required: '4001',
  system_required: '4002',
  system_forbidden: '4030',
  forbidden: '4031',
  site_unknown: '4041',
  member_type_not_found: '4042',
};

/** The four digits of a refusal: its own, else those of its HTTP status (400 → `4000`, 413 → `4130`). */
export function siteCode(code: ErrorCode): string {
  return CODES[code] ?? String(ERRORS[code].status * 10);
}
