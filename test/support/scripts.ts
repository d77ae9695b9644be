import { env } from 'cloudflare:test';
import { expect } from 'vitest';

/** How many scripts a model test makes up, and from what: `SCRIPTS` and `SEED` of the environment. */
export function scriptsOf(usual: number): { numRuns: number; seed: number } {
  const { SCRIPTS, SEED } = env as unknown as { SCRIPTS: string; SEED: string };
  return { numRuns: Number(SCRIPTS || usual), seed: Number(SEED || 20_261_120) };
}

/** How often each thing happened, over all scripts: what never did was not tested. */
export class Tally {
  private readonly times = new Map<string, number>();

  count(what: string, times = 1): void {
    this.times.set(what, (this.times.get(what) ?? 0) + times);
  }

  expectEach(...things: string[]): void {
    for (const what of things) expect(this.times.get(what), what).toBeGreaterThan(0);
  }
}
