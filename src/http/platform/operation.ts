import type { ErrorCode } from '#kernel/errors';
import { type Access, authenticated } from '../shared/access.ts';
import { anyBody, jsonBody } from '../shared/body.ts';
import { ERRORS } from '../shared/errors/table.ts';
import { operationsOf, type RefusalManner } from '../shared/operation.ts';
import { ErrorBody, failure, success } from './envelope.ts';
import { wireCode } from './errors.ts';

/** What an operation of the platform says beyond what every operation does. */
interface PlatformContract {
  /** Who may ask. */
  access: Access;
  /** The answer is `data` itself, without an envelope (another's wire format). */
  bare?: boolean;
}

/** A refusal in the platform's envelope. */
export const REFUSED: RefusalManner = {
  schema: ErrorBody,
  example: (error) => ({
    code: wireCode(error),
    error,
    message: ERRORS[error].en,
    request_id: 'req_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC',
  }),
};

export const { operation, serve } = operationsOf<PlatformContract>({
  steps: ({ access, body, method }) => [
    ...authenticated(access),
    ...(body ? [jsonBody] : method === 'get' ? [] : [anyBody]),
  ],
  security: ({ access }) => SECURITY[access],
  success: ({ bare, data }) => (bare ? data : success(data)),
  example: ({ bare, example: { data } }) => (bare ? data : { code: 0, data }),
  answer: (c, { bare, status }, data) => c.json(bare ? data : { code: 0, data }, status ?? 200),
  failure,
  error: REFUSED,
  refusals: ({ access, params, query, method }): ErrorCode[] => [
    'site_unknown',
    ...(params ? (['not_found'] as const) : []),
    ...(method !== 'get' || query ? (['invalid_input'] as const) : []),
    ...(method === 'get' ? [] : (['payload_too_large'] as const)),
    ...(access === 'open' ? [] : (['unauthenticated'] as const)),
    ...(access === 'admin' ? (['forbidden'] as const) : []),
  ],
});

const SECURITY: Record<Access, Record<string, string[]>[]> = {
  open: [],
  anyone: [{}, { bearer: [] }],
  person: [{ bearer: [] }],
  admin: [{ bearer: [] }],
  holder: [{ bearer: [] }, {}],
  machine: [{ apiKey: [] }],
  reader: [{ apiKey: [] }, { bearer: [] }],
};

/** What whoever asks a quota object may be told: that it has too much to do, or that nobody knows whether it was reached. */
export const QUOTA_BUSY = ['quota_overloaded', 'service_unavailable'] as const;
