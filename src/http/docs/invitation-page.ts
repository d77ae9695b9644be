import { html } from 'hono/html';

/**
 * Where the link of an invitation leads: of an enterprise's to sign in and accept, or to register with the code; of a
 * member's (`?invite_code=`) to register with it.
 */
export const invitationPage = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <title>Sluice invitation</title>
    <link rel="icon" href="/docs-assets/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs-assets/reference.css" />
  </head>
  <body>
    <header>
      <h1>Sluice <small>invitation</small></h1>
    </header>
    <main class="catalogue">
      <p id="invitation">An enterprise invites you to join. Sign in with the address that the invitation was sent to:</p>
      <form class="sign-in">
        <label>E-mail <input name="email" type="email" autocomplete="username" required /></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
        <button>Join</button>
      </form>
      <output role="status"></output>
      <p id="register">No account yet? Register with that address and this invite code: <code id="code"></code></p>
    </main>
    <script src="/docs-assets/invitation.js"></script>
  </body>
</html>`;
