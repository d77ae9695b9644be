import type { Context } from 'hono';
import { html } from 'hono/html';
import { servePage } from './page.ts';

/** The reference: one of the documents at a time, and a sign-in that fills its token in. */
export function referencePage(c: Context) {
  return servePage(c, {
    name: 'API reference',
    header: html`
      <label>Document <select id="document"></select></label>
      <span class="session">
        <span id="who" role="status"></span>
        <button id="sign-in" type="button">Sign in</button>
        <button id="sign-out" type="button" hidden>Sign out</button>
      </span>`,
    main: html`
    <main id="reference"></main>
    <dialog aria-labelledby="sign-in-title">
      <form class="sign-in">
        <h2 id="sign-in-title">Sign in</h2>
        <p>“Try it out” then asks as you. The password leaves the browser encrypted.</p>
        <label>E-mail <input name="email" type="email" autocomplete="username" required /></label>
        <label>Password
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <label>Site <input name="site" autocomplete="off" placeholder="the host’s" /></label>
        <output role="status"></output>
        <button>Sign in</button>
        <button type="button" value="cancel">Cancel</button>
      </form>
    </dialog>`,
    assets: ['swagger-ui.css', 'swagger-ui-bundle.js', 'reference.js'],
  });
}
