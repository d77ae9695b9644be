import { z } from '@hono/zod-openapi';
import { StatsInput } from '#flows/commerce/get-stats';
import { operation } from './operation.ts';
import { Money } from './schemas.ts';

export const stats = operation({
  method: 'get',
  path: '/admin/v1/stats',
  operationId: 'getStats',
  access: 'admin',
  tag: 'Admin: statistics',
  summary: 'Members, revenue and tokens',
  description:
    'Members of token plans by plan and state, now. Revenue and tokens by day of the site’s zone, oldest first, days ' +
    'without any left out; at most 366 days. Revenue is what was paid that day, top-ups apart, and how much of it has ' +
    'been refunded since. Tokens arrive within half a minute.',
  query: StatsInput.extend({
    from: StatsInput.shape.from.meta({
      description: 'The first day. Left out: thirty days before `to`.',
      example: '2024-01-01',
    }),
    to: StatsInput.shape.to.meta({
      description: 'The last day, included. Left out: today.',
      example: '2024-01-31',
    }),
  }),
  data: z
    .object({
      members: z.array(
        z.object({
          plan_id: z.string(),
          status: z.enum(['active', 'cancelled', 'expired']),
          count: z.int().openapi({ description: 'Users and enterprises that hold it, or held it last' }),
        }),
      ),
      currency: z.string(),
      revenue: z.array(z.object({ day: z.string(), orders: z.int(), amount: Money, refunded_amount: Money })),
      tokens: z.array(
        z.object({
          day: z.string(),
          tokens: z.int(),
          requests: z.int(),
          test_tokens: z.int(),
          expired_tokens: z
            .int()
            .openapi({ description: 'Of reservations that ran out of their ttl without a word' }),
        }),
      ),
      backlog: z
        .object({ usage: z.int(), pushes: z.int() })
        .openapi({ description: 'Usage still to be brought here, and objects still to be told of a change' }),
    })
    .openapi('Stats'),
  example: {
    data: {
      members: [
        { plan_id: 'plan_basic', status: 'active', count: 128 },
        { plan_id: 'plan_basic', status: 'cancelled', count: 9 },
        { plan_id: 'plan_enterprise', status: 'active', count: 4 },
      ],
      currency: 'CNY',
      revenue: [
        { day: '2024-01-01', orders: 2, amount: '960.00', refunded_amount: '100.00' },
        { day: '2024-01-02', orders: 1, amount: '49.00', refunded_amount: '0.00' },
      ],
      tokens: [
        { day: '2024-01-01', tokens: 292_345, requests: 17, test_tokens: 0, expired_tokens: 0 },
        { day: '2024-01-02', tokens: 180_000, requests: 12, test_tokens: 2_000, expired_tokens: 4_000 },
      ],
      backlog: { usage: 0, pushes: 0 },
    },
  },
});
