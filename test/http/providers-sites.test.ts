import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StripeStandIn } from '../standins/stripe.ts';
import { Client, expectError } from '../support/client.ts';
import { newHuman } from '../support/humans.ts';
import { Market } from '../support/market.ts';
import { dataOf } from '../support/money.ts';

/** A merchant from before WeChat had public keys; and two sites, each with an account of its own. */

let market: Market;
const other = new StripeStandIn({ host: 'stripe.example', site: 'cn' });

beforeAll(async () => {
  const settings = Object.entries(other.settings()).map(([name, value]) => [`${name}_CN`, value]);
  market = await Market.make({
    certificates: true,
    beside: [other],
    settings: { ...Object.fromEntries(settings), STRIPE_API_URL_CN: 'https://stripe.example' },
  });
  await market.open('2027-02-01T00:00:00Z');
});
afterEach(() => market.expectNoFaults());

const ordering = () => market.ordering();

describe('a platform certificate of WeChat Pay', () => {
  it('is fetched where its serial is not known, and kept', async () => {
    const { buyer, id } = await ordering();
    const trade = await market.payAt('wxpay', buyer, id);
    expect(market.wxpay.lookups).toBe(1);
    await market.tellPaid('wxpay', trade);
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', provider: 'wxpay' });
    expect(market.wxpay.lookups).toBe(1);
  });

  it('is replaced: the next one is fetched once a minute at the most, whatever strangers send', async () => {
    await market.pass(60);
    const { buyer, id } = await ordering();
    const trade = await market.payAt('wxpay', buyer, id);
    const before = market.wxpay.lookups;
    const good = await market.wxpay.paidNotice(trade);
    for (let n = 0; n < 5; n += 1) {
      const headers = { ...good.headers, 'Wechatpay-Serial': `7C0FFEE0CAFE010${n}` };
      expectError(await market.tell('wxpay', { ...good, headers }), 400, 'signature_invalid');
    }
    expect(market.wxpay.lookups).toBe(before + 1);
    // The new one is WeChat's: known after a minute, when it is told again.
    market.wxpay.serial = '7C0FFEE0CAFE0200';
    const told = await market.wxpay.paidNotice(trade);
    expectError(await market.tell('wxpay', told), 400, 'signature_invalid');
    await market.pass(60);
    market.wxpay.trouble = 'failing';
    expectError(await market.tell('wxpay', told), 400, 'signature_invalid');
    market.wxpay.trouble = null;
    await market.pass(60);
    expect((await market.tell('wxpay', told)).status).toBe(200);
    expect((await buyer.order(id)).status).toBe('paid');
    expect((await market.tell('wxpay', good)).status).toBe(200);
  });
});

describe('a site', () => {
  const pay = (id: string, provider: string) => ({ path: `/api/v1/orders/${id}/pay`, body: { provider } });

  it('takes money by its own account only', async () => {
    const client = new Client({ site: 'cn', door: market.door });
    const { token } = await newHuman(client);
    const wish = { plan_id: 'plan_basic', period: 'monthly' };
    const ordered = dataOf(await client.post('/api/v1/membership/subscribe', wish, { token }));
    const id: string = ordered.order_id;
    // No account at WeChat or Alipay: not offered there.
    expect(ordered.payment.providers).toEqual(['wallet', 'sandbox', 'stripe']);
    const refused = await client.post(pay(id, 'wxpay').path, pay(id, 'wxpay').body, { token });
    expectError(refused, 400, 'provider_unavailable');
    dataOf(await client.post(pay(id, 'stripe').path, pay(id, 'stripe').body, { token }));
    const trade = other.pay(id);
    const told = await other.paidNotice(trade);
    const status = async () => dataOf(await client.get(`/api/v1/orders/${id}`, { token })).status;
    // Its signature is worth nothing at the other site, and the other's nothing here.
    expectError(await market.tell('stripe', told), 400, 'signature_invalid');
    const foreign = await market.stripe.paidNotice(trade);
    expectError(await market.tell('stripe', foreign, 'cn'), 400, 'signature_invalid');
    expect(await status()).toBe('pending');
    expect((await market.tell('stripe', told, 'cn')).status).toBe(200);
    expect(await status()).toBe('paid');
    expect(other.sessions).toMatchObject([{ site: 'cn', orderId: id }]);
    expect(market.stripe.sessions).toEqual([]);
    expect((await market.client.post('/api/v1/payments/wxpay/cn/notify', {})).status).toBe(404);
  });
});
