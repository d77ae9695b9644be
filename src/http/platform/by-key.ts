import type { Context } from 'hono';
import { AppError } from '#kernel/errors';
import { throttleAddress } from '#security/ip';
import type { SurfaceEnv } from '../shared/surface.ts';
import { limitHeaders } from './quota.mapper.ts';

/**
 * Runs an operation of the API key that was sent. Keys with a good checksum that nobody knows count against
 * their address (each costs a look into D1); a key that is known, dead or alive, never does.
 */
export async function byKey<T>(c: Context<SurfaceEnv>, operation: (key: string) => Promise<T>): Promise<T> {
  try {
    return await operation(c.get('apiKey'));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    for (const [name, value] of Object.entries(limitHeaders(error.detail.limits ?? [])))
      c.header(name, value);
    if (error.code !== 'api_key_unknown') throw error;
    const within = await c.env.countUnknownKey(throttleAddress(c.get('ctx').address));
    throw within
      ? new AppError('unauthenticated')
      : new AppError('too_many_unknown_keys', { retryAfter: 60 });
  }
}
