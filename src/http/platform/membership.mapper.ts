import type { z } from '@hono/zod-openapi';
import type { MembershipView } from '#flows/commerce/get-membership';
import { daysInMonth } from '#kernel/calendar';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import type { QuotaReading } from '#kernel/quota';
import { effectiveBenefits } from '#modules/catalogue/rules';
import type { EventRow } from '#modules/commerce/holding-store';
import { lastSecondOf } from '#modules/commerce/rules';
import type { HistoryItem, Membership } from './membership.routes.ts';

export function toMembership(
  view: MembershipView & { usage: QuotaReading | null },
  timeZone: string,
  now: number,
): z.infer<typeof Membership> {
  const { membership, plan, effective } = view;
  const { status, current, startedAt, endsAt } = membership;
  const benefits = effectiveBenefits(effective?.benefits ?? []);
  const used = view.usage?.settledThisMonth ?? 0;
  const limit = monthLimit(benefits, daysInMonth(timeZone, now));
  return {
    plan_id: plan?.id ?? null,
    plan_name: plan?.name ?? null,
    plan_type: plan?.audience ?? null,
    status,
    period: current?.period ?? null,
    started_at: startedAt === null ? null : toIso(startedAt),
    expired_at: endsAt === null ? null : toIso(lastSecondOf(endsAt)),
    auto_renew: view.autoRenew,
    scheduled: null,
    usage_this_month: {
      tokens_used: used,
      tokens_limit: limit,
      usage_percent: limit === null ? 0 : Math.floor((used * 100) / limit),
    },
    effective_benefits: benefits,
  };
}

/** `tokens_per_month`, else what the daily limit adds up to in this month. */
function monthLimit(benefits: ReturnType<typeof effectiveBenefits>, days: number): number | null {
  if (typeof benefits.tokens_per_month === 'number') return benefits.tokens_per_month;
  return typeof benefits.tpd === 'number' ? benefits.tpd * days : null;
}

export function toHistoryItem(event: EventRow): z.infer<typeof HistoryItem> {
  return {
    history_id: event.id,
    action: event.action,
    plan_name: event.productName,
    period: event.period,
    amount: formatDecimal(event.amount),
    original_amount: formatDecimal(event.originalAmount),
    started_at: toIso(event.startedAt),
    expired_at: event.endsAt === null ? null : toIso(lastSecondOf(event.endsAt)),
    order_id: event.orderId,
    ...(event.reason === null ? {} : { reason: event.reason }),
    ...(event.automatic ? { auto: true as const } : {}),
    created_at: toIso(event.createdAt),
  };
}

/** `您的会员权益将保留至 2024-12-31` (seed 000 §8.5), in the language of the request. */
export function cancelWords(validUntil: number | null, locale: 'zh' | 'en'): string {
  if (validUntil === null) return locale === 'zh' ? '您的会员权益将永久保留' : 'Your benefits stay for good.';
  const day = toIso(validUntil).slice(0, 10);
  return locale === 'zh' ? `您的会员权益将保留至 ${day}` : `Your benefits stay until ${day}.`;
}
