import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Surface, SurfaceEnv } from '../shared/surface.ts';
import { createDocuments } from './document.ts';

let documents: ReturnType<typeof createDocuments> | null = null;

/** The reference: the OpenAPI documents, a page that shows them, and the page's own assets. */
const app = new Hono<SurfaceEnv>();

app.get('/openapi.json', (c) => c.json(load().openapi, 200, CACHED));
app.get('/openapi/:name{(platform|admin)\\.json}', (c) =>
  c.json(load()[c.req.param('name').slice(0, -'.json'.length) as 'platform' | 'admin'], 200, CACHED),
);

app.get('/docs', (c) => c.html(page, 200, { ...CACHED, 'Content-Security-Policy': POLICY }));
app.get('/docs-assets/*', (c) => c.env.assets.fetch(c.req.raw));

const CACHED = { 'Cache-Control': 'public, max-age=60' };

/** Nothing from another host: what the page needs is served here. Swagger UI draws icons as data: images. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
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
    </header>
    <main id="reference"></main>
    <script src="/docs-assets/swagger-ui-bundle.js"></script>
    <script src="/docs-assets/reference.js"></script>
  </body>
</html>`;

function load() {
  documents ??= createDocuments();
  return documents;
}

export const surface: Surface = {
  fetch: (request, services, execution) => app.fetch(request, services, execution),
};
