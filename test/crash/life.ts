import type { Login, Send, Started } from '../support/started.ts';

/** What somebody asked for, and whether it was answered before everything ended. */
interface Act<T> {
  answered: T | null;
}

interface Order {
  order_id: string;
  kind: string;
  status: string;
}

interface Quota {
  limits: { metric: string; limit: number; used: number; reserved: number }[];
}

const FUNDS = '100.00';
/** What is left of that after a month of the basic plan. */
const LEFT = '51.00';
const MODEL = 'gpt-4o';
const PASSWORD = 'Crash12345';

let count = 0;

/**
 * Somebody who registers, puts money in, buys a plan and spends tokens, and remembers what they asked and what they were
 * told. What fails in between is asked once more after the restart, as a client would: under the same keys.
 */
export class Life {
  readonly name: string;
  private readonly acts = new Map<string, Act<unknown>>();
  /** Tokens of what was spent, by request id. */
  private readonly spends = new Map<string, { tokens: number; act: Act<unknown> }>();
  private keys = 0;

  constructor() {
    count += 1;
    this.name = `life-${count}-${Math.random().toString(36).slice(2, 8)}`;
  }

  private get login(): Login {
    return { email: `${this.name}@example.com`, password: PASSWORD };
  }

  /** Registers and signs in, and no more. */
  async begin(server: Started): Promise<void> {
    await this.act('register', () => this.register(server));
    await this.signIn(server);
  }

  /** Says that something was answered which was not: a check must see it. */
  claim(name: string): void {
    this.acts.set(name, { answered: true });
  }

  /** How much of it was answered: what a restart must not lose. */
  get answers(): number {
    const acts = [...this.acts.values(), ...[...this.spends.values()].map(({ act }) => act)];
    return acts.filter(({ answered }) => answered !== null).length;
  }

  /**
   * Goes on until `spends` things were spent, or the server is gone (then it throws). What was spent is spent again under its
   * request id, which must change nothing.
   */
  async live(server: Started, spends: number): Promise<void> {
    await this.begin(server);
    const token = await this.signIn(server);
    const topup = await this.act('topup', () =>
      this.ordered(server, token, 'topup', '/api/v1/wallet/topups', { amount: FUNDS }),
    );
    await this.act('fund', () => cashier(server, topup));
    const order = await this.act('subscribe', () =>
      this.ordered(server, token, 'subscribe', '/api/v1/membership/subscribe', {
        plan_id: 'plan_basic',
        period: 'monthly',
      }),
    );
    await this.act('pay', () => this.pay(server, token, order));
    const key = await this.act('key', () => this.newKey(server, token));
    for (const [id, { tokens }] of this.spends) await this.spend(server, key, id, tokens);
    for (let index = this.spends.size; index < spends; index += 1)
      await this.spend(server, key, `${this.name}-${index}`, 100 + index);
  }

  /** Throws where something that was answered is not there, or something is there twice. */
  async check(server: Started): Promise<void> {
    if (!this.has('register')) return;
    const token = await this.signIn(server);
    const { items } = await server.data<{ items: Order[] }>('GET', '/api/v1/orders', { token });
    for (const [kind, made, paid] of [
      ['topup', 'topup', 'fund'],
      ['subscribe', 'subscribe', 'pay'],
    ] as const) {
      const found = items.filter((one) => one.kind === kind);
      this.expect(found.length <= 1, `${found.length} orders (${kind})`);
      this.expect(!this.has(made) || found.length === 1, `the order (${kind}) is gone`);
      this.expect(!this.has(paid) || found[0]?.status === 'paid', `the payment (${kind}) is gone`);
      this.expect(this.asked(paid) || found[0]?.status !== 'paid', `nobody paid (${kind})`);
    }
    await this.checkMoney(server, token);
    const key = this.told<string>('key');
    if (!key) return;
    const spends = [...this.spends.values()];
    const answered = sum(spends.filter(({ act }) => act.answered !== null).map(({ tokens }) => tokens));
    const asked = sum(spends.map(({ tokens }) => tokens));
    const used = await usedToday(server, key);
    this.expect(used >= answered, `${used} tokens counted, ${answered} were answered`);
    this.expect(used <= asked, `${used} tokens counted, ${asked} were asked for`);
  }

  /** Asks once more, and throws where it is then not exactly as if nothing had happened. */
  async finish(server: Started): Promise<void> {
    await this.live(server, this.spends.size);
    await this.check(server);
    const token = await this.signIn(server);
    const { items } = await server.data<{ items: { balance: string }[] }>('GET', '/api/v1/wallet', { token });
    this.expect(items[0]?.balance === LEFT, `${items[0]?.balance} is left, not ${LEFT}`);
    const { status } = await server.data<{ status: string }>('GET', '/api/v1/membership/me', { token });
    this.expect(status === 'active', `the membership is ${status}`);
    const spent = sum([...this.spends.values()].map(({ tokens }) => tokens));
    const used = await usedToday(server, this.told<string>('key') ?? '');
    this.expect(used === spent, `${used} tokens counted, ${spent} were spent`);
    const usage = await server.data<{ total_tokens: number; items: { requests: number }[] }>(
      'GET',
      '/api/v1/usage',
      { token },
    );
    const requests = sum(usage.items.map((one) => one.requests));
    const told = `${usage.total_tokens} tokens in ${requests} requests of usage`;
    this.expect(usage.total_tokens === spent, `${told}, ${spent} were spent`);
    this.expect(requests === this.spends.size, `${told}, there were ${this.spends.size}`);
  }

  /** What the wallet has follows from what was paid in and out, each once. */
  private async checkMoney(server: Started, token: string): Promise<void> {
    const { items } = await server.data<{
      items: { amount: string; reason: string; balance_after: string }[];
    }>('GET', '/api/v1/wallet/entries', { token });
    for (const reason of ['topup', 'order']) {
      const entries = items.filter((one) => one.reason === reason);
      this.expect(entries.length <= 1, `${entries.length} wallet entries of ${reason}`);
      const has = this.has(reason === 'topup' ? 'fund' : 'pay');
      this.expect(!has || entries.length === 1, `the wallet entry of ${reason} is gone`);
    }
    const balance = items[0]?.balance_after ?? '0.00';
    const booked = sum(items.map(({ amount }) => Number(amount)));
    this.expect(Number(balance) === booked, `${balance} in the wallet, ${booked} booked`);
  }

  private async register(server: Started): Promise<true> {
    const body = await registrationOf(server, this.login);
    const answer = await server.send<Refused>('POST', '/api/v1/users/register', { body });
    // It was registered, and the answer was lost.
    const again = answer.status === 409 && answer.body.error === 'email_taken';
    this.expect(answer.status === 201 || again, `register: ${answer.status} ${JSON.stringify(answer.body)}`);
    return true;
  }

  /** A session is one of the things that outlive a kill. */
  private async signIn(server: Started): Promise<string> {
    return this.act('sign in', () => server.signIn(this.login));
  }

  /** An order, made once under its key; gives its id. */
  private async ordered(
    server: Started,
    token: string,
    kind: string,
    path: string,
    body: object,
  ): Promise<string> {
    const made = await this.once<{ order_id: string }>(server, path, `${this.name}-${kind}`, { token, body });
    if (made) return made.order_id;
    const { items } = await server.data<{ items: Order[] }>('GET', '/api/v1/orders', { token });
    const found = items.filter((one) => one.kind === kind);
    this.expect(found.length === 1, `${found.length} orders (${kind}), which were answered as made`);
    return found[0]?.order_id ?? '';
  }

  private async pay(server: Started, token: string, order: string): Promise<true> {
    const body = { provider: 'wallet' };
    await this.once(server, `/api/v1/orders/${order}/pay`, `${this.name}-pay`, { token, body });
    const { status } = await server.data<Order>('GET', `/api/v1/orders/${order}`, { token });
    this.expect(status === 'paid', `the order is ${status}`);
    return true;
  }

  /** A key is shown once: where that answer was lost, another one is made. */
  private async newKey(server: Started, token: string): Promise<string> {
    for (;;) {
      const body = { name: 'crash', key_type: 'production' };
      const key = `${this.name}-key-${this.keys}`;
      const made = await this.once<{ api_key: string }>(server, '/api/v1/users/me/apikeys', key, {
        token,
        body,
      });
      if (made) return made.api_key;
      this.keys += 1;
    }
  }

  /** Consumes, or reserves and settles, under a request id. */
  private async spend(server: Started, key: string, id: string, tokens: number): Promise<void> {
    const known = this.spends.get(id) ?? { tokens, act: { answered: null } };
    this.spends.set(id, known);
    const asked = { token: key, body: { tokens, model: MODEL, request_id: id } };
    if (tokens % 2 === 0) {
      known.act.answered = await server.data('POST', '/api/v1/quota/consume', asked);
      return;
    }
    // What was settled is no hold that could be reserved again; its id is good for as long.
    const held = this.act(`reserve ${id}`, () =>
      server.data<{ reservation_id: string }>('POST', '/api/v1/quota/reservations', {
        ...asked,
        body: { ...asked.body, tokens: tokens * 2 },
      }),
    );
    const path = `/api/v1/quota/reservations/${(await held).reservation_id}/settle`;
    known.act.answered = await server.data('POST', path, { token: key, body: { tokens } });
  }

  /** Under an Idempotency-Key; null where it was done before, and its answer is lost. */
  private async once<T>(server: Started, path: string, key: string, send: Send): Promise<T | null> {
    const headers = { 'Idempotency-Key': key };
    const { status, body } = await server.send<{ data: T } & Refused>('POST', path, { ...send, headers });
    if (status === 409 && body.error === 'idempotency_answer_lost') return null;
    this.expect(status < 300, `POST ${path}: ${status} ${JSON.stringify(body)}`);
    return body.data;
  }

  /** What is answered is not asked again. */
  private async act<T>(name: string, ask: () => Promise<T>): Promise<T> {
    const before = this.acts.get(name) as Act<T> | undefined;
    if (before?.answered != null) return before.answered;
    const act: Act<T> = { answered: null };
    this.acts.set(name, act);
    act.answered = await ask();
    return act.answered;
  }

  private asked = (name: string) => this.acts.has(name);
  private has = (name: string) => this.told(name) !== null;
  private told<T>(name: string): T | null {
    return (this.acts.get(name)?.answered ?? null) as T | null;
  }

  private expect(holds: boolean, otherwise: string): void {
    if (!holds) throw new Broken(`${this.name}: ${otherwise}`);
  }
}

/** A promise that was not kept. */
class Broken extends Error {}

interface Refused {
  error?: string;
}

async function registrationOf(server: Started, { email, password }: Login): Promise<object> {
  const sealed = await server.encrypt(password);
  return { user_type: 'personal', email, ...sealed, captcha_token: await server.captcha() };
}

async function cashier(server: Started, order: string): Promise<true> {
  const { status, body } = await server.send<{ status: string }>('POST', `/dev/cashier/${order}`, {
    raw: 'action=pay',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
  });
  if (status !== 200) throw new Broken(`the cashier answered ${status} ${JSON.stringify(body)}`);
  return true;
}

async function usedToday(server: Started, key: string): Promise<number> {
  const { limits } = await server.data<Quota>('GET', '/api/v1/quota', { token: key });
  return limits.find(({ metric }) => metric === 'tpd')?.used ?? -1;
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** Somebody who asks for more than there is, all the time. */
export class Glutton {
  /** When, and how much. */
  private readonly admitted: { at: number; tokens: number }[] = [];
  private readonly key: string;
  private readonly limit: number;

  /** More than this within a minute is too much. */
  private readonly most: number;

  private constructor(key: string, limit: number, most: number) {
    this.key = key;
    this.limit = limit;
    this.most = most;
  }

  /** A user of the plan that costs nothing, which allows little in a minute; as they know it, a `share` of that. */
  static async make(server: Started, share = 1): Promise<Glutton> {
    const login = { email: `glutton-${Math.random().toString(36).slice(2)}@example.com`, password: PASSWORD };
    const registration = await registrationOf(server, login);
    await server.data('POST', '/api/v1/users/register', { body: registration });
    const token = await server.signIn(login);
    const body = { name: 'crash', key_type: 'production' };
    const { api_key } = await server.data<{ api_key: string }>('POST', '/api/v1/users/me/apikeys', {
      token,
      body,
    });
    const { limits } = await server.data<Quota>('GET', '/api/v1/quota', { token: api_key });
    const limit = limits.find(({ metric }) => metric === 'tpm')?.limit;
    if (!limit) throw new Broken('the free plan has no limit of a minute');
    return new Glutton(api_key, limit, limit * share);
  }

  /** Asks again and again, until the server is gone (then it throws) or nothing more is admitted. */
  async press(server: Started): Promise<void> {
    const tokens = Math.ceil(this.limit / 15);
    let refused = 0;
    while (refused < 5) {
      const answer = await server.send<{ data: { reservation_id: string } }>(
        'POST',
        '/api/v1/quota/reservations',
        {
          token: this.key,
          body: { tokens, model: MODEL },
        },
      );
      if (answer.status === 429) {
        refused += 1;
        continue;
      }
      if (answer.status !== 201) throw new Broken(`a reservation was answered ${answer.status}`);
      this.admitted.push({ at: Date.now(), tokens });
      // Well within a minute of the server's, since an answer takes its time.
      const recent = this.admitted.filter(({ at }) => at > Date.now() - 45_000);
      const total = sum(recent.map((one) => one.tokens));
      if (total > this.most) throw new Broken(`${total} of ${this.most} tokens were admitted`);
      const path = `/api/v1/quota/reservations/${answer.body.data.reservation_id}/settle`;
      if (this.admitted.length % 2 === 0)
        await server.data('POST', path, { token: this.key, body: { tokens } });
    }
  }
}
