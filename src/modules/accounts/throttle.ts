import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { returnAttempt, takeAttempt } from './store.ts';

/** A limit on attempts: at most `limit` in a window that begins with the first one. */
export interface Throttle {
  bucket: string;
  limit: number;
  windowMs: number;
}

export interface Attempt {
  /** How many attempts the window has seen, this one included. */
  count: number;
  expiresAt: number;
}

/**
 * Takes one attempt from each throttle, atomically and before any costly work. Past a limit all are given
 * back and 429 says when to come again.
 */
export async function attempt(ctx: Ctx, throttles: Throttle[]): Promise<Attempt[]> {
  const [first, ...rest] = throttles.map(({ bucket, windowMs }) =>
    takeAttempt(ctx, bucket, windowMs, ctx.now),
  );
  if (!first) return [];
  const results = await ctx.db.batch([first, ...rest]);
  const attempts = results.map(([row]) => row ?? { count: 1, expiresAt: ctx.now });
  const blocked = attempts.filter((one, index) => one.count > (throttles[index]?.limit ?? 0));
  if (blocked.length > 0) {
    await giveBack(ctx, throttles);
    const until = Math.max(...blocked.map(({ expiresAt }) => expiresAt));
    throw new AppError('account_throttled', { retryAfter: Math.max(1, Math.ceil((until - ctx.now) / 1000)) });
  }
  return attempts;
}

/** The statements that give one attempt back to each: what succeeds does not count. */
export function givenBack(ctx: Ctx, throttles: Throttle[]) {
  return throttles.map(({ bucket }) => returnAttempt(ctx, bucket));
}

async function giveBack(ctx: Ctx, throttles: Throttle[]): Promise<void> {
  const [first, ...rest] = givenBack(ctx, throttles);
  if (first) await ctx.db.batch([first, ...rest]);
}
