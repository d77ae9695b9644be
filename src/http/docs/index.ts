import { Hono } from 'hono';
import { AppError } from '#kernel/errors';
import { failure } from '../platform/envelope.ts';
import { errorHandler, identifyRequest } from '../shared/frame.ts';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import type { createDocuments, DocumentName } from './document.ts';
import { errorsPage } from './errors-page.ts';
import { guidePage, guidesPage } from './guides-page.ts';
import { health } from './health.ts';
import { invitationPage } from './invitation-page.ts';
import { CACHED } from './page.ts';
import { referencePage } from './reference-page.ts';

let documents: ReturnType<typeof createDocuments> | null = null;

/** The reference (OpenAPI documents, a page that shows them, the page's assets) and the health check. */
const app = new Hono<SurfaceEnv>();
app.onError(errorHandler(failure));
app.notFound((c) => failure(c, new AppError('not_found')));
app.use(identifyRequest);

app.get('/healthz', health);

app.get('/openapi.json', async (c) => c.json((await load()).openapi, 200, CACHED));
app.get('/openapi/:file{[a-z]+\\.json}', async (c) => {
  const name = c.req.param('file').slice(0, -'.json'.length);
  const documents = await load();
  if (!Object.hasOwn(documents, name)) throw new AppError('not_found');
  return c.json(documents[name as DocumentName], 200, CACHED);
});

app.get('/docs', referencePage);
app.get('/docs/guides', guidesPage);
app.get('/docs/guides/:guide', guidePage);
app.get('/docs/errors', errorsPage);
app.get('/docs/invitation', invitationPage);
app.get('/docs-assets/*', (c) => c.env.assets.fetch(c.req.raw));

/** Building the documents loads every surface: nobody who only asks for health waits for it. */
async function load() {
  documents ??= (await import('./document.ts')).createDocuments();
  return documents;
}

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
