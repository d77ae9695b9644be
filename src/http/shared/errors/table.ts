import type { AppError, ErrorCode } from '#kernel/errors';
import { ACCOUNTS_ERRORS } from './accounts.ts';
import { COMMERCE_ERRORS } from './commerce.ts';
import { QUOTA_ERRORS } from './quota.ts';
import { REQUEST_ERRORS } from './request.ts';
import type { ErrorRow } from './row.ts';
import { SITES_ERRORS } from './sites.ts';
import { STOREFRONT_ERRORS } from './storefront.ts';
import { TIERS_ERRORS } from './tiers.ts';

/** Every refusal, with its HTTP status and its words: the one table that all surfaces answer by. */
export const ERRORS: Record<ErrorCode, ErrorRow> = {
  ...REQUEST_ERRORS,
  ...ACCOUNTS_ERRORS,
  ...COMMERCE_ERRORS,
  ...QUOTA_ERRORS,
  ...SITES_ERRORS,
  ...STOREFRONT_ERRORS,
  ...TIERS_ERRORS,
};

/** Seconds after which to come again: as the refusal says, and soon where it is only that something was not there. */
export function retryAfterOf({ code, detail }: AppError): number | undefined {
  return detail.retryAfter ?? (ERRORS[code].status === 503 ? 1 : undefined);
}
