import type Stripe from 'stripe';
import { z } from 'zod';
import { DAY, MINUTE } from '#kernel/clock';
import { AppError, invalid } from '#kernel/errors';
import type { PaymentProvider, PaymentRequest, StartedAttempt } from '#kernel/ports';
import type { StripeAccount } from './accounts.ts';
import { answered, attemptMark, call, jsonOf, type Outside, ProviderError } from './outside.ts';
import { noticeOf, paidOf, unreadable } from './stripe-events.ts';

const TOLERANCE_SECONDS = 300;
/** Stripe takes no session that ends sooner, or later; one that outlives its order is expired by cron. */
const SHORTEST_SESSION = 31 * MINUTE;
const LONGEST_SESSION = DAY - MINUTE;

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
      const { webhookSecret } = account;
      // The package refuses what is old; what is of the future was not signed now either.
      const signedAt = Number(/(?:^|,)\s*t=(\d{1,12})/.exec(signature)?.[1]);
      if (!(signedAt <= now / 1000 + TOLERANCE_SECONDS)) throw new Error('signed in the future');
      return await webhooks.constructEventAsync(
        text,
        signature,
        webhookSecret,
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
      const { id, url } = answered('stripe', z.object({ id: z.string().min(1), url: z.url() }), session);
      return { url, session_id: id };
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
      const session = await client.checkout.sessions
        .retrieve(id, { expand: ['payment_intent.latest_charge'] })
        .catch(failed);
      return paidOf(session, site);
    },

    async cancel(attempt) {
      const id = sessionIdOf(attempt);
      if (id === null) return 'unknown';
      const { client } = await load();
      // Only an open session can be expired: what else it is decides whether there is anything left to end.
      const session = await client.checkout.sessions
        .expire(id)
        .catch(() => client.checkout.sessions.retrieve(id).catch(failed));
      const { status } = answered('stripe', z.object({ status: z.string() }), session);
      if (status !== 'expired') throw new ProviderError('stripe', 200, `session_${status}`);
      return 'ended';
    },

    async refund({ refundId, transactionId, amount }) {
      const { client } = await load();
      // Stripe forgets idempotency keys after a day, and we try for longer than that.
      const made = await client.refunds.list({ payment_intent: transactionId, limit: 100 }).catch(failed);
      const { data } = answered('stripe', z.object({ data: z.array(Refund) }), made);
      const mine = data.filter(({ metadata }) => metadata?.refund_id === refundId);
      // One that failed (a card that was closed) left the money here: it is tried anew.
      const before = mine.find(({ status }) => !isFailed(status));
      const refund =
        before ??
        answered(
          'stripe',
          Refund,
          await client.refunds
            .create(
              { payment_intent: transactionId, amount, metadata: { refund_id: refundId } },
              { idempotencyKey: `${refundId}-${mine.length}-${amount}` },
            )
            .catch(failed),
        );
      if (isFailed(refund.status)) {
        throw new ProviderError('stripe', 200, `refund_${refund.failure_reason ?? refund.status}`);
      }
      return refund.status === 'succeeded' ? 'done' : 'pending';
    },
  };
}

function isFailed(status: string | null): boolean {
  return status === 'failed' || status === 'canceled';
}

/** Nobody who does not pay with it loads the package. */
async function open(account: StripeAccount, outside: Outside) {
  const { default: Client } = await import('stripe');
  const { protocol, hostname, port } = new URL(account.apiUrl);
  const client = new Client(account.secretKey, {
    httpClient: Client.createFetchHttpClient(fetchBy(outside)),
    // `call` tries again, and knows how long it may take.
    maxNetworkRetries: 0,
    timeout: 3 * outside.timeout,
    telemetry: false,
    host: hostname,
    port: port || (protocol === 'https:' ? 443 : 80),
    protocol: protocol === 'https:' ? 'https' : 'http',
  });
  return { client, crypto: Client.createSubtleCryptoProvider() };
}

/**
 * How the package calls out, with a text and what to send. All that it sends here is the same twice as once. An error
 * that is not Stripe's own (a proxy's) is no answer, which the package would not notice.
 */
function fetchBy(outside: Outside): typeof fetch {
  return async (input, init) => {
    const { status, headers, body } = await call(outside, 'stripe', String(input), init as RequestInit, true);
    const own = status < 300 || Fault.safeParse(jsonOf(body)).success;
    if (!own) throw new ProviderError('stripe', status, 'UNREADABLE');
    return new Response(body, { status, headers });
  };
}

const Fault = z.object({ error: z.object({ type: z.string() }) });
const Refund = z.object({
  status: z.string(),
  failure_reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

function sessionOf({ order, attemptId, returnUrl, publicUrl, site, locale }: PaymentRequest, now: number) {
  const metadata = { order_id: order.id, site, attempt: attemptMark(attemptId) };
  const endsAt = Math.min(Math.max(order.expiresAt, now + SHORTEST_SESSION), now + LONGEST_SESSION);
  const back = returnUrl ?? `${publicUrl}/docs`;
  return {
    mode: 'payment' as const,
    // The order's currency and amount are what counts.
    adaptive_pricing: { enabled: false },
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
    expires_at: Math.ceil(endsAt / 1000),
  };
}

function sessionIdOf({ parameters }: StartedAttempt): string | null {
  // Without one, nobody was ever told where to pay.
  return typeof parameters.session_id === 'string' ? parameters.session_id : null;
}

/** Stripe's errors in the words of ours: the code, and nothing of the request, which the log would show. */
function failed(error: unknown): never {
  const { statusCode, code, type } = error as { statusCode?: number; code?: string; type?: string };
  throw new ProviderError('stripe', statusCode ?? 0, code ?? type ?? 'UNREACHABLE');
}
