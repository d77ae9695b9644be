import { env } from 'cloudflare:test';
import { expect, vi } from 'vitest';
import { type Answer, Client, type Send } from './client.ts';
import { runCron } from './doors.ts';
import { type Human, newHuman, signedIn } from './humans.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database; SANDBOX_SECRET: string };

/** The default site's database, for what no answer shows. */
export const db = bindings.DB_DEFAULT;

/** The data of an answer that must have gone well. */
export function dataOf(answer: Answer) {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data;
}

/** What an answer's `errors` say, by path. */
export function faultsOf({ body }: Answer): Record<string, string> {
  const faults: { path: string; message: string }[] = body.errors ?? [];
  return Object.fromEntries(faults.map(({ path, message }) => [path, message]));
}

/** Somebody with a session that outlives the jumps of the test clock. */
export class Buyer {
  readonly id: string;
  readonly email: string;
  private readonly shop: Shop;
  private human: Human;
  private signedAt: number;

  constructor(shop: Shop, human: Human) {
    this.shop = shop;
    this.human = human;
    this.id = human.id;
    this.email = human.email;
    this.signedAt = shop.moves;
  }

  async token(): Promise<string> {
    if (this.signedAt !== this.shop.moves) {
      this.human = await signedIn(this.shop.client, this.human);
      this.signedAt = this.shop.moves;
    }
    return this.human.token;
  }

  async send(method: string, path: string, send: Send = {}): Promise<Answer> {
    return this.shop.client.send(method, path, { token: await this.token(), ...send });
  }

  get = (path: string) => this.send('GET', path);
  post = (path: string, body: unknown = {}, send: Send = {}) => this.send('POST', path, { body, ...send });
  put = (path: string, body: unknown) => this.send('PUT', path, { body });
  delete = (path: string) => this.send('DELETE', path);

  me = async () => dataOf(await this.get('/api/v1/membership/me'));
  history = async () => dataOf(await this.get('/api/v1/membership/history?page_size=100')).items;
  actions = async () => (await this.history()).map(({ action }: { action: string }) => action);
  order = async (id: string) => dataOf(await this.get(`/api/v1/orders/${id}`));
  orders = async () => dataOf(await this.get('/api/v1/orders?page_size=100')).items;

  subscribe = (plan: string, period = 'monthly', fields: object = {}) =>
    this.post('/api/v1/membership/subscribe', { plan_id: plan, period, ...fields });
  ordered = async (plan: string, period = 'monthly', fields: object = {}) =>
    dataOf(await this.subscribe(plan, period, fields));
  renew = (period = 'monthly', fields: object = {}) =>
    this.post('/api/v1/membership/renew', { period, ...fields });
  pay = (order: string, provider = 'wallet') => this.post(`/api/v1/orders/${order}/pay`, { provider });
  cancelOrder = (order: string) => this.post(`/api/v1/orders/${order}/cancel`);

  /** Orders a plan, pays for it at the cashier, and gives the order's id. */
  async buy(plan: string, period = 'monthly', fields: object = {}): Promise<string> {
    return this.settle((await this.ordered(plan, period, fields)).order_id);
  }

  async settle(order: string): Promise<string> {
    const paid = await this.shop.client.cashier(order, { action: 'pay' });
    expect(paid.body, JSON.stringify(paid.body)).toMatchObject({ status: 'paid' });
    return order;
  }

  /** How this user's vouchers stand, newest first. */
  vouchers = async (): Promise<string[]> =>
    dataOf(await this.get('/api/v1/vouchers')).items.map(({ status }: { status: string }) => status);

  /** What is in the wallet of the site's currency, as text. */
  async wallet(asset = 'CNY'): Promise<{ balance: string; debt: string }> {
    const { items, debt } = dataOf(await this.get('/api/v1/wallet'));
    const found = items.find((one: { asset: string }) => one.asset === asset);
    return { balance: found?.balance ?? '0.00', debt };
  }

  /** Subjects of the mails that this address has, newest first. */
  async mails(): Promise<string[]> {
    const answer = await this.shop.client.get(`/dev/mailbox?to=${this.email}`, {
      headers: { Accept: 'application/json' },
    });
    return answer.body.items.map(({ subject }: { subject: string }) => subject);
  }
}

/** A site as a test of money uses it: a clock that stands still, an admin, buyers. */
export class Shop {
  readonly client: Client;
  /** How often the clock was moved: sessions made before are renewed. */
  moves = 0;
  private boss: Buyer | null = null;

  constructor(client = new Client()) {
    this.client = client;
  }

  /** The machine's time stops, so that amounts are exact to the second; only {@link at} and {@link pass} move it. */
  async open(time: string): Promise<this> {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    await this.at(time);
    return this;
  }

  async at(time: string | number): Promise<void> {
    const moved = await this.client.put('/dev/clock', { at: new Date(time).toISOString() });
    expect(moved.status, JSON.stringify(moved.body)).toBe(200);
    this.moves += 1;
  }

  async pass(seconds: number): Promise<void> {
    await this.at((await this.now()) + seconds * 1000);
  }

  async now(): Promise<number> {
    return Date.parse((await this.client.get('/dev/clock')).body.now);
  }

  cron = () => runCron('*/5 * * * *');

  async buyer(): Promise<Buyer> {
    return new Buyer(this, await newHuman(this.client));
  }

  async admin(): Promise<Buyer> {
    if (!this.boss) {
      this.boss = await this.buyer();
      await db.prepare("update users set role = 'admin' where id = ?").bind(this.boss.id).run();
    }
    return this.boss;
  }

  /** A plan of the test's own; gives its id. */
  async plan(fields: object): Promise<string> {
    const body = { name: 'Test plan', type: 'personal', ...fields };
    return dataOf(await (await this.admin()).post('/admin/v1/membership/plans', body)).plan_id;
  }

  /** Puts money into a wallet, by hand. */
  async fund(owner: { id: string }, amount: string): Promise<void> {
    const body = { asset: 'CNY', amount, reason: 'a test', reference: crypto.randomUUID() };
    dataOf(await (await this.admin()).post(`/admin/v1/wallets/${owner.id}/adjust`, body));
  }

  /** Makes a kind of voucher and gives one to a user. */
  async voucher(owner: { id: string }, fields: object = {}): Promise<string> {
    const type = await this.voucherType(fields);
    const admin = await this.admin();
    const { items } = dataOf(await admin.post(`/admin/v1/vouchers/${type}/issue`, { user_ids: [owner.id] }));
    return items[0].voucher_id;
  }

  async voucherType(fields: object = {}): Promise<string> {
    const body = { type: 'fixed', value: '20.00', min_amount: '0.00', ...LONG, ...fields };
    return dataOf(await (await this.admin()).post('/admin/v1/vouchers', body)).voucher_type_id;
  }

  refund = async (order: string, fields: object = {}) =>
    (await this.admin()).post(`/admin/v1/orders/${order}/refund`, { reason: 'a test', ...fields });

  /** An order as admins see it. */
  detail = async (order: string) => dataOf(await (await this.admin()).get(`/admin/v1/orders/${order}`));

  /** Payments kept aside in a state, of one order. */
  async aside(state: string, order: string) {
    const admin = await this.admin();
    const { items } = dataOf(await admin.get(`/admin/v1/payments?state=${state}&page_size=100`));
    return items.filter((one: { order_id: string }) => one.order_id === order);
  }

  /** A notification as the sandbox would send it, or as a forger would. */
  async notice(
    fields: object,
    { secret = bindings.SANDBOX_SECRET, age = 0, tampered = '' } = {},
  ): Promise<{ raw: string; headers: Record<string, string> }> {
    const body = JSON.stringify({ currency: 'CNY', state: 'paid', ...fields });
    const seconds = Math.floor((await this.now()) / 1000) - age;
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const digest = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${seconds}.${body}`));
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return {
      raw: body + tampered,
      headers: { 'Content-Type': 'application/json', 'X-Sandbox-Signature': `t=${seconds},v1=${hex}` },
    };
  }

  async notify(
    fields: object,
    { path = 'sandbox/default', ...how }: { path?: string } & Parameters<Shop['notice']>[1] = {},
  ): Promise<Answer> {
    return this.client.send('POST', `/api/v1/payments/${path}/notify`, await this.notice(fields, how));
  }
}

/** For the plans that tests buy, and in a window that every test falls into. */
const LONG = {
  plans: ['plan_basic', 'plan_premium'],
  starts_at: '2020-01-01T00:00:00Z',
  ends_at: '2040-01-01T00:00:00Z',
};

/** Every wallet is the sum of its entries, at its end and after each of them. */
export async function expectLedgerSums(): Promise<void> {
  const { results: sums } = await db
    .prepare(
      `select owner, asset, balance - debt as have, coalesce((select sum(amount) from wallet_entries e
         where e.owner = b.owner and e.asset = b.asset), 0) as booked from wallet_balances b`,
    )
    .all<{ have: number; booked: number }>();
  for (const row of sums) expect(row.booked, JSON.stringify(row)).toBe(row.have);
  const { results: wrong } = await db
    .prepare(
      `select * from (select *, sum(amount) over (partition by owner, asset order by id) as running
         from wallet_entries) where running <> balance_after`,
    )
    .all();
  expect(wrong).toEqual([]);
  const orphans = await db
    .prepare(
      `select count(*) as n from wallet_entries e where not exists (select 1 from wallet_balances b
         where b.owner = e.owner and b.asset = e.asset)`,
    )
    .first('n');
  expect(orphans).toBe(0);
}
