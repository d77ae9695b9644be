import { z } from 'zod';
import { requireAdmin } from '#kernel/actor';
import { dayWindow, dayWindowOf } from '#kernel/calendar';
import { DAY } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { invalid } from '#kernel/errors';
import { countMembers, sumPaid } from '#modules/commerce/stats-store';
import { findBacklog, sumTokens } from '#modules/usage/store';

const Day = z.iso.date();

export const StatsInput = z.object({ from: Day.optional(), to: Day.optional() });

const MOST_DAYS = 366;
const USUAL_DAYS = 30;

export interface DayRevenue {
  day: string;
  orders: number;
  paid: number;
  refunded: number;
}

/**
 * Members by plan and state now; revenue and tokens by day of the site's zone, both days inclusive, quiet days left out;
 * and what has still to be told to somebody.
 */
export async function getStats(ctx: Ctx, input: z.infer<typeof StatsInput>) {
  requireAdmin(ctx.actor);
  const { timeZone, currency } = ctx.site;
  const to = input.to ? dayWindowOf(timeZone, input.to) : dayWindow(timeZone, ctx.now);
  const from = input.from
    ? dayWindowOf(timeZone, input.from)
    : dayWindow(timeZone, to.from - USUAL_DAYS * DAY);
  if (from.from > to.from) throw invalid('query.from', 'is after `to`');
  if (to.until - from.from > MOST_DAYS * DAY)
    throw invalid('query.from', `is more than ${MOST_DAYS} days before \`to\``);
  const members = await countMembers(ctx, ctx.now);
  const byDay = new Map<string, DayRevenue>();
  for (const { at, orders, paid, refunded } of await sumPaid(ctx, from.from, to.until)) {
    const { key: day } = dayWindow(timeZone, at);
    const sum = byDay.get(day) ?? { day, orders: 0, paid: 0, refunded: 0 };
    byDay.set(day, {
      day,
      orders: sum.orders + orders,
      paid: sum.paid + paid,
      refunded: sum.refunded + refunded,
    });
  }
  const tokens = await sumTokens(ctx, from.key, to.key);
  return { members, currency, revenue: [...byDay.values()], tokens, backlog: await findBacklog(ctx) };
}
