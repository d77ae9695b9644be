import type Stripe from 'stripe';
import { z } from 'zod';
import { AppError } from '#kernel/errors';
import type { PaymentNotice } from '#kernel/ports';

/** What Stripe's events and sessions say about money. */

/** What Sluice writes on everything that it makes at Stripe, and by which it knows it again. */
const Metadata = z.object({ order_id: z.string(), site: z.string() });

/** A payment intent is named, or expanded. */
const Named = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);

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
  payment_intent: Named.nullable(),
  amount: z.number().int(),
  currency: z.string(),
  status: z.string(),
});

/** What an event says about money; null where it says nothing, or is about what is not of this site. */
export function noticeOf(event: Stripe.Event, site: string): PaymentNotice | null {
  const { object } = event.data;
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded': {
      const session = read(Session, object);
      // Completed is not paid: a bank debit takes days, and tells later.
      return session.payment_status === 'paid' ? paidOf(session, site) : null;
    }
    case 'checkout.session.async_payment_failed': {
      const notice = paidOf(read(Session, object), site);
      return notice && { ...notice, state: 'failed' };
    }
    case 'charge.refunded': {
      const charge = read(Charge, object);
      const order = orderOf(charge.metadata, site);
      if (order === null || charge.payment_intent === null) return null;
      return {
        provider: 'stripe',
        transactionId: charge.payment_intent,
        orderId: order,
        amount: charge.amount_refunded,
        currency: charge.currency.toUpperCase(),
        state: 'refunded',
        refundId: null,
      };
    }
    case 'charge.dispute.created':
    case 'charge.dispute.closed': {
      const dispute = read(Dispute, object);
      const won = dispute.status === 'won' || dispute.status === 'warning_closed';
      if (dispute.payment_intent === null || (event.type === 'charge.dispute.closed' && !won)) return null;
      return {
        provider: 'stripe',
        transactionId: dispute.payment_intent,
        // A dispute has no metadata of ours: its payment is known, or it is none of ours.
        orderId: '',
        amount: dispute.amount,
        currency: dispute.currency.toUpperCase(),
        state: won ? 'undisputed' : 'disputed',
      };
    }
    default:
      return null;
  }
}

/** Money that arrived, of a session that is paid; null where it is not of this site. */
export function paidOf(
  session: Omit<z.input<typeof Session>, 'metadata'> & { metadata?: unknown },
  site: string,
): PaymentNotice | null {
  const { id, payment_intent, amount_total, currency, metadata } = Session.parse(session);
  const order = orderOf(metadata, site);
  if (order === null) return null;
  return {
    provider: 'stripe',
    transactionId: payment_intent ?? id,
    orderId: order,
    amount: amount_total,
    currency: (currency ?? '').toUpperCase(),
    state: 'paid',
  };
}

/** An account may sell for other sites, and other things: an event without our order is not about one. */
function orderOf(metadata: unknown, site: string): string | null {
  const ours = Metadata.safeParse(metadata);
  return ours.success && ours.data.site === site ? ours.data.order_id.slice(0, 64) : null;
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
