import { once } from 'node:events';
import { createServer } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { failedStart, newPlace, type Started, start } from '../support/started.ts';

interface Clock {
  offset_seconds: number;
  now: string;
}

interface Quota {
  limits: { metric: string; used: number }[];
}

/** Platform, spec, "Local runs": `kill -9`, start again, and nothing is lost. */
describe('npm start after an end of any kind', () => {
  const spent = { tokens: 12_345, request_id: 'before-the-kill', model: 'gpt-4o' };
  let server: Started;
  let token: string;
  let kept: Awaited<ReturnType<typeof look>>;

  beforeAll(async () => {
    server = await start();
    // Noon of the next day: neither the day's quota nor the token ends while this file runs.
    const noon = Math.ceil(Date.now() / 86_400_000) * 86_400 + 43_200;
    const offset_seconds = noon - Math.floor(Date.now() / 1000);
    expect(await server.send('PUT', '/dev/clock', { body: { offset_seconds } })).toMatchObject({
      status: 200,
      body: { offset_seconds },
    });
    token = await server.signIn();
    const wish = { plan_id: 'plan_basic', period: 'monthly' };
    await server.data('POST', '/api/v1/membership/subscribe', { token, body: wish });
    kept = { ...(await look()), used: spent.tokens };
    // The last thing before the first kill, which leaves it no idle moment to be written down in.
    expect((await consume()).status).toBe(200);
  });

  it('names the workerd that a killed start left behind, ends it and goes on', async () => {
    const killed = server;
    const leftOver = killed.workerds();
    expect(leftOver).toHaveLength(1);
    await killed.kill();
    expect(killed.workerds()).toEqual(leftOver);
    expect((await killed.send('GET', '/healthz')).status).toBe(200);

    await startAgain();
    expect(server.printed()).toMatch(new RegExp(`left over.*\\b${leftOver[0]}\\b`));
    await expect.poll(() => killed.workerds()).toEqual([]);
    await expectNothingLost();
  });

  it('goes on after everything was killed', async () => {
    await server.killAll();
    await startAgain();
    await expectNothingLost();
  });

  it('goes on after an orderly stop, which leaves nothing behind', async () => {
    const stopped = server;
    await stopped.stop();
    await startAgain();
    expect(stopped.workerds()).toEqual([]);
    expect(server.printed()).not.toContain('left over');
    await expectNothingLost();
  });

  it('refuses to turn the test clock back, and leaves it where it is', async () => {
    const before = await clock();
    const back = { offset_seconds: before.offset_seconds - 1 };
    expect(await server.send('PUT', '/dev/clock', { body: back })).toMatchObject({
      status: 409,
      body: { code: 40_917, error: 'clock_backwards' },
    });
    expect((await clock()).offset_seconds).toBe(before.offset_seconds);
  });

  it('fails while it runs already, naming the process that does, which goes on', async () => {
    const refusal = await failedStart(server.place);
    expect(refusal).toMatch(new RegExp(`running.*\\b${server.process.pid}\\b`));
    await expectNothingLost();
  });

  /** What a restart must keep. */
  async function look() {
    const orders = await server.data<{ total: number }>('GET', '/api/v1/orders', { token });
    const { limits } = await server.data<Quota>('GET', '/api/v1/quota', { token: server.demo.apiKey });
    return {
      offset: (await clock()).offset_seconds,
      used: limits.find(({ metric }) => metric === 'tpd')?.used,
      orders: orders.total,
      admin: server.admin,
      demo: server.demo,
    };
  }

  async function expectNothingLost(): Promise<void> {
    expect(await look()).toEqual(kept);
    expect(await consume()).toMatchObject({ status: 200, body: { data: { tokens: spent.tokens } } });
    expect(await look()).toEqual(kept);
  }

  async function startAgain(): Promise<void> {
    const before = Date.now() + kept.offset * 1000;
    server = await server.again();
    expect(Date.parse((await clock()).now)).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
  }

  const consume = () =>
    server.send('POST', '/api/v1/quota/consume', { token: server.demo.apiKey, body: spent });
  const clock = async () => (await server.send<Clock>('GET', '/dev/clock')).body;
});

describe('npm start on a port that is not its own', () => {
  it('names another’s process, says what to do and leaves it alone', async () => {
    const place = await newPlace();
    const other = createServer((_, response) => response.end('mine')).listen(place.port, '127.0.0.1');
    await once(other, 'listening');
    try {
      const refusal = await failedStart(place);
      expect(refusal).toContain('did not start');
      expect(refusal).toMatch(new RegExp(`${place.port}.*\\b${process.pid}\\b`));
      expect(refusal).toContain(`kill ${process.pid}`);
      expect(refusal).toMatch(/PORT=\d+ npm start/);
      expect(await (await fetch(`http://localhost:${place.port}`)).text()).toBe('mine');
    } finally {
      other.close();
    }
  });

  it('comes up once where it is started twice at the same moment; the other names it', async () => {
    const place = await newPlace({ BUNDLE: '' });
    const both = await Promise.allSettled([start(place), start(place)]);
    const [up, ...more] = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(more.map((one) => one.process.pid)).toEqual([]);
    expect((await up?.send('GET', '/healthz'))?.status).toBe(200);
    const refusals = both.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    expect(refusals).toEqual([expect.stringMatching(new RegExp(`\\b${up?.process.pid}\\b`))]);
  });
});
