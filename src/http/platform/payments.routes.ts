import { createRoute, z } from '@hono/zod-openapi';
import { ANSWERED, refusalsBy } from '../shared/operation.ts';
import { REFUSED } from './operation.ts';

/**
 * Where providers tell of payments. Body, headers and answer are the provider's own (`spec/payments`), so this is in
 * the document for those who run Sluice, and no schema stands before the signature.
 */
export const notify = createRoute({
  method: 'post',
  path: '/api/v1/payments/{provider}/{site}/notify',
  operationId: 'notifyPayment',
  tags: ['Service'],
  summary: 'A payment provider’s notification',
  description:
    'Signed by the provider over the raw body. What is not verified changes nothing; what was told before is acknowledged ' +
    'and does nothing.',
  security: [],
  request: {
    params: z.object({
      provider: z.string().openapi({ example: 'stripe' }),
      site: z.string().openapi({ example: 'default' }),
    }),
    body: {
      required: true,
      content: {
        'application/json': { schema: z.unknown() },
        'application/x-www-form-urlencoded': { schema: z.unknown() },
      },
    },
  },
  responses: {
    200: {
      description: 'As the provider wants to be answered',
      headers: ANSWERED,
      content: {
        'application/json': { schema: z.unknown(), example: { received: true } },
        'text/plain': { schema: z.string(), example: 'success' },
      },
    },
    ...refusalsBy(REFUSED, [
      'invalid_input',
      'signature_invalid',
      'site_unknown',
      'not_found',
      'payload_too_large',
      'internal_error',
      'service_unavailable',
    ]),
  },
});
