import { toIso } from '#kernel/clock';
import type { Services } from '#kernel/services';
import { isDatabaseUp } from '#modules/operations/store';
import { VERSION } from './docs/version.ts';

/** 200 once the database of every site and KV answer, else 503. */
export async function health(request: Request, services: Services): Promise<Response> {
  const body = { status: 'ok', version: VERSION, time: toIso(services.clock.now()) };
  try {
    await Promise.all([
      services.kv.get('health'),
      ...services.sites.map((site) => isDatabaseUp({ db: services.database(site) })),
    ]);
  } catch (error) {
    services.log.error('health', error);
    return Response.json({ ...body, status: 'unavailable' }, { status: 503 });
  }
  const head = request.method === 'HEAD';
  return head ? new Response(null) : Response.json(body, { headers: { 'Cache-Control': 'no-store' } });
}
