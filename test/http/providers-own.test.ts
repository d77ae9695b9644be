import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf } from '../standins/stand-in.ts';
import { expectError } from '../support/client.ts';
import { Market } from '../support/market.ts';
import { dataOf, faultsOf } from '../support/money.ts';

/** What each provider has of its own. */

let market: Market;

beforeAll(async () => {
  market = await Market.make();
  await market.open('2027-02-01T00:00:00Z');
});
afterEach(() => market.expectNoFaults());

const ordering = () => market.ordering();

describe('Stripe', () => {
  const session = (id: string, fields: object = {}) => ({
    id: `cs_${id}`,
    payment_status: 'paid',
    payment_intent: `pi_${id}`,
    amount_total: 4900,
    currency: 'cny',
    metadata: { order_id: id, site: 'default' },
    ...fields,
  });
  const event = async (type: string, object: object) =>
    market.tell('stripe', await market.stripe.event(type, object));

  it('gives the address of a Checkout, which ends with its order', async () => {
    const { buyer, id } = await ordering();
    const { parameters } = dataOf(
      await market.begin(buyer, id, 'stripe', { return_url: 'https://shop.example/done' }),
    );
    expect(parameters.url).toMatch(/^https:\/\/checkout\.stripe\.com\//);
    const [opened] = market.stripe.sessions.filter((one) => one.orderId === id);
    expect(opened).toMatchObject({
      id: parameters.session_id,
      amount: 4900,
      currency: 'cny',
      site: 'default',
    });
    // Ordered long ago: Stripe takes no session of less than half an hour, so it is ended when its order is.
    await market.pass(29 * 60);
    dataOf(await market.begin(buyer, id, 'stripe'));
    await market.pass(120);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('closed');
    expect(market.stripe.isOpen(id)).toBe(false);
  });

  it('has not been paid by a Checkout that is only completed', async () => {
    const { buyer, id } = await ordering();
    dataOf(await market.begin(buyer, id, 'stripe'));
    const unpaid = session(id, { payment_status: 'unpaid' });
    expect((await event('checkout.session.completed', unpaid)).body).toEqual({ received: true });
    expect((await buyer.order(id)).status).toBe('pending');
    expect((await event('checkout.session.async_payment_failed', unpaid)).status).toBe(200);
    expect(await market.detail(id)).toMatchObject({ status: 'pending', attempts: [{ state: 'failed' }] });
    await event('checkout.session.async_payment_succeeded', session(id));
    await event('checkout.session.completed', session(id));
    expect(await market.detail(id)).toMatchObject({ status: 'paid', payments: [{ state: 'applied' }] });
  });

  it('tells of much else, which is acknowledged', async () => {
    const { buyer, id } = await ordering();
    dataOf(await market.begin(buyer, id, 'stripe'));
    for (const type of [
      'checkout.session.expired',
      'payment_intent.succeeded',
      'customer.created',
      'charge.updated',
    ]) {
      expect((await event(type, session(id))).status).toBe(200);
    }
    // Of another site that has the same account, and of what is none of ours.
    for (const metadata of [{ order_id: id, site: 'cn' }, {}, null, { order_id: 7, site: 'default' }]) {
      expect((await event('checkout.session.completed', session(id, { metadata }))).status).toBe(200);
    }
    expect((await buyer.order(id)).status).toBe('pending');
    expect(await market.aside('mismatched', id)).toEqual([]);
    for (const broken of [{ payment_status: 7 }, { ...session(id), amount_total: '49' }, { metadata: {} }]) {
      expectError(await event('checkout.session.completed', broken), 400, 'invalid_input');
    }
  });

  it('keeps aside another currency', async () => {
    const { buyer, id } = await ordering();
    await market.tellPaid('stripe', await market.payAt('stripe', buyer, id, { currency: 'USD' }));
    expect((await buyer.order(id)).status).toBe('pending');
    expect(await market.aside('mismatched', id)).toHaveLength(1);
  });

  it('tells of a dispute: a person sees it, and what was granted stays until the money goes back', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt('stripe', buyer, id);
    await market.tellPaid('stripe', trade);
    const dispute = { payment_intent: trade.transactionId, amount: 4900, currency: 'cny' };
    for (let n = 0; n < 2; n += 1) {
      await event('charge.dispute.created', { ...dispute, status: 'needs_response' });
    }
    expect(await market.aside('disputed', id)).toHaveLength(1);
    expect((await buyer.me()).status).toBe('active');
    const audit = dataOf(await (await market.admin()).get(`/admin/v1/audit-logs?target=${id}`)).items;
    expect(audit).toMatchObject([{ action: 'payment.disputed' }]);
    await event('charge.dispute.closed', { ...dispute, status: 'lost' });
    expect(await market.aside('disputed', id)).toHaveLength(1);
    await event('charge.dispute.closed', { ...dispute, status: 'won' });
    expect(await market.aside('disputed', id)).toEqual([]);
    await event('charge.dispute.created', { ...dispute, status: 'needs_response' });
    // It can be refunded all the same, and is told of.
    dataOf(await market.refund(id, { amount: '9.00' }));
    await market.cron();
    expect(await buyer.order(id)).toMatchObject({ refunded_amount: '9.00' });
    trade.refunded = 900;
    const rest = await market.giveBack('stripe', trade, 4000);
    await market.tell('stripe', rest);
    expect((await buyer.order(id)).status).toBe('refunded');
    await event('charge.dispute.created', {
      ...dispute,
      payment_intent: 'pi_of_nobody',
      status: 'needs_response',
    });
  });
});

describe('WeChat Pay', () => {
  it('has three ways to pay', async () => {
    const { buyer, id } = await ordering();
    const begin = async (fields: object) => market.begin(buyer, id, 'wxpay', fields);
    expect(dataOf(await begin({})).parameters.code_url).toMatch(/^weixin:\/\/wxpay\//);
    expect(dataOf(await begin({ method: 'native' })).parameters).toHaveProperty('code_url');
    expect(market.wxpay.last).toMatchObject({
      attach: id,
      amount: { total: 4900, currency: 'CNY' },
      notify_url: 'http://localhost:8787/api/v1/payments/wxpay/default/notify',
    });
    const { h5_url } = dataOf(
      await begin({ method: 'h5', return_url: 'https://shop.example/a?b=c' }),
    ).parameters;
    expect(new URL(h5_url).searchParams.get('redirect_url')).toBe('https://shop.example/a?b=c');
    expect(market.wxpay.last.scene_info).toMatchObject({ payer_client_ip: market.client.address });

    expect(faultsOf(await begin({ method: 'jsapi' }))).toEqual({ openid: 'is required for jsapi' });
    expectError(await begin({ method: 'jsapi', openid: '</script>' }), 400, 'invalid_input');
    const { parameters } = dataOf(await begin({ method: 'jsapi', openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' }));
    expect(Object.keys(parameters).sort()).toEqual(
      ['appId', 'nonceStr', 'package', 'paySign', 'signType', 'timeStamp'].sort(),
    );
    expect(parameters.package).toMatch(/^prepay_id=wx/);
    const { appId, timeStamp, nonceStr, paySign } = parameters;
    const signed = `${appId}\n${timeStamp}\n${nonceStr}\n${parameters.package}\n`;
    expect(await market.wxpay.isMerchants(paySign, signed)).toBe(true);
    // Each of them is an attempt of its own, and all but the last are closed.
    const states = market.wxpay.attempts.filter(({ number }) => number.startsWith(id.slice(4)));
    expect(states.map(({ state }) => state)).toEqual(['CLOSED', 'CLOSED', 'CLOSED', 'NOTPAY']);
  });

  it('is not believed where its answer is not signed', async () => {
    const { buyer, id } = await ordering();
    market.wxpay.trouble = 'unsigned';
    expectError(await market.begin(buyer, id, 'wxpay'), 503, 'service_unavailable');
    expect((await buyer.order(id)).status).toBe('pending');
  });

  it('seals what it tells, and signs it: both are needed', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt('wxpay', buyer, id);
    const good = await market.wxpay.paidNotice(trade);
    const body = JSON.parse(good.body);
    const other = await market.wxpay.seal('{}', 'transaction', 'b'.repeat(32));
    const resealed = await market.wxpay.signed(JSON.stringify({ ...body, resource: other }));
    expectError(await market.tell('wxpay', resealed), 400, 'signature_invalid');
    for (const wrong of [
      { ...body, resource: { ...body.resource, algorithm: 'ROT13' } },
      { ...body, resource: await market.wxpay.seal('not json', 'transaction') },
      { ...body, resource: await market.wxpay.seal('{"mchid":1}', 'transaction') },
      [],
    ]) {
      const sent = await market.wxpay.signed(JSON.stringify(wrong));
      expectError(await market.tell('wxpay', sent), 400, 'invalid_input');
    }
    const signTest = { ...good.headers, 'Wechatpay-Signature': 'WECHATPAY/SIGNTEST/AAAA' };
    expectError(await market.tell('wxpay', { ...good, headers: signTest }), 400, 'signature_invalid');
    for (const [header, value] of [
      ['Wechatpay-Serial', 'PUB_KEY_ID_OF_ANOTHER'],
      ['Wechatpay-Serial', '7C0FFEE0CAFE0002'],
      ['Wechatpay-Timestamp', 'yesterday'],
      ['Wechatpay-Nonce', 'another'],
    ] as const) {
      const headers = { ...good.headers, [header]: value };
      expectError(await market.tell('wxpay', { ...good, headers }), 400, 'signature_invalid');
    }
    expect((await buyer.order(id)).status).toBe('pending');
    expect((await market.tell('wxpay', good)).status).toBe(200);
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('tells of a payment that it sent back since', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt('wxpay', buyer, id);
    const told = await market.wxpay.event('TRANSACTION.SUCCESS', {
      ...market.wxpay.transaction(trade),
      trade_state: 'REFUND',
    });
    expect((await market.tell('wxpay', told)).status).toBe(200);
    expect((await buyer.me()).status).toBe('none');
    expect(await market.aside('mismatched', id)).toHaveLength(1);
  });
});

describe('Alipay', () => {
  it('has three ways to pay', async () => {
    const { buyer, id } = await ordering();
    const begin = async (fields: object) =>
      dataOf(await market.begin(buyer, id, 'alipay', fields)).parameters;
    const page = new URL((await begin({ return_url: 'https://shop.example/done' })).url);
    expect(page.origin + page.pathname).toBe('https://openapi.alipay.com/gateway.do');
    const of = (name: string) => page.searchParams.get(name);
    expect(of('method')).toBe('alipay.trade.page.pay');
    expect(of('return_url')).toBe('https://shop.example/done');
    expect(of('notify_url')).toBe('http://localhost:8787/api/v1/payments/alipay/default/notify');
    expect(JSON.parse(of('biz_content') ?? '')).toMatchObject({
      total_amount: '49.00',
      product_code: 'FAST_INSTANT_TRADE_PAY',
    });
    const wap = new URL((await begin({ method: 'wap' })).url);
    expect(wap.searchParams.get('method')).toBe('alipay.trade.wap.pay');
    const { order_string } = await begin({ method: 'app' });
    await market.alipay.visit(`https://app.example/?${order_string}`);
    await market.tellPaid('alipay', market.alipay.pay(id));
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('answers with exactly seven letters', async () => {
    const { buyer, id } = await ordering();
    const answer = await market.tellPaid('alipay', await market.payAt('alipay', buyer, id));
    expect(answer.body).toBe('success');
    expect(answer.headers.get('Content-Type')).toMatch(/^text\/plain/);
  });

  it('tells of a part that went back with the status of a payment: it grants nothing', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt('alipay', buyer, id);
    const part = await market.alipay.told(trade, { trade_status: 'TRADE_SUCCESS', refund_fee: '9.00' });
    expect((await market.tell('alipay', part)).body).toBe('success');
    expect(await buyer.order(id)).toMatchObject({ status: 'pending' });
    expect((await buyer.me()).status).toBe('none');
  });

  it.each([
    ['TRADE_FINISHED', 'paid'],
    ['TRADE_CLOSED', 'pending'],
    ['WAIT_BUYER_PAY', 'pending'],
    ['SOMETHING_NEW', 'pending'],
  ])('%s leaves an order %s', async (trade_status, status) => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt('alipay', buyer, id);
    const told = await market.alipay.told(trade, { trade_status });
    expect((await market.tell('alipay', told)).body).toBe('success');
    expect((await buyer.order(id)).status).toBe(status);
  });

  it('pins RSA2, and takes no field twice', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt('alipay', buyer, id);
    const good = await market.alipay.paidNotice(trade);
    for (const body of [
      good.body.replace('sign_type=RSA2', 'sign_type=RSA'),
      good.body.replace('sign_type=RSA2', 'sign_type='),
      `${good.body}&trade_status=TRADE_SUCCESS`,
      good.body.replace(/sign=[^&]*/, 'sign='),
    ]) {
      expectError(await market.tell('alipay', { ...good, body }), 400, 'signature_invalid');
    }
    const short = await market.alipay.told(trade, { trade_no: '' });
    expectError(await market.tell('alipay', short), 400, 'invalid_input');
    expect((await buyer.order(id)).status).toBe('pending');
    // A field with what a form must escape is signed as it is.
    const escaped = await market.alipay.told(trade, {
      trade_status: 'TRADE_SUCCESS',
      body: 'a+b=c&d %20 中文',
    });
    expect((await market.tell('alipay', escaped)).body).toBe('success');
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('is not believed where its answer is not signed', async () => {
    const { buyer, id } = await ordering();
    await market.payAt('alipay', buyer, id);
    market.alipay.trouble = 'unsigned';
    await market.pass(300);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('pending');
    market.alipay.trouble = null;
    await market.pass(300);
    await market.cron();
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('takes a body of 64 KiB at the most, whoever signed it', async () => {
    const body = bytesOf('a=1&'.repeat(20_000));
    const answer = await market.client.send('POST', '/api/v1/payments/alipay/notify', { raw: body });
    expect(answer.status).toBe(413);
  });
});
