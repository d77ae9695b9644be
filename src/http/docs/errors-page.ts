import type { Context } from 'hono';
import { html } from 'hono/html';
import type { ErrorCode } from '#kernel/errors';
import { wireCode } from '../platform/errors.ts';
import { SITES_ERRORS } from '../shared/errors/sites.ts';
import { ERRORS } from '../shared/errors/table.ts';
import { siteCode } from '../sites/errors.ts';
import { storefrontCode } from '../storefront/envelope.ts';
import { servePage } from './page.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** What back offices are refused with: their own, and what any request can be. */
const OF_SITES: ErrorCode[] = [
  ...(Object.keys(SITES_ERRORS) as (keyof typeof SITES_ERRORS)[]),
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'site_unknown',
  'not_found',
  'idempotency_in_progress',
  'idempotency_answer_lost',
  'payload_too_large',
  'idempotency_key_reused',
  'too_many_unknown_keys',
  'internal_error',
];

/** The catalogue of errors, from the one table that every surface answers by. */
export function errorsPage(c: Context) {
  const ofPlatform = CODES.filter((code) => !Object.hasOwn(SITES_ERRORS, code));
  return servePage(c, {
    name: 'errors',
    main: html`<main class="text">
      <p>
        A refusal is <code>{"code", "error", "message", "request_id"}</code> with the fitting HTTP status, and where
        it helps <code>errors</code> (which fields) and <code>data</code>. <code>code</code> is status × 100 + n; the
        name is as stable as the number. Messages follow <code>Accept-Language</code>: English without it here, Chinese on the other surfaces.
      </p>
      ${tableOf(ofPlatform, wireCode)}
      <h2>Back offices</h2>
      <p>
        <code>/api/members*</code> answers <code>{"code", "message", "data": null, "timestamp"}</code>; what is wrong
        with the input is in <code>message</code>.
      </p>
      ${tableOf(OF_SITES, siteCode)}
      <h2>Storefront</h2>
      <p>
        <code>/storefront/*</code> and ShopXO’s own addresses answer HTTP 200 always, with
        <code>{"msg", "code", "data": []}</code>. What is not here is −1.
      </p>
      ${tableOf(
        CODES.filter((code) => storefrontCode(code) !== -1),
        storefrontCode,
        () => 200,
      )}
      <h2>Alliance</h2>
      <p>
        <code>/admin/tbk/*</code> answers <code>{"message", "errors"}</code> without a code: 401, 403, 404, 413, 500, and 422
        for whatever is wrong with what was asked (400, 409 elsewhere).
      </p>
    </main>`,
  });
}

function tableOf(
  codes: ErrorCode[],
  codeOf: (code: ErrorCode) => string | number,
  statusOf = (code: ErrorCode): number => ERRORS[code].status,
) {
  const sorted = [...codes].sort((a, b) => Number(codeOf(a)) - Number(codeOf(b)));
  return html`<table>
    <thead>
      <tr><th>Code</th><th>Name</th><th>HTTP</th><th>Message</th></tr>
    </thead>
    <tbody>
      ${sorted.map((code) => {
        const { en, zh } = ERRORS[code];
        return html`<tr>
          <td>${codeOf(code)}</td>
          <td><code>${code}</code></td>
          <td>${statusOf(code)}</td>
          <td>${en}<br /><span lang="zh">${zh}</span></td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
