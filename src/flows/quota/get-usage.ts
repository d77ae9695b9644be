import { z } from 'zod';
import { quotaOwnerOf, requirePerson } from '#kernel/actor';
import { dayWindow, dayWindowOf } from '#kernel/calendar';
import { DAY } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { mayAct } from '#modules/enterprise/acting';
import { resolveKey } from '#modules/keys/resolve-key';
import { sumUsage, type UsageFilter, type UsageGroup, type UsageSum } from '#modules/usage/store';
import { assertLive } from './meter.ts';

export const UsageQuery = z.object({
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  group_by: z.enum(['day', 'model', 'key', 'member']).default('day'),
});

const MOST_DAYS = 366;
const USUAL_DAYS = 30;

export interface UsageReport {
  group: UsageGroup;
  sums: UsageSum[];
}

/** Settled usage of the user behind a key, wherever it was booked. */
export async function getUsageByKey(
  ctx: Ctx,
  text: string,
  input: () => z.infer<typeof UsageQuery>,
): Promise<UsageReport> {
  const found = await resolveKey(ctx, text, true);
  if (!found) throw new AppError('api_key_unknown');
  assertLive(ctx, found.record);
  const { userId, owner } = found.record;
  return report(ctx, { userId }, owner, input());
}

/** Settled usage of a person; of an enterprise's owner or admin, the whole enterprise's. */
export async function getUsage(ctx: Ctx, input: z.infer<typeof UsageQuery>): Promise<UsageReport> {
  const person = requirePerson(ctx.actor);
  const owner = quotaOwnerOf(person);
  const whole = person.enterprise && mayAct(person.enterprise, 'members.list');
  return report(ctx, whole ? { owner } : { userId: person.userId }, owner, input);
}

/** What is not in D1 yet is brought there first, so that a report is of one place. */
async function report(
  ctx: Ctx,
  whose: { owner: string } | { userId: string },
  owner: string,
  input: z.infer<typeof UsageQuery>,
): Promise<UsageReport> {
  const days = daysOf(ctx, input);
  await ctx.quota.deliverUsage({ site: ctx.site.key, owner });
  const filter: UsageFilter = { ...whose, ...days };
  return { group: input.group_by, sums: await sumUsage(ctx, filter, input.group_by) };
}

/** Local days, both inclusive; without them the last thirty. */
export function daysOf(ctx: Pick<Ctx, 'site' | 'now'>, input: { from?: string; to?: string }) {
  const { timeZone } = ctx.site;
  const to = input.to ? dayWindowOf(timeZone, input.to) : dayWindow(timeZone, ctx.now);
  const from = input.from
    ? dayWindowOf(timeZone, input.from)
    : dayWindow(timeZone, to.from - (USUAL_DAYS - 1) * DAY);
  if (from.from > to.from) throw invalid('query.from', 'is after `to`');
  if (to.until - from.from > MOST_DAYS * DAY) {
    throw invalid('query.from', `is more than ${MOST_DAYS} days before \`to\``);
  }
  return { from: from.key, to: to.key };
}
