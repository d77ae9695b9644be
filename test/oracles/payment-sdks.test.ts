import { createServer } from 'node:http';
import { AlipaySdk } from 'alipay-sdk';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WxPay from 'wechatpay-node-v3';
import { readAccounts } from '../../src/providers/payments/accounts.ts';
import { alipayProvider } from '../../src/providers/payments/alipay.ts';
import { signedParameters, verifiedFields } from '../../src/providers/payments/alipay-wire.ts';
import type { Outside } from '../../src/providers/payments/outside.ts';
import { stripeProvider } from '../../src/providers/payments/stripe.ts';
import { jsapiFields, wxpayProvider } from '../../src/providers/payments/wxpay.ts';
import { authorization, unseal } from '../../src/providers/payments/wxpay-wire.ts';
import { AlipayStandIn } from '../standins/alipay.ts';
import { bytesOf, type Keys, makeKeys, pem, unbase64 } from '../standins/stand-in.ts';
import { StripeStandIn } from '../standins/stripe.ts';
import { certificateOf, WxpayStandIn } from '../standins/wxpay.ts';

/** What we sign, the providers' own packages believe; what they sign, we do. The packages need Node. */

const ORDER = {
  id: 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV',
  title: '基础版(月付)',
  amount: 4900,
  currency: 'CNY',
  expiresAt: Date.now() + 1_800_000,
};
const REQUEST = {
  order: ORDER,
  attemptId: 'att_01ARZ3NDEKTSV4RRFFQ69GABCD',
  method: null,
  returnUrl: 'https://shop.example/done?x=1&y=二',
  openid: null,
  address: null,
  publicUrl: 'https://api.example',
  site: 'default',
  locale: 'zh' as const,
};
const clock = { now: () => Date.now(), toReal: (at: number) => at };
const outside = (answer: (request: Request) => Promise<Response | null>): Outside => ({
  clock,
  timeout: 5000,
  fetch: async (url, init) => (await answer(new Request(url, init))) ?? new Response(null, { status: 404 }),
});
const site = { key: 'default', currency: 'CNY' };

// Alipay's package writes the machine's own time, and means China's.
process.env.TZ = 'Asia/Shanghai';

describe('alipay-sdk', () => {
  let app: Keys | undefined;
  let sdk: AlipaySdk;
  beforeAll(async () => {
    app = await makeKeys();
    sdk = new AlipaySdk({
      appId: '2021000000000001',
      keyType: 'PKCS8',
      privateKey: app.privateBase64,
      alipayPublicKey: app.publicBase64,
    });
  });
  const fieldsOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

  it('believes our signed address, as it believes its own', async () => {
    const account = { appId: '2021000000000001', privateKey: unbase64(app?.privateBase64 ?? '') };
    const mine = await signedParameters(
      account,
      'alipay.trade.page.pay',
      { out_trade_no: '1', subject: '基础版 +&=%' },
      { notify_url: 'https://api.example/n?a=1', return_url: 'https://shop.example/二' },
      Date.now(),
    );
    const { sign = '', ...rest } = mine;
    const text = Object.keys(rest)
      .sort()
      .map((name) => `${name}=${rest[name as keyof typeof rest]}`)
      .join('&');
    expect(await app?.verify(sign, text)).toBe(true);
    const theirs = fieldsOf(
      sdk.pageExecute('alipay.trade.page.pay', 'GET', {
        bizContent: { out_trade_no: '1', subject: '基础版 +&=%' },
        notifyUrl: 'https://api.example/n?a=1',
        returnUrl: 'https://shop.example/二',
      }),
    );
    const { sign: theirSign = '', ...theirRest } = theirs;
    const theirText = Object.keys(theirRest)
      .sort()
      .map((name) => `${name}=${theirRest[name]}`)
      .join('&');
    expect(await app?.verify(theirSign, theirText)).toBe(true);
    // The same fields, but for what each writes as it likes.
    const own = (fields: Record<string, string>) => {
      const { timestamp: _, sign: __, alipay_sdk: ___, format: ____, ...same } = fields;
      return same;
    };
    expect(own(mine)).toEqual(own(theirs));
  });

  it('verifies a notification where we do, and no other', async () => {
    const standIn = await AlipayStandIn.make();
    const settings = standIn.settings();
    const verifier = new AlipaySdk({
      appId: settings.ALIPAY_APP_ID ?? '',
      privateKey: settings.ALIPAY_PRIVATE_KEY ?? '',
      alipayPublicKey: settings.ALIPAY_PUBLIC_KEY ?? '',
      keyType: 'PKCS8',
    });
    const publicKey = unbase64(settings.ALIPAY_PUBLIC_KEY ?? '');
    const trade = { orderId: ORDER.id, transactionId: '1', amount: 4900, currency: 'CNY', refunded: 0 };
    const good = await standIn.told(trade, { trade_status: 'TRADE_SUCCESS', body: 'a+b=c&d %20 二' });
    const forged = await standIn.paidNotice(trade, { forged: true });
    for (const [body, holds] of [
      [good.body, true],
      [forged.body, false],
      [good.body.replace('49.00', '94.00'), false],
    ] as const) {
      const fields = Object.fromEntries(new URLSearchParams(body));
      expect(verifier.checkNotifySignV2(fields)).toBe(holds);
      expect((await verifiedFields(publicKey, bytesOf(body))) !== null).toBe(holds);
    }
  });

  it('asks a gateway what we ask, and reads an answer as we do', async () => {
    const standIn = await AlipayStandIn.make();
    const { accounts } = readAccounts(standIn.settings(), site);
    if (!accounts.alipay) throw new Error('no account');
    const provider = alipayProvider(
      accounts.alipay,
      outside((request) => standIn.answer(request)),
    );
    const { url } = await provider.start(REQUEST);
    await standIn.visit(String(url));
    const trade = standIn.pay(ORDER.id);
    // The gateway over HTTP, since the package brings its own client.
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = await standIn.answer(
        new Request(`https://openapi.alipay.com${request.url}`, {
          method: 'POST',
          body: Buffer.concat(chunks),
        }),
      );
      response.end(await answer?.text());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address() as { port: number };
    const settings = standIn.settings();
    const asker = new AlipaySdk({
      appId: settings.ALIPAY_APP_ID ?? '',
      privateKey: settings.ALIPAY_PRIVATE_KEY ?? '',
      alipayPublicKey: settings.ALIPAY_PUBLIC_KEY ?? '',
      keyType: 'PKCS8',
      gateway: `http://127.0.0.1:${address.port}/gateway.do`,
    });
    try {
      const theirs = await asker.exec(
        'alipay.trade.query',
        { bizContent: { trade_no: trade.transactionId } },
        { validateSign: true },
      );
      expect(theirs).toMatchObject({ code: '10000', tradeNo: trade.transactionId, totalAmount: '49.00' });
    } finally {
      server.close();
    }
    const mine = await provider.query({
      id: REQUEST.attemptId,
      orderId: ORDER.id,
      site: 'default',
      parameters: {},
    });
    expect(mine).toMatchObject({ transactionId: trade.transactionId, amount: 4900, orderId: ORDER.id });
    expect(standIn.faults).toEqual([]);
  });
});

describe('wechatpay-node-v3', () => {
  let [merchant, platform]: Keys[] = [];
  let sdk: WxPay;
  const apiKey = 'k'.repeat(32);
  beforeAll(async () => {
    [merchant, platform] = [await makeKeys(), await makeKeys()];
    sdk = new WxPay({
      appid: 'wx0123456789abcdef',
      mchid: '1900000001',
      serial_no: '5157F09EFDC096DE15EBE81A47057A7200000001',
      publicKey: Buffer.from(certificateOf(merchant)),
      privateKey: Buffer.from(pem('PRIVATE KEY', merchant.privateBase64)),
      key: apiKey,
    });
  });

  it.each([
    ['GET', '/v3/certificates', ''],
    ['POST', '/v3/pay/transactions/native', '{"description":"基础版"}'],
  ])('signs %s %s as we do', async (method, path, body) => {
    const account = {
      merchantId: '1900000001',
      serial: '5157F09EFDC096DE15EBE81A47057A7200000001',
      privateKey: unbase64(merchant?.privateBase64 ?? ''),
    };
    const mine = await authorization(account, { method, path, body }, 1554208460_000, 'nonce');
    const signature = sdk.getSignature(method, 'nonce', '1554208460', path, body);
    const fields = (header: string) =>
      [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => `${name}=${value}`).sort();
    expect(fields(mine)).toEqual(fields(sdk.getAuthorization('nonce', '1554208460', signature)));
    expect(mine.split(' ')[0]).toBe(sdk.getAuthorization('', '', '').split(' ')[0]);
  });

  it('signs what a front end is given as we do', async () => {
    const account = { appId: 'wx0123456789abcdef', privateKey: unbase64(merchant?.privateBase64 ?? '') };
    const mine = await jsapiFields(account, 'wx2611', 1554208460_000);
    const text = `${mine.appId}\n${mine.timeStamp}\n${mine.nonceStr}\n${mine.package}\n`;
    expect(mine.paySign).toBe(
      (sdk as unknown as { sha256WithRsa(text: string): string }).sha256WithRsa(text),
    );
  });

  it('opens what we open', async () => {
    const standIn = await WxpayStandIn.make();
    const sealed = await standIn.seal('{"账单":1}', 'transaction', apiKey);
    const { ciphertext, nonce, associated_data } = sealed;
    expect(sdk.decipher_gcm(ciphertext, associated_data, nonce, apiKey)).toEqual({ 账单: 1 });
    expect(await unseal(apiKey, { ...sealed, algorithm: 'AEAD_AES_256_GCM' })).toBe('{"账单":1}');
  });

  it('verifies a notification where we do', async () => {
    const standIn = await WxpayStandIn.make({ certificates: true });
    const { accounts } = readAccounts(standIn.settings(), site);
    if (!accounts.wxpay) throw new Error('no account');
    const provider = wxpayProvider(
      accounts.wxpay,
      outside((request) => standIn.answer(request)),
    );
    const verifier = new WxPay({
      appid: 'a',
      mchid: 'b',
      publicKey: Buffer.from(certificateOf(platform ?? (await makeKeys()))),
      privateKey: Buffer.from(''),
    });
    (WxPay as unknown as { certificates: Record<string, string> }).certificates = {
      [standIn.serial]: pem('PUBLIC KEY', standIn.publicKey),
    };
    const trade = { orderId: ORDER.id, transactionId: '1', amount: 4900, currency: 'CNY', refunded: 0 };
    for (const forged of [false, true]) {
      const { headers, body } = await standIn.paidNotice(trade, { forged });
      const theirs = await verifier.verifySign({
        timestamp: headers['Wechatpay-Timestamp'] ?? '',
        nonce: headers['Wechatpay-Nonce'] ?? '',
        serial: headers['Wechatpay-Serial'] ?? '',
        signature: headers['Wechatpay-Signature'] ?? '',
        body,
      });
      expect(theirs).toBe(!forged);
      const mine = provider.verify(new Headers(headers), bytesOf(body), Date.now());
      if (forged) await expect(mine).rejects.toMatchObject({ code: 'signature_invalid' });
      else expect(await mine).toMatchObject({ transactionId: '1', amount: 4900 });
    }
  });
});

describe('stripe', () => {
  it('signs an event that we believe, in Node as in workerd', async () => {
    const standIn = new StripeStandIn();
    const { accounts } = readAccounts(standIn.settings(), site);
    if (!accounts.stripe) throw new Error('no account');
    const provider = stripeProvider(
      accounts.stripe,
      'default',
      outside((request) => standIn.answer(request)),
    );
    await provider.start(REQUEST);
    const trade = standIn.pay(ORDER.id);
    const { headers, body } = await standIn.paidNotice(trade);
    expect(
      new Stripe('sk_test_x').webhooks.constructEvent(
        body,
        headers['Stripe-Signature'] ?? '',
        accounts.stripe.webhookSecret,
      ).type,
    ).toBe('checkout.session.completed');
    const mine = await provider.verify(new Headers(headers), bytesOf(body), Date.now());
    expect(mine).toMatchObject({
      transactionId: trade.transactionId,
      amount: 4900,
      currency: 'CNY',
      state: 'paid',
    });
    expect(standIn.faults).toEqual([]);
  });
});

afterAll(() => {
  (WxPay as unknown as { certificates: Record<string, string> }).certificates = {};
});
