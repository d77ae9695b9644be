import type { Services } from '#kernel/services';
import type { Surface } from './http/shared/surface.ts';

/**
 * Path prefix → surface, loaded on first use: building every router at once would cost each cold start.
 * The longest prefix wins.
 */
const SURFACES: [prefix: string, load: () => Promise<{ surface: Surface }>][] = [
  ['/api/v1/', () => import('./http/platform/index.ts')],
  ['/admin/v1/', () => import('./http/platform/index.ts')],
  ['/docs', () => import('./http/docs/index.ts')],
  ['/openapi', () => import('./http/docs/index.ts')],
];

/** Answers one request of the outside world. */
export async function handle(
  request: Request,
  services: Services,
  execution: ExecutionContext,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/healthz') return (await import('./http/health.ts')).health(request, services);
  const load = SURFACES.find(([prefix]) => pathname.startsWith(prefix))?.[1] ?? SURFACES[0]?.[1];
  if (!load) throw new Error('no surface');
  const { surface } = await load();
  return surface.fetch(request, services, execution);
}
