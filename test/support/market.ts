import { expect, vi } from 'vitest';
import { AlipayStandIn } from '../standins/alipay.ts';
import type { Signed, Signing, StandIn, Trade } from '../standins/stand-in.ts';
import { StripeStandIn } from '../standins/stripe.ts';
import { type Certificates, WxpayStandIn } from '../standins/wxpay.ts';
import { type Answer, Client } from './client.ts';
import { doorWith } from './doors.ts';
import { type Buyer, dataOf, Shop } from './money.ts';

/** A site with an account at each provider, and the providers' stand-ins beside it. */
export class Market extends Shop {
  readonly stripe: StripeStandIn;
  readonly wxpay: WxpayStandIn;
  readonly alipay: AlipayStandIn;
  private readonly beside: StandIn[];
  readonly door: (request: Request) => Promise<Response>;

  private constructor(
    door: Market['door'],
    [stripe, wxpay, alipay]: [StripeStandIn, WxpayStandIn, AlipayStandIn],
    beside: StandIn[],
  ) {
    super(new Client({ door }));
    this.door = door;
    this.beside = beside;
    [this.stripe, this.wxpay, this.alipay] = [stripe, wxpay, alipay];
  }

  /** `beside`: stand-ins of other sites, and settings of a test's own. */
  static async make({
    certificates = false,
    settings = {},
    beside = [],
  }: {
    certificates?: Certificates;
    settings?: Record<string, string>;
    beside?: StandIn[];
  } = {}): Promise<Market> {
    const standIns: [StripeStandIn, WxpayStandIn, AlipayStandIn] = [
      new StripeStandIn(),
      await WxpayStandIn.make({ certificates }),
      await AlipayStandIn.make(),
    ];
    const bindings = Object.assign({}, ...standIns.map((one) => one.settings()), settings);
    const market = new Market(doorWith(bindings), standIns, beside);
    vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init as RequestInit);
      for (const one of market.standIns) {
        const answer = await one.answer(request);
        if (answer) return answer;
      }
      throw new TypeError(`nobody answers at ${request.url}`);
    });
    return market;
  }

  get standIns(): StandIn[] {
    return [this.stripe, this.wxpay, this.alipay, ...this.beside];
  }

  override async at(time: string | number): Promise<void> {
    await super.at(time);
    const now = await this.now();
    for (const one of this.standIns) one.now = now;
  }

  /** A new user with an order of the basic plan. */
  async ordering(): Promise<{ buyer: Buyer; id: string }> {
    const buyer = await this.buyer();
    return { buyer, id: (await buyer.ordered('plan_basic')).order_id };
  }

  /** Whatever happened, our requests were as the providers want them; their troubles end with a test. */
  expectNoFaults(): void {
    for (const standIn of this.standIns) {
      expect(standIn.faults).toEqual([]);
      Object.assign(standIn, { trouble: null, refunds: 'done' });
    }
  }

  /** Begins an attempt, and gets as far as where the payer would say yes. */
  async begin(buyer: Buyer, order: string, name: StandIn['name'], fields: object = {}): Promise<Answer> {
    const answer = await buyer.post(`/api/v1/orders/${order}/pay`, { provider: name, ...fields });
    const { url } = answer.body?.data?.parameters ?? {};
    if (name === 'alipay' && url) await this.alipay.visit(url);
    return answer;
  }

  /** Pays an order at a provider; what it says of that is not sent yet. */
  async payAt(name: StandIn['name'], buyer: Buyer, order: string, how = {}): Promise<Trade> {
    dataOf(await this.begin(buyer, order, name));
    return this[name].pay(order, how);
  }

  tell(name: StandIn['name'], { headers, body }: Signed, site = 'default'): Promise<Answer> {
    return this.client.send('POST', `/api/v1/payments/${name}/${site}/notify`, { raw: body, headers });
  }

  async tellPaid(name: StandIn['name'], trade: Trade, signing: Signing = {}): Promise<Answer> {
    return this.tell(name, await this[name].paidNotice(trade, signing));
  }

  /** Sends money back at the provider by hand, and has it told. */
  async giveBack(name: StandIn['name'], trade: Trade, amount: number): Promise<Signed> {
    const returned = this[name].giveBack(trade, amount);
    trade.refunded += amount;
    return this[name].refundNotice(trade, returned);
  }
}
