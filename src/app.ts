import type { Services } from '#kernel/services';
import type { Surface } from './http/shared/surface.ts';

type Load = () => Promise<{ surface: Surface }>;

const platform: Load = () => import('./http/platform/index.ts');
const sites: Load = () => import('./http/sites/index.ts');
const tiers: Load = () => import('./http/tiers/index.ts');
const storefront: Load = () => import('./http/storefront/index.ts');
const docs: Load = () => import('./http/docs/index.ts');

/**
 * Path prefix → surface, loaded on first use: building every router at once would cost each cold start. The
 * first prefix that fits wins; what fits none is the platform's to call unknown.
 */
const SURFACES: [prefix: RegExp, load: Load][] = [
  [/^\/(docs|openapi|healthz)/, docs],
  [/^\/api\/members(\/|$)/, sites],
  [/^\/admin\/tbk(\/|$)/, tiers],
  [/^\/(storefront\/|api\.php$|index\.php$|plugins\/index$)/, storefront],
];

/** Answers one request of the outside world. */
export async function handle(
  request: Request,
  services: Services,
  execution: ExecutionContext,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const load = SURFACES.find(([prefix]) => prefix.test(pathname))?.[1] ?? platform;
  const { surface } = await load();
  return surface.fetch(request, services, execution);
}
