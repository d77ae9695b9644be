import { html } from 'hono/html';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import type { OrderRow } from '#modules/commerce/order-store';

type Html = ReturnType<typeof html>;

/** Pages of the local run: one style, nothing from another host, light and dark. */
export const PAGE_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'",
};

function layout(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="icon" href="data:," />
    <style>
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
      dt { opacity: 0.7; } dd { margin: 0; overflow-wrap: anywhere; }
      button { font: inherit; padding: 0.5rem 1.5rem; margin-right: 0.5rem; cursor: pointer; }
      article { border-top: 1px solid color-mix(in srgb, CanvasText 25%, transparent); padding: 1rem 0; }
      pre { white-space: pre-wrap; font: inherit; margin: 0.5rem 0 0; }
      .note { padding: 0.75rem 1rem; border-left: 4px solid #2a7; background: color-mix(in srgb, #2a7 12%, transparent); }
    </style>
  </head>
  <body>${body}</body>
</html>`;
}

export function mailboxPage(mails: { to: string; subject: string; text: string; sent_at: string }[]): Html {
  return layout(
    'Mailbox',
    html`<h1>Mailbox</h1>
    <p>Mail that this local run has sent, newest first.</p>
    ${mails.length === 0 ? html`<p>Nothing yet.</p>` : ''}
    ${mails.map(
      (mail) => html`<article>
        <strong>${mail.subject}</strong>
        <dl><dt>To</dt><dd>${mail.to}</dd><dt>Sent</dt><dd>${mail.sent_at}</dd></dl>
        <pre>${mail.text}</pre>
      </article>`,
    )}`,
  );
}

export function cashierPage(order: OrderRow, outcome: string | null): Html {
  return layout(
    `Cashier · ${order.id}`,
    html`<h1>Sandbox cashier</h1>
    ${outcome === null ? '' : html`<p class="note" id="outcome">${outcome}</p>`}
    <dl>
      <dt>Order</dt><dd>${order.id}</dd>
      <dt>For</dt><dd>${order.snapshot.title}</dd>
      <dt>Amount</dt><dd>${formatDecimal(order.finalAmount)} ${order.currency}</dd>
      <dt>Status</dt><dd id="status">${order.status}</dd>
      <dt>Payable until</dt><dd>${toIso(order.expiresAt)}</dd>
    </dl>
    <form method="post">
      <button name="action" value="pay">Pay</button>
      <button name="action" value="fail">Fail</button>
      ${order.status === 'paid' ? html`<button name="action" value="refund">Refund</button>` : ''}
    </form>`,
  );
}
