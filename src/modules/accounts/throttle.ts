import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { keyedHash } from '#security/keyed-hash';
import { returnAttempt, takeAttempt } from './store.ts';

/** A limit on attempts: at most `limit` in a window that begins with the first one. */
export interface Throttle {
  /** What is counted; kept as a keyed hash, since names and addresses are personal. */
  bucket: string;
  limit: number;
  windowMs: number;
}

export interface Attempt {
  /** How many attempts each window has seen, this one included. */
  counts: number[];
  /** The statements that give the attempt back: what succeeds does not count. */
  giveBack: Statement[];
}

/**
 * Takes one attempt from each throttle, atomically and before any costly work. Past a limit all are given
 * back and 429 says when to come again.
 */
export async function attempt(ctx: Ctx, throttles: Throttle[]): Promise<Attempt> {
  const hashes = await Promise.all(
    throttles.map(({ bucket }) => keyedHash(ctx.secrets.tokenPepper, 'throttle', bucket)),
  );
  const takes = throttles.map(({ windowMs }, index) =>
    takeAttempt(ctx, hashes[index] ?? '', windowMs, ctx.now),
  );
  const giveBack = hashes.map((hash) => returnAttempt(ctx, hash));
  const [first, ...rest] = takes;
  if (!first) return { counts: [], giveBack };
  const results = await ctx.db.batch([first, ...rest]);
  const windows = results.map(([row]) => row ?? { count: 1, expiresAt: ctx.now });
  const blocked = windows.filter(({ count }, index) => count > (throttles[index]?.limit ?? 0));
  if (blocked.length > 0) {
    await giveBackNow(ctx, giveBack);
    const until = Math.max(...blocked.map(({ expiresAt }) => expiresAt));
    const retryAfter = Math.max(1, Math.ceil((until - ctx.now) / 1000));
    throw new AppError('account_throttled', { retryAfter });
  }
  return { counts: windows.map(({ count }) => count), giveBack };
}

/** Gives an attempt back by itself: the request was refused for something else. */
export async function giveBackNow(ctx: Ctx, [first, ...rest]: Statement[]): Promise<void> {
  if (first) await ctx.db.batch([first, ...rest]);
}
