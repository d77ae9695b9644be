import {
  type Keys,
  makeKeys,
  nextId,
  type Returned,
  type Signed,
  type Signing,
  StandIn,
  type Trade,
  textOf,
  troubled,
} from './stand-in.ts';

const APP_ID = '2021000000000001';
const SELLER = '2088000000000001';

interface Attempt {
  number: string;
  amount: string;
  state: 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_CLOSED';
  tradeNo: string | null;
}

/** Alipay's gateway: a trade begins when somebody opens the address that they were sent to. */
export class AlipayStandIn extends StandIn {
  readonly name = 'alipay';
  readonly attempts: Attempt[] = [];
  private readonly app: Keys;
  private readonly own: Keys;
  private readonly stranger: Keys;

  private constructor(keys: [Keys, Keys, Keys]) {
    super();
    [this.app, this.own, this.stranger] = keys;
  }

  static async make(): Promise<AlipayStandIn> {
    return new AlipayStandIn([await makeKeys(), await makeKeys(), await makeKeys()]);
  }

  settings(): Record<string, string> {
    return {
      ALIPAY_APP_ID: APP_ID,
      ALIPAY_SELLER_ID: SELLER,
      ALIPAY_PRIVATE_KEY: this.app.privateBase64,
      ALIPAY_PUBLIC_KEY: this.own.publicBase64,
    };
  }

  /** Somebody opens the address that they were sent to. */
  async visit(address: string): Promise<void> {
    const { searchParams } = new URL(address);
    await this.check(searchParams);
    if (!searchParams.get('notify_url')) this.faults.push('no notify_url');
    const content = JSON.parse(searchParams.get('biz_content') ?? '{}');
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(content.time_expire)) this.faults.push('time_expire');
    if (this.attempts.some(({ number }) => number === content.out_trade_no)) return;
    this.attempts.push({
      number: content.out_trade_no,
      amount: content.total_amount,
      state: 'WAIT_BUYER_PAY',
      tradeNo: null,
    });
  }

  private async check(parameters: URLSearchParams): Promise<boolean> {
    const { sign = '', ...rest } = Object.fromEntries(parameters);
    const text = Object.keys(rest)
      .sort()
      .map((name) => `${name}=${rest[name]}`)
      .join('&');
    // Alipay's clock is China's, and it takes a quarter of an hour.
    const at = Date.parse(`${rest.timestamp?.replace(' ', 'T')}+08:00`);
    const right =
      rest.app_id === APP_ID && rest.sign_type === 'RSA2' && Math.abs(at - this.now) <= 15 * 60_000;
    const holds = right && (await this.app.verify(sign, text));
    if (!holds) this.faults.push(`${rest.method} is not signed by the app`);
    return holds;
  }

  async answer(request: Request): Promise<Response | null> {
    const url = new URL(request.url);
    if (url.host !== 'openapi.alipay.com') return null;
    const broken = troubled(this.trouble);
    if (broken) return broken;
    const parameters = new URLSearchParams([
      ...url.searchParams,
      ...new URLSearchParams(await textOf(request)),
    ]);
    const method = parameters.get('method') ?? '';
    const holds = await this.check(parameters);
    const answer = holds
      ? this.serve(method, JSON.parse(parameters.get('biz_content') ?? '{}'))
      : refused('isv.invalid-signature');
    const node = JSON.stringify(answer);
    const sign = await (this.trouble === 'unsigned' ? this.stranger : this.own).sign(node);
    return new Response(`{"${method.replaceAll('.', '_')}_response":${node},"sign":${JSON.stringify(sign)}}`);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a content of every shape
  private serve(method: string, content: any): object {
    const attempt = this.attempts.find(
      (one) =>
        one.number === content.out_trade_no || (one.tradeNo !== null && one.tradeNo === content.trade_no),
    );
    if (!attempt) return refused('ACQ.TRADE_NOT_EXIST');
    switch (method) {
      case 'alipay.trade.query':
        return {
          ...OK,
          trade_no: attempt.tradeNo ?? nextId('2026'),
          out_trade_no: attempt.number,
          trade_status: attempt.state,
          total_amount: attempt.amount,
          ...(attempt.tradeNo === null ? {} : { send_pay_date: '2026-11-20 10:00:00' }),
        };
      case 'alipay.trade.close':
        if (attempt.state === 'TRADE_SUCCESS') return refused('ACQ.TRADE_STATUS_ERROR');
        if (attempt.state === 'TRADE_CLOSED') return refused('ACQ.REASON_TRADE_STATUS_INVALID');
        if (this.stubborn && attempt.number.startsWith(this.stubborn)) return refused('ACQ.SYSTEM_ERROR');
        attempt.state = 'TRADE_CLOSED';
        return { ...OK, out_trade_no: attempt.number };
      case 'alipay.trade.refund': {
        if (this.refunds === 'refused') return refused('ACQ.SELLER_BALANCE_NOT_ENOUGH');
        const before = this.returned.some(({ id }) => id === content.out_request_no);
        const sum = this.sumReturned(attempt.tradeNo ?? '');
        const amount = minor(content.refund_amount);
        if (!before && sum + amount > minor(attempt.amount)) return refused('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
        if (!before && this.refunds === 'done') {
          this.returned.push({
            id: content.out_request_no,
            transactionId: attempt.tradeNo ?? '',
            amount,
          });
        }
        return { ...OK, fund_change: before || this.refunds === 'pending' ? 'N' : 'Y' };
      }
      case 'alipay.trade.fastpay.refund.query': {
        const done = this.returned.some(({ id }) => id === content.out_request_no);
        return { ...OK, ...(done ? { refund_status: 'REFUND_SUCCESS' } : {}) };
      }
      default:
        return refused('isv.invalid-method');
    }
  }

  open(orderId: string): number {
    return this.of(orderId).filter(({ state }) => state === 'WAIT_BUYER_PAY').length;
  }

  private of(orderId: string): Attempt[] {
    return this.attempts.filter(({ number }) => number.startsWith(orderId.slice(4)));
  }

  pay(orderId: string, { amount }: { amount?: number; currency?: string } = {}): Trade {
    const attempt = this.of(orderId).findLast((one) => one.tradeNo === null);
    const tradeNo = nextId('2026');
    if (attempt) Object.assign(attempt, { state: 'TRADE_SUCCESS', tradeNo });
    if (attempt && amount !== undefined) attempt.amount = major(amount);
    return {
      orderId,
      transactionId: tradeNo,
      amount: attempt ? minor(attempt.amount) : (amount ?? 0),
      currency: 'CNY',
      refunded: 0,
    };
  }

  sell({ orderId, transactionId, amount }: Trade): void {
    this.attempts.push({
      number: `${orderId.slice(4)}_00002`,
      amount: major(amount),
      state: 'TRADE_SUCCESS',
      tradeNo: transactionId,
    });
  }

  paidNotice(trade: Trade, signing: Signing = {}): Promise<Signed> {
    return this.told(trade, { trade_status: 'TRADE_SUCCESS' }, signing);
  }

  /** Alipay tells all that went back until now, with the payment's own status while something is left of it. */
  refundNotice(trade: Trade, returned: Returned, signing: Signing = {}): Promise<Signed> {
    return this.told(
      trade,
      {
        trade_status: trade.refunded < trade.amount ? 'TRADE_SUCCESS' : 'TRADE_CLOSED',
        refund_fee: major(trade.refunded),
        out_biz_no: returned.id,
        gmt_refund: '2026-11-20 10:00:00.000',
      },
      signing,
    );
  }

  /** A notification with more fields, or others. */
  async told(
    trade: Trade,
    fields: Record<string, string>,
    { forged = false, foreign }: Signing = {},
  ): Promise<Signed> {
    const attempt = this.of(trade.orderId).findLast(({ tradeNo }) => tradeNo === trade.transactionId);
    const all: Record<string, string> = {
      notify_time: '2026-11-20 10:00:00',
      notify_type: 'trade_status_sync',
      notify_id: nextId('n'),
      charset: 'utf-8',
      version: '1.0',
      app_id: foreign === 'app' ? '2021999999999999' : APP_ID,
      seller_id: foreign === 'merchant' ? '2088999999999999' : SELLER,
      subject: '基础版 & more=yes',
      out_trade_no: attempt?.number ?? `${trade.orderId.slice(4)}_00000`,
      trade_no: trade.transactionId,
      total_amount: major(trade.amount),
      ...fields,
    };
    const text = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join('&');
    const sign = await (forged ? this.stranger : this.own).sign(text);
    return {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams({ ...all, sign_type: 'RSA2', sign }).toString(),
    };
  }
}

const OK = { code: '10000', msg: 'Success' };

function refused(sub_code: string) {
  return { code: '40004', msg: 'Business Failed', sub_code };
}

function minor(text: string): number {
  return Math.round(Number(text) * 100);
}

function major(amount: number): string {
  return (amount / 100).toFixed(2);
}
