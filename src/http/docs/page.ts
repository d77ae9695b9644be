import type { Context } from 'hono';
import { html, raw } from 'hono/html';

type Html = ReturnType<typeof html>;

/** Nothing from another host: what a page needs is served here. Swagger UI draws icons as data: images. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export const CACHED = { 'Cache-Control': 'public, max-age=60' };

interface Page {
  /** What it is, behind the product's name. */
  name: string;
  /** Behind the name, in the header. */
  header?: Html;
  main: Html;
  /** Files of `/docs-assets`, in order; `.css` and `.js`. */
  assets?: string[];
}

/** One of the documentation's pages: its head, the header with the way to the others, and what it shows. */
export function servePage(c: Context, { name, header, main, assets = [] }: Page) {
  const styles = ['reference.css', ...assets].filter((file) => file.endsWith('.css'));
  const scripts = assets.filter((file) => file.endsWith('.js'));
  const text = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Sluice ${name}</title>
    <link rel="icon" href="/docs-assets/favicon-32x32.png" />
    ${styles.toReversed().map((file) => html`<link rel="stylesheet" href="/docs-assets/${file}" />`)}
  </head>
  <body>
    <header>
      <h1>Sluice <small>${name}</small></h1>
      ${header ?? ''}
      <nav>
        <a href="/docs">Reference</a>
        <a href="/docs/guides">Guides</a>
        <a href="/docs/errors">Errors</a>
      </nav>
    </header>
    ${main}
    ${scripts.map((file) =>
      // What the package brings is a classic script; ours are modules, which run after it.
      raw(
        `<script ${file.startsWith('swagger') ? '' : 'type="module" '}src="/docs-assets/${file}"></script>`,
      ),
    )}
  </body>
</html>`;
  return c.html(text, 200, {
    ...CACHED,
    'Content-Security-Policy': POLICY,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
}
