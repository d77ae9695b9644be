import type { Context } from 'hono';
import { html } from 'hono/html';
import { servePage } from './page.ts';

/**
 * Where the link of an invitation leads: of an enterprise's to sign in and accept, or to register with the code; of a
 * member's (`?invite_code=`) to register with it.
 */
export function invitationPage(c: Context) {
  return servePage(c, {
    name: 'invitation',
    main: html`<main class="text">
      <p id="invitation">An enterprise invites you to join. Sign in with the address that the invitation was sent to:</p>
      <form class="sign-in">
        <label>E-mail <input name="email" type="email" autocomplete="username" required /></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
        <button>Join</button>
      </form>
      <output role="status"></output>
      <p id="register">No account yet? Register with that address and this invite code: <code id="code"></code></p>
    </main>`,
    assets: ['invitation.js'],
  });
}
