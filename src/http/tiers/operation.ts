import type { z } from '@hono/zod-openapi';
import type { ErrorCode } from '#kernel/errors';
import { authenticated } from '../shared/access.ts';
import { anyBody, jsonBody } from '../shared/body.ts';
import { ERRORS } from '../shared/errors/table.ts';
import { operationsOf } from '../shared/operation.ts';
import { failure, Refusal, statusOf } from './envelope.ts';

/** Every operation here is an admin's; what it answers is its data, without an envelope. */
export const { operation, serve } = operationsOf<object>({
  steps: ({ body, method }) => [
    ...authenticated('admin'),
    ...(body ? [jsonBody] : method === 'get' ? [] : [anyBody]),
  ],
  security: () => SECURITY,
  success: ({ data }): z.ZodType => data,
  example: ({ example }) => example.data,
  answer: (c, { status }, data) => c.json(data, status ?? 200),
  failure,
  error: { schema: Refusal, statusOf, example: (error) => ({ message: ERRORS[error].zh }) },
  refusals: ({ method, params, query }): ErrorCode[] => [
    'unauthenticated',
    'forbidden',
    'site_unknown',
    ...(params ? (['not_found'] as const) : []),
    ...(method !== 'get' || query ? (['invalid_input'] as const) : []),
    ...(method === 'get' ? [] : (['payload_too_large'] as const)),
  ],
});

const SECURITY: Record<string, string[]>[] = [{ bearer: [] }];
