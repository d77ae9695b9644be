import { html } from 'hono/html';
import { wireCode } from '../platform/errors.ts';
import { ERRORS } from '../shared/errors/table.ts';

/** The catalogue of errors, from the one table that the platform answers by. */
export function errorsPage() {
  const codes = (Object.keys(ERRORS) as (keyof typeof ERRORS)[]).sort((a, b) => wireCode(a) - wireCode(b));
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Sluice errors</title>
    <link rel="icon" href="/docs-assets/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs-assets/reference.css" />
  </head>
  <body>
    <header>
      <h1>Sluice <small>errors</small></h1>
      <a href="/docs">API reference</a>
    </header>
    <main class="catalogue">
      <p>
        A refusal is <code>{"code", "error", "message", "request_id"}</code> with the fitting HTTP status, and where
        it helps <code>errors</code> (which fields) and <code>data</code>. <code>code</code> is status × 100 + n; the
        name is as stable as the number. Messages follow <code>Accept-Language</code>.
      </p>
      <table>
        <thead>
          <tr><th>Code</th><th>Name</th><th>HTTP</th><th>Message</th></tr>
        </thead>
        <tbody>
          ${codes.map((code) => {
            const { status, en, zh } = ERRORS[code];
            return html`<tr>
              <td>${wireCode(code)}</td>
              <td><code>${code}</code></td>
              <td>${status}</td>
              <td>${en}<br /><span lang="zh">${zh}</span></td>
            </tr>`;
          })}
        </tbody>
      </table>
    </main>
  </body>
</html>`;
}
