import type Stripe from 'stripe';
import { z } from 'zod';
import { MINUTE } from '#kernel/clock';
import { AppError, invalid } from '#kernel/errors';
import type { PaymentNotice, PaymentProvider, PaymentRequest, StartedAttempt } from '#kernel/ports';
import type { StripeAccount } from './accounts.ts';
import { type Outside, ProviderError } from './outside.ts';

const TOLERANCE_SECONDS = 300;
/** Stripe takes no session that ends sooner; one that outlives its order is expired by cron. */
const SHORTEST_SESSION = 31 * MINUTE;

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

/** Stripe Checkout, by Stripe's own package: a payment counts by its payment intent. */
export function stripeProvider(account: StripeAccount, site: string, outside: Outside): PaymentProvider {
  let loaded: Promise<{ client: Stripe; crypto: Stripe.CryptoProvider }> | null = null;
  const load = () => {
    loaded ??= open(account, outside);
    return loaded;
  };

  async function eventOf(headers: Headers, body: Uint8Array<ArrayBuffer>, now: number) {
    const { client, crypto } = await load();
    const signature = headers.get('Stripe-Signature') ?? '';
    try {
      const { webhooks } = client;
      const text = new TextDecoder().decode(body);
      return await webhooks.constructEventAsync(
        text,
        signature,
        account.webhookSecret,
        TOLERANCE_SECONDS,
        crypto,
        now,
      );
    } catch (error) {
      // The package verifies first, and parses then.
      if (error instanceof SyntaxError) throw unreadable(error);
      throw new AppError('signature_invalid', { cause: error });
    }
  }

  return {
    name: 'stripe',

    async start(request) {
      if (request.method !== null && request.method !== 'checkout') {
        throw invalid('method', 'must be one of: checkout');
      }
      const { client } = await load();
      const session = await client.checkout.sessions
        .create(sessionOf(request, outside.clock.now()), { idempotencyKey: request.attemptId })
        .catch(failed);
      return { url: session.url, session_id: session.id };
    },

    async verify(headers, body, now) {
      const event = await eventOf(headers, body, now);
      return noticeOf(event, site);
    },

    acknowledge: () => ({ status: 200, contentType: 'application/json', body: '{"received":true}' }),

    async query(attempt) {
      const id = sessionIdOf(attempt);
      if (id === null) return null;
      const { client } = await load();
      const session = await client.checkout.sessions.retrieve(id).catch(failed);
      return session.payment_status === 'paid' ? paidOf(session, site) : null;
    },

    async cancel(attempt) {
      const id = sessionIdOf(attempt);
      if (id === null) return;
      const { client } = await load();
      try {
        await client.checkout.sessions.expire(id);
      } catch (error) {
        // Only an open session can be expired: what else it is decides whether there is anything left to end.
        const { status } = await client.checkout.sessions.retrieve(id).catch(failed);
        if (status !== 'expired') return failed(error);
      }
    },

    async refund({ refundId, transactionId, amount }) {
      const { client } = await load();
      // Stripe forgets idempotency keys after a day, and we try for longer than that.
      const made = await client.refunds.list({ payment_intent: transactionId, limit: 100 }).catch(failed);
      const before = made.data.find(({ metadata }) => metadata?.refund_id === refundId);
      const refund =
        before ??
        (await client.refunds
          .create(
            { payment_intent: transactionId, amount, metadata: { refund_id: refundId } },
            { idempotencyKey: refundId },
          )
          .catch(failed));
      if (refund.status === 'failed' || refund.status === 'canceled') {
        throw new ProviderError('stripe', 200, `refund_${refund.failure_reason ?? refund.status}`);
      }
      return refund.status === 'succeeded' ? 'done' : 'pending';
    },
  };
}

/** Nobody who does not pay with it loads the package. */
async function open(account: StripeAccount, outside: Outside) {
  const { default: Client } = await import('stripe');
  const { protocol, hostname, port } = new URL(account.apiUrl);
  const client = new Client(account.secretKey, {
    httpClient: Client.createFetchHttpClient(fetchBy(outside)),
    // The package adds idempotency keys to what it sends again.
    maxNetworkRetries: 1,
    timeout: outside.timeout,
    telemetry: false,
    host: hostname,
    port: port || (protocol === 'https:' ? 443 : 80),
    protocol: protocol === 'https:' ? 'https' : 'http',
  });
  return { client, crypto: Client.createSubtleCryptoProvider() };
}

/** The package calls `fetch` with a text and what to send. */
function fetchBy(outside: Outside): typeof fetch {
  return (input, init) => outside.fetch(String(input), { ...(init as RequestInit), redirect: 'manual' });
}

function sessionOf({ order, returnUrl, publicUrl, site, locale }: PaymentRequest, now: number) {
  const metadata = { order_id: order.id, site };
  const back = returnUrl ?? `${publicUrl}/docs`;
  return {
    mode: 'payment' as const,
    client_reference_id: order.id,
    metadata,
    // Charges have it too: a refund or a dispute tells of whose order it is.
    payment_intent_data: { metadata, description: order.title },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: order.currency.toLowerCase(),
          unit_amount: order.amount,
          product_data: { name: order.title },
        },
      },
    ],
    success_url: back,
    cancel_url: back,
    locale: locale === 'zh' ? ('zh' as const) : ('en' as const),
    expires_at: Math.ceil(Math.max(order.expiresAt, now + SHORTEST_SESSION) / 1000),
  };
}

/** What an event says about money; null where it says nothing, or is about what is not of this site. */
function noticeOf(event: Stripe.Event, site: string): PaymentNotice | null {
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

function paidOf(
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

function sessionIdOf({ parameters }: StartedAttempt): string | null {
  // Without one, nobody was ever told where to pay.
  return typeof parameters.session_id === 'string' ? parameters.session_id : null;
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unreadable(parsed.error);
  return parsed.data;
}

function unreadable(cause: unknown): AppError {
  return new AppError('invalid_input', {
    faults: [{ path: 'body', message: 'is not an event of Stripe' }],
    cause,
  });
}

/** Stripe's errors in the words of ours: the code, and nothing of the request. */
function failed(error: unknown): never {
  const { statusCode, code, type } = error as { statusCode?: number; code?: string; type?: string };
  throw new ProviderError('stripe', statusCode ?? 0, code ?? type ?? 'UNREACHABLE', { cause: error });
}
