import { cpSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPlace, type Started, start } from '../support/started.ts';
import { Glutton, Life } from './life.ts';

/**
 * The built Worker in workerd, ended by `kill -9` at any moment while people register, pay and spend, and started again on
 * what is left: all that was answered is there, nothing is there twice, and no limit was passed.
 */

const ROUNDS = Number(process.env.ROUNDS ?? 1);
const SEED = Number(process.env.SEED ?? 20_261_120);
const LIVES = 4;
const PRESSES = 3;
/** A claim of an Idempotency-Key lapses after a minute; so does the minute of a quota. */
const A_MINUTE_LATER = 61;

const Moment = fc.record({ answers: fc.oneof(fc.nat(30), fc.nat(300)), after: fc.nat(60) });

let server: Started;

beforeAll(async () => {
  server = await start();
  // Tomorrow at six: no day ends within a run.
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await moved({ at: `${tomorrow}T06:00:00Z` });
}, 120_000);

async function moved(body: object): Promise<void> {
  expect((await server.send('PUT', '/dev/clock', { body })).status).toBe(200);
}

/** When everything is killed: so many milliseconds after so many answers. A machine may be slow. */
interface Moment {
  answers: number;
  after: number;
}

const answersOf = (lives: Life[]) => lives.reduce((sum, life) => sum + life.answers, 0);

/** Lets people live until everything is killed. Whoever was refused before that is told of. */
async function killAmid(lives: Life[], glutton: Glutton, { answers, after }: Moment): Promise<void> {
  let isKilled = false;
  const all = [
    ...lives.map(async (life, index) => {
      await pause(index * 80);
      await life.live(server, 1000);
    }),
    ...Array.from({ length: PRESSES }, () => glutton.press(server)),
  ].map((one) =>
    one.catch((error: unknown) => {
      // The server was killed, which is all that may have happened, and not before it was.
      if (!isKilled || !isGone(error)) throw error;
    }),
  );
  const ended = Promise.allSettled(all);
  const patience = Date.now() + 60_000;
  while (answersOf(lives) < answers && Date.now() < patience) await pause(5);
  await pause(after);
  isKilled = true;
  await server.killAll();
  for (const end of await ended) if (end.status === 'rejected') throw end.reason;
}

const isGone = (reason: unknown) =>
  reason instanceof TypeError && ['fetch failed', 'terminated'].includes(reason.message);

describe('a kill at any moment', () => {
  it(`loses and doubles nothing, ${ROUNDS} times`, { timeout: 3_600_000 }, async () => {
    const moments = fc.sample(Moment, { numRuns: ROUNDS, seed: SEED });
    let answers = 0;
    for (const [round, moment] of moments.entries()) {
      const glutton = await Glutton.make(server);
      const lives = Array.from({ length: LIVES }, () => new Life());
      await killAmid(lives, glutton, moment);
      answers += answersOf(lives);
      server = await server.again();
      const context = `round ${round + 1} (seed ${SEED}), killed ${JSON.stringify(moment)}`;
      try {
        // Within the same minute still.
        await Promise.all(Array.from({ length: PRESSES }, () => glutton.press(server)));
        for (const life of lives) await life.check(server);
        const { offset_seconds } = (await server.send<{ offset_seconds: number }>('GET', '/dev/clock')).body;
        await moved({ offset_seconds: offset_seconds + A_MINUTE_LATER });
        for (const life of lives) await life.finish(server);
      } catch (error) {
        throw new Error(context, { cause: error });
      }
    }
    expect(answers).toBeGreaterThan(0);
    console.log(
      `${ROUNDS} rounds survived (seed ${SEED}): ${answers} answers, none lost and none done twice`,
    );
  });

  it('is seen where something is lost: what was there a while before it', { timeout: 120_000 }, async () => {
    const glutton = await Glutton.make(server);
    const lives = Array.from({ length: LIVES }, () => new Life());
    // Everybody has paid and spends by then.
    await Promise.all(lives.map((life) => life.live(server, 5)));
    await server.stop();
    const kept = await newPlace();
    cpSync(server.stateDir, kept.stateDir, { recursive: true });
    const before = lives.map(({ answers }) => answers);
    server = await server.again();
    const more = [...lives, new Life()];
    await killAmid(more, glutton, { answers: answersOf(more) + 60, after: 0 });
    rmSync(server.stateDir, { recursive: true });
    cpSync(kept.stateDir, server.stateDir, { recursive: true });
    server = await server.again();
    const lost = lives.filter(({ answers }, index) => answers > (before[index] ?? 0));
    expect(lost.length).toBeGreaterThan(0);
    for (const life of lost) await expect(life.check(server)).rejects.toThrow(/counted, \d+ were answered/);
    await expect(more.at(-1)?.check(server)).rejects.toThrow();
  });

  it.each<[string, (life: Life) => void]>([
    ['the order (topup) is gone', (life) => life.claim('topup')],
    ['the payment (subscribe) is gone', (life) => life.claim('pay')],
  ])('is seen where %s', async (message, claim) => {
    const life = new Life();
    await life.begin(server);
    claim(life);
    await expect(life.check(server)).rejects.toThrow(message);
  });

  it('is seen where too much is admitted', async () => {
    const glutton = await Glutton.make(server, 0.5);
    await expect(glutton.press(server)).rejects.toThrow('tokens were admitted');
  });
});
