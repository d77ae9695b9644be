import { z } from '@hono/zod-openapi';
import { StatsInput } from '#flows/commerce/get-stats';
import { operation } from './operation.ts';
import { Money } from './schemas.ts';

export const stats = operation({
  method: 'get',
  path: '/admin/v1/stats',
  access: 'admin',
  tag: 'Admin: statistics',
  summary: 'Members, revenue and tokens',
  description:
    'Members of token plans by plan and state, now. Revenue and tokens by day of the site’s zone, `from` and `to` ' +
    'inclusive (the last thirty days where left out), days without any left out. Tokens arrive within half a minute.',
  query: StatsInput,
  data: z
    .object({
      members: z.array(
        z.object({
          plan_id: z.string(),
          status: z.enum(['active', 'cancelled', 'expired']),
          count: z.int(),
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
});
