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

const EXAMPLE = { status: 'ok', version: VERSION, time: '2026-01-31T08:00:00Z' };
const answered = (status: string, description: string) => ({
  description,
  headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } },
  content: {
    'application/json': {
      schema: {
        type: 'object' as const,
        properties: {
          status: { type: 'string' as const, enum: [status] },
          version: { type: 'string' as const },
          time: { type: 'string' as const, format: 'date-time' },
        },
        required: ['status', 'version', 'time'],
      },
      example: { ...EXAMPLE, status },
    },
  },
});

/** The health check as the documents show it. */
export const HEALTH = {
  get: {
    operationId: 'getHealth',
    tags: ['Service'],
    summary: 'Whether it is up',
    description: 'Asks the database of every site, and KV. `time` is the server’s clock.',
    security: [],
    responses: { 200: answered('ok', 'All answer'), 503: answered('unavailable', 'One of them does not') },
  },
};
