import Stripe from 'stripe';
import {
  nextId,
  type Returned,
  type Signed,
  type Signing,
  StandIn,
  type Trade,
  textOf,
  troubled,
} from './stand-in.ts';

interface Session {
  id: string;
  orderId: string;
  site: string;
  attempt: string;
  amount: number;
  currency: string;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
  payment_intent: string | null;
}

/** Stripe, as far as Sluice speaks to it. */
export class StripeStandIn extends StandIn {
  readonly name = 'stripe';
  readonly sessions: Session[] = [];
  private readonly host: string;
  private readonly site: string;
  private readonly secretKey = `sk_test_${crypto.randomUUID().replaceAll('-', '')}`;
  private readonly webhookSecret = `whsec_${crypto.randomUUID().replaceAll('-', '')}`;
  private readonly replays = new Map<string, { body: string; answer: unknown }>();
  /** Refunds that were asked for here, failed ones among them. */
  private readonly made: {
    id: string;
    payment_intent: string;
    amount: number;
    metadata: object;
    status: string;
  }[] = [];

  constructor({ host = 'api.stripe.com', site = 'default' } = {}) {
    super();
    this.host = host;
    this.site = site;
  }

  settings() {
    return { STRIPE_SECRET_KEY: this.secretKey, STRIPE_WEBHOOK_SECRET: this.webhookSecret };
  }

  async answer(request: Request): Promise<Response | null> {
    const url = new URL(request.url);
    if (url.host !== this.host) return null;
    const broken = troubled(this.trouble);
    if (broken) return broken;
    if (request.headers.get('Authorization') !== `Bearer ${this.secretKey}`) {
      this.faults.push('a request without the secret key');
      return json({ error: { type: 'invalid_request_error' } }, 401);
    }
    const body = await textOf(request);
    const key = request.headers.get('Idempotency-Key');
    const creates = request.method === 'POST' && /(sessions|refunds)$/.test(url.pathname);
    if (creates && !key) this.faults.push(`${url.pathname} without an idempotency key`);
    const before = key ? this.replays.get(key) : undefined;
    if (before) {
      if (before.body !== body) this.faults.push(`${key} was sent with another body`);
      return json(before.answer);
    }
    const answer = this.serve(request.method, url, new URLSearchParams(body));
    if (answer === null)
      return json({ error: { type: 'invalid_request_error', code: 'resource_missing' } }, 404);
    if ('error' in answer) return json(answer, 400);
    if (key) this.replays.set(key, { body, answer });
    return json(answer);
  }

  private serve(method: string, { pathname, searchParams }: URL, form: URLSearchParams): object | null {
    const [, id, act] = /^\/v1\/checkout\/sessions(?:\/(\w+)(?:\/(expire))?)?$/.exec(pathname) ?? [];
    if (pathname === '/v1/checkout/sessions' && method === 'POST') return this.begin(form);
    const session = this.sessions.find((one) => one.id === id);
    if (session && act === 'expire') {
      if (session.status !== 'open') return { error: { type: 'invalid_request_error', code: 'not_open' } };
      if (this.stubborn && session.orderId.endsWith(this.stubborn)) return { error: { type: 'api_error' } };
      session.status = 'expired';
      return sessionObject(session);
    }
    if (session) return this.expanded(session, searchParams);
    if (pathname === '/v1/refunds' && method === 'GET') {
      const intent = searchParams.get('payment_intent');
      return {
        object: 'list',
        has_more: false,
        data: this.made.filter((one) => one.payment_intent === intent),
      };
    }
    return pathname === '/v1/refunds' ? this.refund(form) : null;
  }

  /** A session whose payment intent is told whole, where that is asked for. */
  private expanded(session: Session, query: URLSearchParams): object {
    const { payment_intent: id } = session;
    if (id === null || query.get('expand[0]') !== 'payment_intent.latest_charge')
      return sessionObject(session);
    const amount_refunded = this.sumReturned(id);
    return { ...sessionObject(session), payment_intent: { id, latest_charge: { amount_refunded } } };
  }

  private begin(form: URLSearchParams): object {
    const of = (name: string) => form.get(name) ?? '';
    const expires = Number(of('expires_at')) * 1000;
    if (of('mode') !== 'payment' || !of('success_url')) this.faults.push('no mode, or no success_url');
    // Stripe's own limits of a session: half an hour to a day.
    if (expires < this.now + 30 * 60_000 || expires > this.now + 86_400_000) {
      return { error: { type: 'invalid_request_error', code: 'expires_at' } };
    }
    if (of('payment_intent_data[metadata][order_id]') !== of('metadata[order_id]')) {
      this.faults.push('charges would not name the order');
    }
    const session: Session = {
      id: nextId('cs_test_'),
      orderId: of('metadata[order_id]'),
      site: of('metadata[site]'),
      attempt: of('metadata[attempt]'),
      amount: Number(of('line_items[0][price_data][unit_amount]')) * Number(of('line_items[0][quantity]')),
      currency: of('line_items[0][price_data][currency]'),
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
    };
    this.sessions.push(session);
    return sessionObject(session);
  }

  private refund(form: URLSearchParams): object {
    const intent = form.get('payment_intent') ?? '';
    const amount = Number(form.get('amount'));
    const status = { done: 'succeeded', pending: 'pending', refused: 'failed' }[this.refunds];
    const session = this.sessions.find((one) => one.payment_intent === intent);
    const sum = this.sumReturned(intent);
    if (!session || sum + amount > session.amount) {
      return { error: { type: 'invalid_request_error', code: 'charge_already_refunded' } };
    }
    const refund = {
      id: nextId('re_'),
      object: 'refund',
      payment_intent: intent,
      amount,
      status,
      metadata: { refund_id: form.get('metadata[refund_id]') ?? '' },
    };
    this.made.push(refund);
    if (status !== 'failed') {
      this.returned.push({ id: refund.metadata.refund_id, transactionId: intent, amount });
    }
    return refund;
  }

  open(orderId: string): number {
    return this.sessions.filter((one) => one.orderId === orderId && one.status === 'open').length;
  }

  pay(orderId: string, { amount, currency }: { amount?: number; currency?: string } = {}): Trade {
    const session = this.sessions.findLast((one) => one.orderId === orderId && one.payment_intent === null);
    const intent = nextId('pi_');
    if (session) {
      Object.assign(session, { status: 'complete', payment_status: 'paid', payment_intent: intent });
      session.amount = amount ?? session.amount;
      session.currency = currency?.toLowerCase() ?? session.currency;
    }
    return {
      orderId,
      transactionId: intent,
      amount: session?.amount ?? amount ?? 0,
      currency: (session?.currency ?? currency ?? 'cny').toUpperCase(),
      refunded: 0,
    };
  }

  sell({ orderId, transactionId, amount, currency }: Trade): void {
    this.sessions.push({
      id: nextId('cs_test_'),
      orderId,
      site: this.site,
      attempt: '00002',
      amount,
      currency: currency.toLowerCase(),
      status: 'complete',
      payment_status: 'paid',
      payment_intent: transactionId,
    });
  }

  paidNotice(trade: Trade, signing: Signing = {}): Promise<Signed> {
    const object = {
      id: nextId('cs_test_'),
      object: 'checkout.session',
      payment_status: 'paid',
      payment_intent: trade.transactionId,
      amount_total: trade.amount,
      currency: trade.currency.toLowerCase(),
      metadata: this.metadataOf(trade, signing),
    };
    return this.event('checkout.session.completed', object, signing);
  }

  /** Stripe tells all that went back until now. */
  refundNotice(trade: Trade, _: Returned, signing: Signing = {}): Promise<Signed> {
    return this.event(
      'charge.refunded',
      {
        object: 'charge',
        payment_intent: trade.transactionId,
        amount_refunded: trade.refunded,
        currency: trade.currency.toLowerCase(),
        metadata: this.metadataOf(trade, signing),
      },
      signing,
    );
  }

  /** Any event, signed by the package itself. */
  event(type: string, object: object, signing: Signing = {}): Promise<Signed> {
    const event = { id: nextId('evt_'), object: 'event', type, data: { object } };
    return this.signed(JSON.stringify(event), signing);
  }

  async signed(body: string, { age = 0, forged = false }: Signing = {}): Promise<Signed> {
    const header = await new Stripe(this.secretKey).webhooks.generateTestHeaderStringAsync({
      payload: body,
      secret: forged ? 'whsec_another' : this.webhookSecret,
      timestamp: Math.floor(this.now / 1000) - age,
      cryptoProvider: Stripe.createSubtleCryptoProvider(),
    });
    return { body, headers: { 'Stripe-Signature': header, 'Content-Type': 'application/json' } };
  }

  private metadataOf({ orderId, transactionId }: Trade, { foreign }: Signing) {
    const session = this.sessions.find(({ payment_intent }) => payment_intent === transactionId);
    return {
      order_id: orderId,
      site: foreign ? 'elsewhere' : this.site,
      attempt: session?.attempt ?? '00000',
    };
  }
}

function sessionObject(session: Session) {
  return {
    id: session.id,
    object: 'checkout.session',
    url: `https://checkout.stripe.com/c/pay/${session.id}`,
    status: session.status,
    payment_status: session.payment_status,
    payment_intent: session.payment_intent,
    amount_total: session.amount,
    currency: session.currency,
    metadata: { order_id: session.orderId, site: session.site, attempt: session.attempt },
  };
}

function json(body: unknown, status = 200): Response {
  return Response.json(body, { status });
}
