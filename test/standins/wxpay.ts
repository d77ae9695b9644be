import forge from 'node-forge';
import {
  base64,
  bytesOf,
  type Keys,
  makeKeys,
  nextId,
  pem,
  type Returned,
  type Signed,
  type Signing,
  StandIn,
  type Trade,
  textOf,
  troubled,
} from './stand-in.ts';

const API_KEY = 'a-test-of-wechat-pays-api-v3-key';
const APP_ID = 'wx0123456789abcdef';
const MERCHANT = '1900000001';
const SERIAL = '5157F09EFDC096DE15EBE81A47057A7200000001';

const PUBLIC_KEY_ID = 'PUB_KEY_ID_0119000000012026112000291600000001';
const CERTIFICATE = '7C0FFEE0CAFE0001';

export type Certificates = boolean | 'both';

interface Attempt {
  number: string;
  amount: number;
  state: 'NOTPAY' | 'SUCCESS' | 'CLOSED';
  transactionId: string | null;
}

/** WeChat Pay, API v3: signs with its public key's private half, or with a platform certificate that must be fetched. */
export class WxpayStandIn extends StandIn {
  readonly name = 'wxpay';
  readonly attempts: Attempt[] = [];
  /** How often the certificates were fetched. */
  lookups = 0;
  /** What it signs as; unknown to us where a test says so. */
  serial: string;
  readonly last: Record<string, unknown> = {};
  private readonly merchant: Keys;
  private readonly platform: Keys;
  private readonly stranger: Keys;
  private readonly certificate: string | null;
  /** Whether the merchant has WeChat's public key. */
  private readonly hasKey: boolean;
  private readonly answers = new Map<string, object>();

  private constructor(keys: [Keys, Keys, Keys], certificate: string | null, isMoving: boolean) {
    super();
    [this.merchant, this.platform, this.stranger] = keys;
    this.certificate = certificate;
    this.serial = isMoving || certificate === null ? PUBLIC_KEY_ID : CERTIFICATE;
    this.hasKey = this.serial === PUBLIC_KEY_ID;
  }

  /** `certificates`: a merchant from before 2024, who has no public key of WeChat; or who moves on to that. */
  static async make({ certificates = false }: { certificates?: Certificates } = {}): Promise<WxpayStandIn> {
    const keys: [Keys, Keys, Keys] = [await makeKeys(), await makeKeys(), await makeKeys()];
    return new WxpayStandIn(keys, certificates ? certificateOf(keys[1]) : null, certificates === 'both');
  }

  /** Signs with its certificate, until that is over. */
  signByCertificate(): () => void {
    const before = this.serial;
    this.serial = CERTIFICATE;
    return () => {
      this.serial = before;
    };
  }

  settings(): Record<string, string> {
    return {
      WXPAY_APP_ID: APP_ID,
      WXPAY_MERCHANT_ID: MERCHANT,
      WXPAY_SERIAL: SERIAL,
      WXPAY_PRIVATE_KEY: pem('PRIVATE KEY', this.merchant.privateBase64),
      WXPAY_API_V3_KEY: API_KEY,
      ...(this.hasKey
        ? {
            WXPAY_PUBLIC_KEY_ID: PUBLIC_KEY_ID,
            WXPAY_PUBLIC_KEY: pem('PUBLIC KEY', this.platform.publicBase64),
          }
        : {}),
    };
  }

  /** SPKI, of what it signs with. */
  get publicKey(): string {
    return this.platform.publicBase64;
  }

  async answer(request: Request): Promise<Response | null> {
    const url = new URL(request.url);
    if (url.host !== 'api.mch.weixin.qq.com') return null;
    const broken = troubled(this.trouble);
    if (broken) return broken;
    const body = await textOf(request);
    const path = url.pathname + url.search;
    if (!(await this.isOurs(request, path, body))) {
      this.faults.push(`${request.method} ${path} is not signed by the merchant`);
      return this.reply(401, { code: 'SIGN_ERROR', message: '签名错误' });
    }
    if (this.hasKey && request.headers.get('Wechatpay-Serial') !== PUBLIC_KEY_ID) {
      this.faults.push(`${path} does not say which key it believes`);
    }
    const [status, answer] = await this.serve(request.method, url, body === '' ? {} : JSON.parse(body));
    return this.reply(status, answer);
  }

  private async isOurs(request: Request, path: string, body: string): Promise<boolean> {
    const header = request.headers.get('Authorization') ?? '';
    const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? '';
    const [timestamp, nonce] = [of('timestamp'), of('nonce_str')];
    const fresh = Math.abs(this.now / 1000 - Number(timestamp)) <= 300;
    const known = header.startsWith('WECHATPAY2-SHA256-RSA2048 ') && of('mchid') === MERCHANT;
    const text = `${request.method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`;
    return (
      fresh && known && of('serial_no') === SERIAL && (await this.merchant.verify(of('signature'), text))
    );
  }

  // biome-ignore lint/suspicious/noExplicitAny: a body of every shape
  private async serve(method: string, url: URL, body: any): Promise<[number, object | null]> {
    const { pathname } = url;
    if (pathname === '/v3/certificates') {
      this.lookups += 1;
      const sealed = await this.seal(this.certificate ?? '', 'certificate');
      return [
        200,
        { data: [{ serial_no: this.hasKey ? CERTIFICATE : this.serial, encrypt_certificate: sealed }] },
      ];
    }
    const [, kind] = /^\/v3\/pay\/transactions\/(native|jsapi|h5)$/.exec(pathname) ?? [];
    if (kind) return this.begin(kind, body);
    const [, number, close] = /out-trade-no\/([^/]+)(\/close)?$/.exec(pathname) ?? [];
    if (number) {
      const mchid = close ? body.mchid : url.searchParams.get('mchid');
      if (mchid !== MERCHANT) this.faults.push(`${pathname} without the merchant`);
      const attempt = this.attempts.find((one) => one.number === number);
      if (!attempt) return [404, { code: 'ORDER_NOT_EXIST' }];
      if (!close) return [200, this.transactionOf(attempt)];
      if (attempt.state === 'SUCCESS') return [400, { code: 'ORDERPAID' }];
      if (this.stubborn && number.startsWith(this.stubborn)) return [429, { code: 'FREQUENCY_LIMITED' }];
      attempt.state = 'CLOSED';
      return [204, null];
    }
    if (method === 'POST' && pathname === '/v3/refund/domestic/refunds') return this.refund(body);
    return [404, { code: 'RESOURCE_NOT_EXISTS' }];
  }

  // biome-ignore lint/suspicious/noExplicitAny: a body of every shape
  private begin(kind: string, body: any): [number, object] {
    Object.assign(this.last, body);
    const wrong = [
      body.appid !== APP_ID && 'appid',
      body.mchid !== MERCHANT && 'mchid',
      !/^[\w|*-]{6,32}$/.test(body.out_trade_no) && 'out_trade_no',
      !(body.description.length >= 1 && body.description.length <= 127) && 'description',
      !/^https?:\/\/[^?]+$/.test(body.notify_url) && 'notify_url',
      !(Date.parse(body.time_expire) > this.now) && 'time_expire',
      body.amount?.currency !== 'CNY' && 'amount',
      kind === 'jsapi' && !body.payer?.openid && 'payer',
      kind === 'h5' && !body.scene_info?.payer_client_ip && 'scene_info',
    ].filter(Boolean);
    if (wrong.length > 0) {
      this.faults.push(`${kind}: ${wrong.join(', ')}`);
      return [400, { code: 'PARAM_ERROR', message: wrong.join() }];
    }
    if (this.attempts.some(({ number }) => number === body.out_trade_no)) {
      return [403, { code: 'OUT_TRADE_NO_USED' }];
    }
    this.attempts.push({
      number: body.out_trade_no,
      amount: body.amount.total,
      state: 'NOTPAY',
      transactionId: null,
    });
    if (kind === 'native') return [200, { code_url: `weixin://wxpay/bizpayurl?pr=${body.out_trade_no}` }];
    if (kind === 'jsapi') return [200, { prepay_id: `wx${body.out_trade_no}` }];
    return [
      200,
      { h5_url: `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${body.out_trade_no}` },
    ];
  }

  // biome-ignore lint/suspicious/noExplicitAny: a body of every shape
  private refund(body: any): [number, object] {
    const before = this.answers.get(body.out_refund_no);
    if (before && this.refunds !== 'done') return [200, before];
    const attempt = this.attempts.find((one) => one.transactionId === body.transaction_id);
    if (!attempt) return [404, { code: 'RESOURCE_NOT_EXISTS' }];
    if (attempt.amount !== body.amount.total) this.faults.push('a refund of another total');
    const known = this.returned.some(({ id }) => id === body.out_refund_no);
    const sum = this.sumReturned(body.transaction_id);
    if (!known && sum + body.amount.refund > attempt.amount) return [400, { code: 'INVALID_REQUEST' }];
    const status = { done: 'SUCCESS', pending: 'PROCESSING', refused: 'ABNORMAL' }[this.refunds];
    const answer = { refund_id: nextId('5030'), out_refund_no: body.out_refund_no, status };
    this.answers.set(body.out_refund_no, answer);
    if (!known && this.refunds !== 'refused') {
      this.returned.push({
        id: body.out_refund_no,
        transactionId: body.transaction_id,
        amount: body.amount.refund,
      });
    }
    return [200, answer];
  }

  /** An answer, signed as WeChat signs them. */
  private async reply(status: number, answer: object | null): Promise<Response> {
    const body = answer === null ? '' : JSON.stringify(answer);
    const headers = await this.signatureOf(body, { forged: this.trouble === 'unsigned' });
    return new Response(status === 204 ? null : body, { status, headers });
  }

  private async signatureOf(body: string, { age = 0, forged = false }: Signing) {
    const timestamp = String(Math.floor(this.now / 1000) - age);
    const nonce = crypto.randomUUID();
    const keys = forged ? this.stranger : this.platform;
    return {
      'Content-Type': 'application/json',
      'Wechatpay-Serial': this.serial,
      'Wechatpay-Timestamp': timestamp,
      'Wechatpay-Nonce': nonce,
      'Wechatpay-Signature': await keys.sign(`${timestamp}\n${nonce}\n${body}\n`),
    };
  }

  async seal(plain: string, associated: string, apiKey = API_KEY) {
    const nonce = crypto.randomUUID().slice(0, 12);
    const key = await crypto.subtle.importKey('raw', bytesOf(apiKey), 'AES-GCM', false, ['encrypt']);
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv: bytesOf(nonce), additionalData: bytesOf(associated) },
      key,
      bytesOf(plain),
    );
    return { algorithm: 'AEAD_AES_256_GCM', ciphertext: base64(sealed), nonce, associated_data: associated };
  }

  open(orderId: string): number {
    return this.of(orderId).filter(({ state }) => state === 'NOTPAY').length;
  }

  private of(orderId: string): Attempt[] {
    return this.attempts.filter(({ number }) => number.startsWith(orderId.slice(4)));
  }

  pay(orderId: string, { amount, currency }: { amount?: number; currency?: string } = {}): Trade {
    const attempt = this.of(orderId).findLast((one) => one.transactionId === null);
    const transactionId = nextId('42000');
    if (attempt) {
      Object.assign(attempt, { state: 'SUCCESS', transactionId });
      attempt.amount = amount ?? attempt.amount;
    }
    return {
      orderId,
      transactionId,
      amount: attempt?.amount ?? amount ?? 0,
      currency: currency ?? 'CNY',
      refunded: 0,
    };
  }

  private transactionOf({ number, amount, state, transactionId }: Attempt) {
    return {
      appid: APP_ID,
      mchid: MERCHANT,
      out_trade_no: number,
      trade_state: state,
      ...(transactionId === null
        ? {}
        : { transaction_id: transactionId, amount: { total: amount, currency: 'CNY', payer_total: amount } }),
    };
  }

  sell({ orderId, transactionId, amount }: Trade): void {
    this.attempts.push({ number: `${orderId.slice(4)}_00002`, amount, state: 'SUCCESS', transactionId });
  }

  paidNotice(trade: Trade, signing: Signing = {}): Promise<Signed> {
    return this.event('TRANSACTION.SUCCESS', this.transaction(trade, signing), signing);
  }

  transaction(trade: Trade, { foreign }: Signing = {}) {
    const of = this.of(trade.orderId).findLast(({ transactionId }) => transactionId === trade.transactionId);
    return {
      appid: foreign === 'app' ? 'wx9999999999999999' : APP_ID,
      mchid: foreign === 'merchant' ? '1999999999' : MERCHANT,
      out_trade_no: of?.number ?? `${trade.orderId.slice(4)}_00000`,
      transaction_id: trade.transactionId,
      trade_state: 'SUCCESS',
      amount: { total: trade.amount, currency: trade.currency, payer_total: trade.amount },
    };
  }

  /** WeChat tells each refund by itself. */
  refundNotice(trade: Trade, returned: Returned, signing: Signing = {}): Promise<Signed> {
    return this.event(
      'REFUND.SUCCESS',
      {
        mchid: signing.foreign ? '1999999999' : MERCHANT,
        out_trade_no: `${trade.orderId.slice(4)}_00000`,
        transaction_id: trade.transactionId,
        out_refund_no: returned.id,
        refund_status: 'SUCCESS',
        amount: { total: trade.amount, refund: returned.amount },
      },
      signing,
    );
  }

  async event(type: string, resource: object, signing: Signing = {}): Promise<Signed> {
    const body = JSON.stringify({
      id: crypto.randomUUID(),
      event_type: type,
      resource_type: 'encrypt-resource',
      resource: await this.seal(JSON.stringify(resource), 'transaction'),
    });
    return this.signed(body, signing);
  }

  async signed(body: string, signing: Signing = {}): Promise<Signed> {
    return { body, headers: await this.signatureOf(body, signing) };
  }

  /** Whether the merchant signed a text. */
  isMerchants(signature: string, text: string): Promise<boolean> {
    return this.merchant.verify(signature, text);
  }
}

/** A certificate of the platform's key, by itself. */
export function certificateOf(keys: Keys): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pem('PUBLIC KEY', keys.publicBase64));
  certificate.serialNumber = '7c0ffee0cafe0001';
  certificate.validity.notBefore = new Date('2026-01-01T00:00:00Z');
  certificate.validity.notAfter = new Date('2046-01-01T00:00:00Z');
  const names = [{ name: 'commonName', value: 'A stand-in' }];
  certificate.setSubject(names);
  certificate.setIssuer(names);
  certificate.sign(
    forge.pki.privateKeyFromPem(pem('PRIVATE KEY', keys.privateBase64)) as forge.pki.rsa.PrivateKey,
    forge.md.sha256.create(),
  );
  return forge.pki.certificateToPem(certificate);
}
