import type { Context } from 'hono';
import { toIso } from '#kernel/clock';
import { isDatabaseUp } from '#modules/operations/store';
import type { SurfaceEnv } from '../shared/surface.ts';
import { VERSION } from './version.ts';

/** 200 once the database of every site and KV answer, else 503. */
export async function health(c: Context<SurfaceEnv>): Promise<Response> {
  const { clock, kv, sites, log, database } = c.env;
  const body = { version: VERSION, time: toIso(clock.now()) };
  c.header('Cache-Control', 'no-store');
  try {
    await Promise.all([kv.get('health'), ...sites.map((site) => isDatabaseUp({ db: database(site) }))]);
    return c.json({ status: 'ok', ...body });
  } catch (error) {
    log.error('health', error);
    return c.json({ status: 'unavailable', ...body }, 503);
  }
}
