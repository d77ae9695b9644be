import type { Context } from 'hono';
import { AppError } from '#kernel/errors';
import { throttleAddress } from '#security/ip';
import type { SurfaceEnv } from '../shared/surface.ts';

/** Runs an operation of the API key that was sent; keys that nobody knows count against their address. */
export async function byKey<T>(c: Context<SurfaceEnv>, operation: (key: string) => Promise<T>): Promise<T> {
  try {
    return await operation(c.get('apiKey'));
  } catch (error) {
    if (error instanceof AppError && error.code === 'unauthenticated') {
      const within = await c.env.countUnknownKey(throttleAddress(c.get('ctx').address));
      if (!within) throw new AppError('too_many_unknown_keys', { retryAfter: 60 });
    }
    throw error;
  }
}
