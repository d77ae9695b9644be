import type Stripe from 'stripe';
import { MINUTE } from '#kernel/clock';
import { AppError, invalid } from '#kernel/errors';
import type { PaymentProvider, PaymentRequest, StartedAttempt } from '#kernel/ports';
import type { StripeAccount } from './accounts.ts';
import { type Outside, ProviderError } from './outside.ts';
import { noticeOf, paidOf, unreadable } from './stripe-events.ts';

const TOLERANCE_SECONDS = 300;
/** Stripe takes no session that ends sooner; one that outlives its order is expired by cron. */
const SHORTEST_SESSION = 31 * MINUTE;

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

function sessionIdOf({ parameters }: StartedAttempt): string | null {
  // Without one, nobody was ever told where to pay.
  return typeof parameters.session_id === 'string' ? parameters.session_id : null;
}

/** Stripe's errors in the words of ours: the code, and nothing of the request. */
function failed(error: unknown): never {
  const { statusCode, code, type } = error as { statusCode?: number; code?: string; type?: string };
  throw new ProviderError('stripe', statusCode ?? 0, code ?? type ?? 'UNREACHABLE', { cause: error });
}
