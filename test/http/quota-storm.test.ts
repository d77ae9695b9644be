import { env, evictDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '../../src/kernel/clock.ts';
import type {
  Admission,
  Denied,
  EndRequest,
  Refusal,
  ReserveRequest,
  Settlement,
} from '../../src/kernel/quota.ts';
import type { QuotaObjectBase } from '../../src/quota/object.ts';
import { type Answer, Client } from '../support/client.ts';
import { doorWith, type Failure, laggingKv, runCron, Storm } from '../support/doors.ts';
import { type Buyer, dataOf, Shop } from '../support/money.ts';
import { scriptsOf, Tally } from '../support/scripts.ts';

/**
 * Reservations over HTTP where calls of the quota object fail in every way, before and after they are carried out, the object
 * is evicted, keys and people are switched off, time passes, and KV says what was true five minutes ago: against a small model.
 */

const bindings = env as unknown as { KV: KVNamespace; QUOTA: DurableObjectNamespace<QuotaObjectBase> };
const storm = new Storm();
let clock = 0;
const client = new Client({
  door: doorWith({
    KV: laggingKv(bindings.KV, 5 * MINUTE, () => clock),
    QUOTA: storm.over(bindings.QUOTA),
  }),
});
const shop = new Shop(client);
const SCRIPTS = scriptsOf(10);
const tally = new Tally();
const LIMIT = 1000;
const TTL = 600 * SECOND;

type Operation =
  | { kind: 'reserve' | 'consume'; name: number | null; tokens: number; failures: Failure[] }
  | { kind: 'settle' | 'release'; which: number; share: number; failures: Failure[] }
  | { kind: 'switch'; what: 'key' | 'person'; failures: Failure[] }
  | { kind: 'wait'; span: number | 'midnight' }
  | { kind: 'evict' };

const failures = fc.array(
  fc.constantFrom<Failure>(
    ...(['none', 'none', 'before', 'after', 'before, retryable', 'after, retryable', 'overloaded'] as const),
  ),
  { maxLength: 2 },
);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('reserve', 'reserve', 'consume'),
      name: fc.option(fc.nat(3)),
      tokens: fc.constantFrom(50, 100, 300),
      failures,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('settle', 'release'),
      which: fc.nat(9),
      share: fc.constantFrom(0, 0.5, 1),
      failures,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('switch' as const),
      what: fc.constantFrom('key', 'person'),
      failures,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      span: fc.constantFrom<number | 'midnight'>(SECOND, 11 * SECOND, 61 * SECOND, 700 * SECOND, 'midnight'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('evict' as const) }) },
);

/** What the object admitted, told or not. */
interface Hold {
  tokens: number;
  madeAt: number;
  expiresAt: number;
  state: 'held' | 'settled' | 'released';
  settled: number;
  /** In whose day it counts. */
  bookedAt: number;
}

const dayOf = (time: number) => Math.floor(time / DAY);

/** One person with keys, and what their quota is by the spec. */
class Course {
  private readonly person: Buyer;
  private readonly holds = new Map<string, Hold>();
  /** On the wire, of what was told, and when it was made. */
  private readonly ids: { id: string; madeAt: number }[] = [];
  /** Keys that were deleted. */
  private readonly dead: string[] = [];
  private key = { api_key: '', key_id: '' };
  /** `unsure`: a change was answered 503, so it is not known everywhere before the next minute. */
  private keyIs: 'live' | 'dead' | 'unsure' = 'dead';
  private personIs: 'active' | 'frozen' = 'active';
  /** After an eviction the object may hold more than was handed out, until that would have run out; never less. */
  private fearedUntil = 0;
  /** Requests that were told no more than 503, each with what would tell. */
  private readonly unknown = new Map<string, () => Promise<Answer>>();

  constructor(person: Buyer) {
    this.person = person;
  }

  async run(operation: Operation): Promise<void> {
    if (this.keyIs === 'dead' && this.personIs === 'active') await this.newKey();
    switch (operation.kind) {
      case 'reserve':
      case 'consume':
        await this.spend(operation);
        break;
      case 'settle':
      case 'release':
        await this.end(operation);
        break;
      case 'switch':
        if (operation.what === 'key') await this.deleteKey(operation.failures);
        else await this.freeze(operation.failures);
        break;
      case 'wait':
        await this.wait(operation.span);
        break;
      case 'evict':
        this.fearedUntil = clock + 2 * TTL;
        await evictDurableObject(bindings.QUOTA.get(bindings.QUOTA.idFromName(`default:${this.person.id}`)));
    }
    await this.check();
  }

  /** Whoever was not told asks again, and is; then nothing is held that nobody holds. */
  async finish(): Promise<void> {
    await this.wait(MINUTE);
    for (const ask of this.unknown.values()) {
      const { status, body } = await ask();
      expect(status, JSON.stringify(body)).not.toBe(503);
    }
    await this.check();
    await this.wait(3 * TTL);
    await this.check();
    const { used, reserved } = await this.shown();
    expect([used, reserved]).toEqual([this.sums().used, 0]);
  }

  /** What is shown is what was carried out: to the token, except that an eviction makes it careful. */
  private async check(): Promise<void> {
    const { used, reserved } = await this.shown();
    const meant = this.sums();
    expect(used).toBe(meant.used);
    if (clock < this.fearedUntil) expect(reserved).toBeGreaterThanOrEqual(meant.reserved);
    else expect(reserved).toBe(meant.reserved);
    expect(meant.used + meant.reserved).toBeLessThanOrEqual(LIMIT);
  }

  private async shown(): Promise<{ used: number; reserved: number }> {
    const { limits } = dataOf(await this.person.get('/api/v1/quota'));
    return limits[0];
  }

  private sums(): { used: number; reserved: number } {
    const sum = { used: 0, reserved: 0 };
    for (const one of this.holds.values()) {
      if (dayOf(one.bookedAt) !== dayOf(clock)) continue;
      if (one.state === 'settled') sum.used += one.settled;
      if (one.state === 'held' && one.expiresAt > clock) sum.reserved += one.tokens;
    }
    return sum;
  }

  /** Asks while calls fail in these ways, and books what was carried out. */
  private async during(how: Failure[], ask: () => Promise<Answer>): Promise<Answer> {
    storm.carried = [];
    storm.next = [...how];
    const answer = await ask();
    const left = storm.next.length;
    storm.next = [];
    for (const { method, parameters, result } of storm.carried) this.book(method, parameters, result);
    // Who is asked at all, and is told nothing, is told so.
    const used = how.slice(0, how.length - left);
    const isLost = used.some((one) => one !== 'none');
    if (answer.status === 503) expect(isLost, JSON.stringify(how)).toBe(true);
    if (answer.status < 300 && isLost) tally.count('retried');
    expect(answer.status, JSON.stringify(answer.body)).not.toBe(500);
    return answer;
  }

  private book(method: string, parameters: unknown[], result: unknown): void {
    const outcome = result as Admission | Refusal | Settlement | Denied | undefined;
    if (method === 'reserve')
      this.bookReserve(parameters[1] as ReserveRequest, outcome as Admission | Refusal);
    if (method !== 'settle' && method !== 'release') return;
    if (outcome?.outcome !== 'settled' && outcome?.outcome !== 'released') return;
    const { reservation } = parameters[1] as EndRequest;
    const hold = this.holds.get(nameOf(reservation));
    if (!hold) throw new Error(`${reservation.id} was never admitted`);
    if (hold.state !== 'held') return;
    hold.state = outcome.outcome;
    hold.settled = outcome.settled;
    // What comes late is booked when it comes.
    if (hold.expiresAt <= clock) hold.bookedAt = clock;
  }

  private bookReserve(request: ReserveRequest, outcome: Admission | Refusal): void {
    const { used, reserved } = this.sums();
    const fits = used + reserved + request.tokens <= LIMIT;
    if (outcome.outcome === 'refused' && clock >= this.fearedUntil) expect(fits).toBe(false);
    if (outcome.outcome !== 'admitted') return;
    const { reservation } = outcome;
    const before = this.holds.get(nameOf(reservation));
    if (!before) expect(fits, `${used} + ${reserved} + ${request.tokens} of ${LIMIT}`).toBe(true);
    const hold = before ?? {
      tokens: reservation.tokens,
      madeAt: reservation.madeAt,
      expiresAt: reservation.expiresAt,
      state: 'held' as const,
      settled: 0,
      bookedAt: reservation.madeAt,
    };
    this.holds.set(nameOf(reservation), hold);
    if (request.settle && hold.state === 'held')
      Object.assign(hold, { state: 'settled', settled: hold.tokens });
  }

  /** Whoever is known to be dead or frozen is refused, however old what KV says is. */
  private isRefused({ status, body }: Answer): boolean {
    const told = `${this.keyIs}, ${this.personIs}: ${status} ${JSON.stringify(body)}`;
    const isRefused = status === 401 || status === 403;
    if (this.keyIs === 'dead') expect(status, told).toBe(401);
    else if (this.personIs === 'frozen') expect(isRefused, told).toBe(true);
    else if (this.keyIs === 'live' && this.personIs === 'active') expect(isRefused, told).toBe(false);
    return isRefused;
  }

  private send = (method: string, path: string, body?: object) =>
    client.send(method, path, { token: this.key.api_key, ...(body ? { body } : {}) });

  private async spend({ kind, name, tokens, failures: how }: Of<'reserve' | 'consume'>): Promise<void> {
    const { key_id } = this.key;
    const request = kind === 'consume' || name !== null ? `${kind}-${name ?? crypto.randomUUID()}` : null;
    const body = { tokens, ...(request ? { request_id: request } : {}) };
    const path = kind === 'consume' ? '/api/v1/quota/consume' : '/api/v1/quota/reservations';
    const { api_key } = this.key;
    const ask = () => client.send('POST', path, { token: api_key, body });
    const answer = await this.during(how, ask);
    if (answer.status === 503) {
      if (request) this.unknown.set(`${key_id}-${request}`, () => this.during([], ask));
      return;
    }
    if (this.isRefused(answer)) return;
    if (kind === 'reserve' && answer.status === 201)
      this.ids.push({ id: answer.body.data.reservation_id, madeAt: clock });
    tally.count(`${kind} ${answer.status}`);
    const isKnown = [200, 201, 400, 409, 429].includes(answer.status);
    expect(isKnown, JSON.stringify(answer.body)).toBe(true);
    if (answer.status === 400) expect(answer.body.error).toBe('quota_never_fits');
  }

  private async end({ kind, which, share, failures: how }: Of<'settle' | 'release'>): Promise<void> {
    const held = this.ids.at(-1 - which) ?? this.ids[0];
    if (!held) return;
    const { id, madeAt } = held;
    const path = `/api/v1/quota/reservations/${id}`;
    const ask =
      kind === 'settle'
        ? () => this.send('POST', `${path}/settle`, { tokens: Math.floor(50 * share) })
        : () => this.send('DELETE', path);
    const answer = await this.during(how, ask);
    if (answer.status === 503) this.unknown.set(`${kind}-${id}`, () => this.during([], ask));
    else {
      // What was made is known for a day; who may not begin anything may still end it.
      const statuses = madeAt + DAY > clock ? [200, 409] : [200, 404, 409];
      if (this.keyIs === 'live' && this.personIs === 'active')
        expect(statuses, JSON.stringify(answer.body)).toContain(answer.status);
      tally.count(`${kind} ${answer.status}`);
    }
  }

  private async newKey(): Promise<void> {
    const body = { name: 'k', key_type: 'production' };
    this.key = dataOf(await this.person.post('/api/v1/users/me/apikeys', body));
    this.keyIs = 'live';
  }

  private async deleteKey(how: Failure[]): Promise<void> {
    const { status } = await this.during(how, () =>
      this.person.delete(`/api/v1/users/me/apikeys/${this.key.key_id}`),
    );
    expect([200, 404, 503]).toContain(status);
    if (status === 200 || status === 404) this.keyIs = 'dead';
    else this.keyIs = 'unsure';
    this.dead.push(this.key.api_key);
    // On the next request.
    if (this.keyIs === 'dead') this.isRefused(await this.send('GET', '/api/v1/quota'));
  }

  /** Freezes, asks, and thaws. */
  private async freeze(how: Failure[]): Promise<void> {
    const admin = await shop.admin();
    const set = (status: string) =>
      admin.put(`/admin/v1/users/${this.person.id}/status`, { status, reason: 'a test' });
    const { status } = await this.during(how, () => set('frozen'));
    expect([200, 503]).toContain(status);
    if (status === 200) {
      this.personIs = 'frozen';
      this.isRefused(await this.send('GET', '/api/v1/quota'));
      this.isRefused(await this.send('POST', '/api/v1/quota/reservations', { tokens: 1 }));
    }
    dataOf(await set('active'));
    this.personIs = 'active';
  }

  private async wait(span: number | 'midnight'): Promise<void> {
    clock = span === 'midnight' ? (dayOf(clock) + 1) * DAY : clock + span;
    await shop.at(clock);
    if (span === 'midnight' || span >= MINUTE) {
      // What an object could not be told is repaired within the minute.
      await runCron('* * * * *');
      if (this.keyIs === 'unsure') this.keyIs = 'dead';
    }
    // However long KV goes on to say something else of them.
    for (const token of this.keyIs === 'unsure' ? this.dead.slice(0, -1) : this.dead) {
      const { status } = await client.post('/api/v1/quota/reservations', { tokens: 1 }, { token });
      expect(status).toBe(401);
      tally.count('dead');
    }
  }
}

const nameOf = ({ id, madeAt }: { id: string; madeAt: number }) => `${id}@${madeAt}`;
type Of<K> = Extract<
  Operation,
  { kind: K extends 'reserve' | 'consume' ? 'reserve' | 'consume' : 'settle' | 'release' }
>;

describe('a quota in a storm', () => {
  let plan = '';

  beforeAll(async () => {
    await shop.open('2027-02-01T06:00:00Z');
    clock = await shop.now();
    plan = await shop.plan({ price_monthly: '1.00', benefits: [{ key: 'tpd', value: LIMIT }] });
  });

  it('is what was carried out: never over-admitted, never a phantom', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operations, { minLength: 5, maxLength: 30, size: 'max' }), async (script) => {
        const person = await shop.buyer();
        await person.buy(plan);
        const course = new Course(person);
        for (const operation of script) await course.run(operation);
        await course.finish();
      }),
      SCRIPTS,
    );
    tally.expectEach(
      'reserve 201',
      'reserve 429',
      'consume 200',
      'settle 200',
      'release 200',
      'retried',
      'dead',
    );
  });
});
