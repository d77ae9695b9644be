import type { MiddlewareHandler } from 'hono';
import { AppError, type ErrorCode } from '#kernel/errors';
import type { Permission } from '#kernel/permissions';
import { anyBody, isJson, jsonBody } from '../shared/body.ts';
import { ERRORS } from '../shared/errors/table.ts';
import { operationsOf } from '../shared/operation.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { requirePermission } from './auth.ts';
import { envelope, failure, Refusal, success, type Words } from './envelope.ts';
import { siteCode } from './errors.ts';

/** What an operation of a back office says beyond what every operation does. */
interface SitesContract {
  permission: Permission;
  /** The message of its success. */
  said: Words;
}

export const { operation, serve } = operationsOf<SitesContract>({
  steps: ({ permission, body, method }) => [
    requirePermission(permission),
    ...(method === 'get' ? [] : [jsonOnly, body ? jsonBody : anyBody]),
  ],
  security: () => SECURITY,
  success: ({ data, said }) => success(data, said),
  example: ({ example: { data }, said }) => ({
    code: '0000',
    message: said.zh,
    data,
    timestamp: EXAMPLE_TIME,
  }),
  answer: (c, { said }, data) => c.json(envelope(c, '0000', said, data), 200),
  failure,
  error: {
    schema: Refusal,
    example: (error) => ({
      code: siteCode(error),
      message: ERRORS[error].zh,
      data: null,
      timestamp: EXAMPLE_TIME,
    }),
  },
  refusals: ({ method, query }): ErrorCode[] => [
    'site_required',
    'site_unknown',
    'unauthenticated',
    'system_required',
    'system_forbidden',
    'forbidden',
    'too_many_unknown_keys',
    ...(method !== 'get' || query ? (['invalid_input'] as const) : []),
    ...(method === 'get' ? [] : (['payload_too_large', 'unsupported_media_type'] as const)),
  ],
});

const EXAMPLE_TIME = '2025-01-21T10:00:00.000Z';

/** Somebody, at a site, in one of its systems. */
const SECURITY: Record<string, string[]>[] = [
  { bearer: [], site: [], systemCode: [] },
  { clientKey: [], site: [], systemCode: [] },
];

/** A body of another type is 415 here and not a fault of the input. */
const jsonOnly: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  if (c.get('body').byteLength > 0 && !isJson(c.req.header('Content-Type'))) {
    throw new AppError('unsupported_media_type');
  }
  await next();
};
