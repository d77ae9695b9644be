import { z } from 'zod';
import { AppError } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';
import { answered } from './outside.ts';

/** What Stripe's events and sessions say about money. */

/** What Sluice writes on everything that it makes at Stripe, and by which it knows it again. */
const Metadata = z.object({
  order_id: z.string().max(64),
  site: z.string(),
  attempt: z.string().min(1).max(26).optional(),
});

/** A payment intent is named, or expanded: then with what went back of it. */
const Intent = z.object({
  id: z.string().min(1),
  latest_charge: z.object({ amount_refunded: z.number().int() }).nullish().catch(null),
});
const Named = z.union([
  z
    .string()
    .min(1)
    .transform((id) => ({ id, latest_charge: null })),
  Intent,
]);

/** The fields of a Checkout session that matter here (docs.stripe.com/api/checkout/sessions/object). */
const Session = z.object({
  id: z.string(),
  payment_status: z.string(),
  payment_intent: Named.nullable(),
  amount_total: z.number().int().nullable(),
  currency: z.string().nullable(),
  metadata: z.unknown(),
});
/** Of a charge; `amount_refunded` is all that went back until now. */
const Charge = z.object({
  payment_intent: Named.nullable(),
  amount_refunded: z.number().int(),
  currency: z.string(),
  metadata: z.unknown(),
});
const Dispute = z.object({
  id: z.string().max(255).default(''),
  payment_intent: Named.nullable(),
  amount: z.number().int(),
  currency: z.string(),
  status: z.string(),
});

const Event = z.object({ type: z.string(), data: z.object({ object: z.unknown() }) });

/** What an event says about money; null where it says nothing, or is about what is not of this site. */
export function noticeOf(event: unknown, site: string): PaymentNotice | null {
  const { type, data } = read(Event, event);
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded': {
      const session = read(Session, data.object);
      // Completed is not paid: a bank debit takes days, and tells later.
      return session.payment_status === 'paid' ? paymentOf(session, site) : null;
    }
    case 'checkout.session.async_payment_failed': {
      const notice = paymentOf(read(Session, data.object), site);
      return notice && { ...notice, state: 'failed' };
    }
    case 'charge.refunded': {
      const charge = read(Charge, data.object);
      const ours = oursOf(charge.metadata, site);
      if (ours === null || charge.payment_intent === null) return null;
      return {
        provider: 'stripe',
        transactionId: charge.payment_intent.id,
        ...ours,
        amount: charge.amount_refunded,
        currency: charge.currency.toUpperCase(),
        state: 'refunded',
        refundId: null,
      };
    }
    case 'charge.dispute.created':
    case 'charge.dispute.closed': {
      const dispute = read(Dispute, data.object);
      const won = dispute.status === 'won' || dispute.status === 'warning_closed';
      if (dispute.payment_intent === null || (type === 'charge.dispute.closed' && !won)) return null;
      return {
        provider: 'stripe',
        transactionId: dispute.payment_intent.id,
        // A dispute has no metadata of ours: its payment is known, or it is none of ours.
        orderId: '',
        amount: dispute.amount,
        currency: dispute.currency.toUpperCase(),
        state: won ? 'undisputed' : 'disputed',
        disputeId: dispute.id,
      };
    }
    default:
      return null;
  }
}

/** Money that arrived, of a session that was asked about; null where none did, or it is not of this site. */
export function paidOf(session: unknown, site: string): PaymentNotice | null {
  const found = answered('stripe', Session, session);
  return found.payment_status === 'paid' ? paymentOf(found, site) : null;
}

function paymentOf(session: z.output<typeof Session>, site: string): PaymentNotice | null {
  const { id, payment_intent, amount_total, currency, metadata } = session;
  const ours = oursOf(metadata, site);
  if (ours === null) return null;
  const returned = payment_intent?.latest_charge?.amount_refunded ?? 0;
  return {
    provider: 'stripe',
    transactionId: payment_intent?.id ?? id,
    ...ours,
    amount: amount_total,
    currency: (currency ?? '').toUpperCase(),
    state: 'paid',
    refunded: returned,
  };
}

/** An account may sell for other sites, and other things: an event without our order is not about one. */
function oursOf(metadata: unknown, site: string): { orderId: string; attempt?: string | undefined } | null {
  const ours = Metadata.safeParse(metadata);
  if (!ours.success || ours.data.site !== site) return null;
  return { orderId: ours.data.order_id, attempt: ours.data.attempt };
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

/** Signed by Stripe, and yet not as it documents it. */
export function unreadable(cause: unknown): AppError {
  return new AppError('invalid_input', {
    faults: [{ path: 'body', message: 'is not an event of Stripe' }],
    cause,
  });
}
