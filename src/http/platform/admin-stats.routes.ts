import { z } from '@hono/zod-openapi';
import { StatsInput } from '#modules/commerce/get-stats';
import { operation } from './operation.ts';
import { Money } from './schemas.ts';

export const stats = operation({
  method: 'get',
  path: '/admin/v1/stats',
  access: 'admin',
  tag: 'Admin: statistics',
  summary: 'Members and revenue',
  description:
    'Members of token plans by plan and state, now. Revenue by day of the site’s zone, `from` and `to` inclusive ' +
    '(the last thirty days where left out), days without any left out.',
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
    })
    .openapi('Stats'),
});
