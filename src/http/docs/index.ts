import { Hono } from 'hono';
import { html } from 'hono/html';
import { AppError } from '#kernel/errors';
import { failure } from '../platform/envelope.ts';
import { errorHandler, identifyRequest } from '../shared/frame.ts';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import type { createDocuments, DocumentName } from './document.ts';
import { errorsPage } from './errors-page.ts';
import { health } from './health.ts';
import { invitationPage } from './invitation-page.ts';

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

app.get('/docs', (c) => c.html(page, 200, { ...CACHED, 'Content-Security-Policy': POLICY }));
app.get('/docs/errors', (c) => c.html(errorsPage(), 200, { ...CACHED, 'Content-Security-Policy': POLICY }));
app.get('/docs/invitation', (c) =>
  c.html(invitationPage, 200, { ...CACHED, 'Content-Security-Policy': POLICY }),
);
app.get('/docs-assets/*', (c) => c.env.assets.fetch(c.req.raw));

const CACHED = { 'Cache-Control': 'public, max-age=60' };

/** Nothing from another host: what the page needs is served here. Swagger UI draws icons as data: images. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Sluice API reference</title>
    <link rel="icon" href="/docs-assets/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs-assets/swagger-ui.css" />
    <link rel="stylesheet" href="/docs-assets/reference.css" />
  </head>
  <body>
    <header>
      <h1>Sluice <small>API reference</small></h1>
      <label>Document <select id="document"></select></label>
      <a href="/docs/errors">Errors</a>
    </header>
    <main id="reference"></main>
    <script src="/docs-assets/swagger-ui-bundle.js"></script>
    <script src="/docs-assets/reference.js"></script>
  </body>
</html>`;

/** Building the documents loads every surface: nobody who only asks for health waits for it. */
async function load() {
  documents ??= (await import('./document.ts')).createDocuments();
  return documents;
}

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
