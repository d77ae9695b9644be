import { Hono } from 'hono';
import { z } from 'zod';
import { AppError, invalid } from '#kernel/errors';
import { isDecimal, parseDecimal } from '#kernel/money';
import type { Services } from '#kernel/services';
import { findOrder, type OrderRow } from '#modules/commerce/order-store';
import { handle } from '../app.ts';
import { failure } from '../http/platform/envelope.ts';
import { parseJsonBody, readBody } from '../http/shared/body.ts';
import { chooseSite, errorHandler, identifyRequest, openContext } from '../http/shared/frame.ts';
import type { SurfaceEnv } from '../http/shared/surface.ts';
import type { TestClock } from './clock.ts';
import { cashierPage, mailboxPage, PAGE_HEADERS } from './pages.ts';
import { paidAtSandbox, payAtSandbox, sandboxNotification } from './sandbox.ts';
import { seed } from './seed.ts';
import type { DevState } from './state.ts';

/** What `/dev/*` works on. */
export interface Workshop {
  clock: TestClock;
  sandboxSecret: string;
  demo: { keySecret: string; password: string };
  /** Kept with the default site's database: the clock is one for all sites. */
  state: DevState;
  /** The mail of each site. */
  mailbox(site: string): DevState;
}

const ClockInput = z.union([
  z.object({ offset_seconds: z.number() }),
  z.object({ at: z.iso.datetime({ offset: true }) }),
]);

const CashierInput = z.object({
  action: z.enum(['pay', 'fail', 'refund']),
  amount: z.string().optional(),
  transaction_id: z.string().min(1).max(64).optional(),
  /** 0 is a notification that got lost: only who asks the sandbox hears of it. */
  times: z.coerce.number().int().min(0).max(50).default(1),
});

/** `/dev/*`: mailbox, cashier and test clock. In the local run's entry only, and answering localhost only. */
export function devRoutes(workshop: Workshop): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>().basePath('/dev');
  app.onError(errorHandler(failure));
  app.notFound((c) => failure(c, new AppError('not_found')));
  app.use(identifyRequest, readBody, async (c, next) => {
    const { hostname } = new URL(c.req.url);
    if (!/^(localhost|.*\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)) throw new AppError('not_found');
    // A browser cannot send X-Site with a link, so these pages take it from the query too.
    const named = c.req.query('site');
    if (named === undefined) return chooseSite(c, next);
    const site = c.env.sites.find(({ key }) => key === named);
    if (!site) throw new AppError('site_unknown');
    openContext(c, site);
    await next();
  });

  app.get('/clock', (c) => c.json(workshop.clock.read()));
  app.put('/clock', async (c) => {
    const input = ClockInput.safeParse(parseJsonBody(c.get('body'), c.req.header('Content-Type')));
    if (!input.success) throw invalid('body', 'must have offset_seconds (a number) or at (ISO 8601)');
    const offset =
      'at' in input.data
        ? Date.parse(input.data.at) - Date.now()
        : Math.round(input.data.offset_seconds * 1000);
    await workshop.clock.move(workshop.state, offset);
    return c.json(workshop.clock.read());
  });

  app.get('/mailbox', async (c) => {
    const mails = await workshop.mailbox(c.get('ctx').site.key).mails(c.req.query('to') ?? null);
    return c.req.header('Accept')?.includes('application/json')
      ? c.json({ items: mails })
      : c.html(mailboxPage(mails), 200, PAGE_HEADERS);
  });

  app.get('/cashier/:order', async (c) => {
    const order = await orderOf(c.get('ctx'), c.req.param('order'));
    return c.html(cashierPage(order, null), 200, PAGE_HEADERS);
  });
  app.post('/cashier/:order', async (c) => {
    const ctx = c.get('ctx');
    const order = await orderOf(ctx, c.req.param('order'));
    const form = Object.fromEntries(new URLSearchParams(new TextDecoder().decode(c.get('body'))));
    const input = CashierInput.safeParse(form);
    if (!input.success) {
      const [fault] = input.error.issues;
      throw invalid(fault?.path.join('.') || 'body', fault?.message ?? 'is not a form of the cashier');
    }
    const statuses = await sendNotices(
      c.env,
      workshop,
      ctx.site.key,
      order,
      input.data,
      c.executionCtx as ExecutionContext,
    );
    const after = await orderOf(ctx, order.id);
    const outcome = `Sent ${statuses.length} × ${input.data.action}: answered ${statuses.join(', ')}.`;
    return c.req.header('Accept')?.includes('application/json')
      ? c.json({ order_id: after.id, status: after.status, answers: statuses })
      : c.html(cashierPage(after, outcome), 200, PAGE_HEADERS);
  });

  /** What `npm start` calls once the Worker is up: the accounts that it prints. */
  app.post('/seed', async (c) => c.json(await seed(c.get('ctx'), workshop.demo)));
  return app;
}

async function orderOf(ctx: SurfaceEnv['Variables']['ctx'], id: string): Promise<OrderRow> {
  const order = await findOrder(ctx, id);
  if (!order) throw new AppError('not_found');
  return order;
}

const STATES = { pay: 'paid', fail: 'failed', refund: 'refunded' } as const;

/** Sends the sandbox's signed notification through the front door, all copies at once. */
async function sendNotices(
  services: Services,
  workshop: Workshop,
  site: string,
  order: OrderRow,
  input: z.infer<typeof CashierInput>,
  execution: ExecutionContext,
): Promise<number[]> {
  const now = workshop.clock.now();
  const memory = workshop.mailbox(site);
  const paid = await paidAtSandbox(memory, order.id);
  const refunding = input.action === 'refund';
  const transactionId =
    input.transaction_id ?? (refunding ? paid?.transactionId : undefined) ?? services.ids.next('sbx', now);
  const amount = input.amount ?? order.finalAmount;
  if (input.action === 'pay') {
    const minor = typeof amount === 'number' ? amount : isDecimal(amount) ? parseDecimal(amount) : null;
    await payAtSandbox(memory, order.id, { transactionId, amount: minor, currency: order.currency });
  }
  const { body, signature } = await sandboxNotification(
    workshop.sandboxSecret,
    {
      transactionId,
      orderId: order.id,
      amount,
      currency: order.currency,
      state: STATES[input.action],
    },
    now,
  );
  const url = `${services.publicUrl}/api/v1/payments/sandbox/${site}/notify`;
  const headers = { 'Content-Type': 'application/json', 'X-Sandbox-Signature': signature };
  const send = () => handle(new Request(url, { method: 'POST', headers, body }), services, execution);
  const answers = await Promise.all(Array.from({ length: input.times }, send));
  return answers.map(({ status }) => status);
}
