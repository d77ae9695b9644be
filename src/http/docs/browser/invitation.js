// Accepts an enterprise's invitation: signs in with the address that it was sent to, and says yes. Its code is in the
// fragment, which browsers send to nobody. A member's invite code is no secret, and in the query.
import { call, signIn } from './session.js';

const token = window.location.hash.slice(1);
const query = new URLSearchParams(window.location.search);
const site = query.get('site');
const form = document.querySelector('form');
const outcome = document.querySelector('output');

document.getElementById('code').textContent = token || query.get('invite_code') || '—';
if (query.has('invite_code')) {
  document.getElementById('invitation').textContent = 'A member invites you. Register with this invite code:';
  document.getElementById('register').replaceChildren(document.getElementById('code'));
  form.hidden = true;
} else if (!token) say('This link has no invite code. Open it as it is in the mail.');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  say('…');
  try {
    say(await accept(new FormData(form)));
    form.hidden = true;
  } catch (error) {
    say(error.message);
  } finally {
    button.disabled = false;
  }
});

async function accept(fields) {
  const { access_token } = await signIn({
    email: fields.get('email'),
    password: fields.get('password'),
    site,
  });
  const member = await call('POST', '/api/v1/enterprise/invitations/accept', {
    body: { token },
    token: access_token,
    site,
  });
  await call('POST', '/api/v1/auth/logout', { body: {}, token: access_token, site });
  return `Done: ${member.email} now belongs to the enterprise.`;
}

function say(text) {
  outcome.textContent = text;
}
