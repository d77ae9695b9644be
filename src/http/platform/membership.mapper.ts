import type { z } from '@hono/zod-openapi';
import type { MembershipView } from '#flows/commerce/get-membership';
import { providersFor } from '#flows/commerce/pay-order';
import type { Subscription as SubscriptionView } from '#flows/commerce/subscribe';
import { daysInMonth } from '#kernel/calendar';
import { toIso } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { formatDecimal } from '#kernel/money';
import type { QuotaReading } from '#kernel/quota';
import { effectiveBenefits } from '#modules/catalogue/rules';
import type { EventRow } from '#modules/commerce/holding-store';
import type { OrderRow } from '#modules/commerce/order-store';
import { lastSecondOf } from '#modules/commerce/rules';
import type { HistoryItem, Membership, renew, subscribe } from './membership.routes.ts';

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
    scheduled: view.scheduled && {
      plan_id: view.scheduled.planId,
      period: view.scheduled.period,
      starts_at: toIso(view.scheduled.startsAt),
    },
    usage_this_month: {
      tokens_used: used,
      tokens_limit: limit,
      usage_percent: limit === null ? 0 : Math.floor((used * 100) / limit),
    },
    effective_benefits: benefits,
  };
}

export function toOrdered(ctx: Ctx, order: OrderRow): z.infer<typeof renew.contract.data> {
  return {
    order_id: order.id,
    plan_name: order.snapshot.title,
    original_amount: formatDecimal(order.originalAmount),
    discount_amount: formatDecimal(order.discountAmount),
    credit_amount: formatDecimal(order.creditAmount),
    final_amount: formatDecimal(order.finalAmount),
    currency: order.currency,
    payment: { providers: providersFor(ctx, order), expires_at: toIso(order.expiresAt) },
  };
}

/** Of a plan that follows later nothing is to be paid now; the amounts are today's. */
export function toSubscription(
  ctx: Ctx,
  subscription: SubscriptionView,
): z.infer<typeof subscribe.contract.data> {
  if ('order' in subscription) return toOrdered(ctx, subscription.order);
  const { plan, title, period, amount, startsAt } = subscription.scheduled;
  return {
    order_id: null,
    plan_name: title,
    original_amount: formatDecimal(amount),
    discount_amount: formatDecimal(0),
    credit_amount: formatDecimal(0),
    final_amount: formatDecimal(amount),
    currency: plan.currency,
    payment: null,
    scheduled: { plan_id: plan.id, period, starts_at: toIso(startsAt) },
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
