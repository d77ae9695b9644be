import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlipayStandIn } from '../standins/alipay.ts';
import type { StandIn, Trade } from '../standins/stand-in.ts';
import { StripeStandIn } from '../standins/stripe.ts';
import { WxpayStandIn } from '../standins/wxpay.ts';
import { newPlace, type Started, start } from '../support/started.ts';

/** A local run with accounts at the three providers, which answer at addresses of this machine. */

const HOSTS = {
  stripe: 'https://api.stripe.com',
  wxpay: 'https://api.mch.weixin.qq.com',
  alipay: 'https://openapi.alipay.com',
};

let standIns: Record<StandIn['name'], StandIn>;
let server: Started;
let admin: string;
const servers: Server[] = [];

beforeAll(async () => {
  standIns = {
    stripe: new StripeStandIn(),
    wxpay: await WxpayStandIn.make({ certificates: true }),
    alipay: await AlipayStandIn.make(),
  };
  server = await start(
    await newPlace({
      ...standIns.stripe.settings(),
      ...standIns.wxpay.settings(),
      ...standIns.alipay.settings(),
      STRIPE_API_URL: await listen('stripe'),
      WXPAY_API_URL: await listen('wxpay'),
      ALIPAY_GATEWAY: `${await listen('alipay')}/gateway.do`,
    }),
  );
  admin = await server.signIn(server.admin);
});
afterAll(() => {
  for (const one of servers) one.close();
});

/** Serves a stand-in over HTTP. */
async function listen(name: StandIn['name']): Promise<string> {
  const serving = createServer(async (request, response) => {
    const answer = await standIns[name].answer(await requestOf(name, request));
    response.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []));
    response.end(Buffer.from((await answer?.arrayBuffer()) ?? []));
  }).listen(0, '127.0.0.1');
  servers.push(serving);
  await new Promise((resolve) => serving.once('listening', resolve));
  return `http://127.0.0.1:${(serving.address() as { port: number }).port}`;
}

async function requestOf(name: StandIn['name'], request: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.entries(request.headers).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as [string, string]] : [],
  );
  return new Request(HOSTS[name] + request.url, {
    method: request.method ?? 'GET',
    headers,
    body: chunks.length > 0 ? Buffer.concat(chunks) : null,
  });
}

interface Order {
  order_id: string;
  status: string;
  refunded_amount: string;
}

/** Somebody with an order that is paid at a provider. */
interface Sale {
  name: StandIn['name'];
  token: string;
  id: string;
  trade: Trade;
}

async function sell(name: StandIn['name']): Promise<Sale> {
  const password = 'Aa123456!';
  const email = `${name}-${Date.now()}@example.com`;
  const person = { user_type: 'personal', email, ...(await server.encrypt(password)) };
  await server.data('POST', '/api/v1/users/register', {
    body: { ...person, captcha_token: await server.captcha() },
  });
  const token = await server.signIn({ email, password });
  const body = { plan_id: 'plan_basic', period: 'monthly' };
  const { order_id: id } = await server.data<Order>('POST', '/api/v1/membership/subscribe', { token, body });
  const begun = await server.data<{ parameters: { url?: string } }>('POST', `/api/v1/orders/${id}/pay`, {
    token,
    body: { provider: name },
  });
  const there = standIns[name];
  if (there instanceof AlipayStandIn) await there.visit(begun.parameters.url ?? '');
  return { name, token, id, trade: there.pay(id) };
}

const orderOf = ({ id, token }: Sale) => server.data<Order>('GET', `/api/v1/orders/${id}`, { token });
const statusOf = async ({ token }: Sale) =>
  (await server.data<{ status: string }>('GET', '/api/v1/membership/me', { token })).status;

async function tell({ name, trade }: Sale): Promise<void> {
  const { headers, body } = await standIns[name].paidNotice(trade);
  const path = `/api/v1/payments/${name}/default/notify`;
  expect((await server.send('POST', path, { raw: body, headers })).status).toBe(200);
}

/** Money goes back after the answer. */
async function untilReturned({ name, trade }: Sale, amounts: number[]): Promise<void> {
  const returned = () => standIns[name].returnedOf(trade);
  for (let n = 0; n < 100 && returned().length < amounts.length; n += 1) await pause(50);
  expect(returned()).toEqual(amounts);
}

describe('the three providers, over HTTP', () => {
  const sales: Sale[] = [];

  it('pay subscriptions, also where the process is killed before and after it is told', async () => {
    for (const name of ['stripe', 'wxpay', 'alipay'] as const) sales.push(await sell(name));
    await server.killAll();
    server = await server.again();
    for (const sale of sales) await tell(sale);
    for (const sale of sales) expect(await statusOf(sale)).toBe('active');
    await server.killAll();
    server = await server.again();
    for (const sale of sales) {
      await tell(sale);
      expect(await orderOf(sale)).toMatchObject({ status: 'paid', refunded_amount: '0.00' });
      const { token } = sale;
      const { items } = await server.data<{ items: object[] }>('GET', '/api/v1/membership/history', {
        token,
      });
      expect(items).toHaveLength(1);
    }
  });

  it('send money back, in part and in full', async () => {
    const refund = ({ id }: Sale, fields: object) =>
      server.data('POST', `/admin/v1/orders/${id}/refund`, {
        token: admin,
        body: { reason: 'a test', ...fields },
      });
    for (const sale of sales) {
      await refund(sale, { amount: '9.00' });
      await untilReturned(sale, [900]);
      expect(await orderOf(sale)).toMatchObject({ status: 'paid', refunded_amount: '9.00' });
      expect(await statusOf(sale)).toBe('active');
      await refund(sale, {});
      await untilReturned(sale, [900, 4000]);
      expect(await orderOf(sale)).toMatchObject({ status: 'refunded', refunded_amount: '49.00' });
      expect(await statusOf(sale)).toBe('none');
      expect(standIns[sale.name].faults).toEqual([]);
    }
  });
});
