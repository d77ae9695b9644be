// Accepts an enterprise's invitation: signs in with the address that it was sent to, and says yes. Its code is in the
// fragment, which browsers send to nobody. A member's invite code is no secret, and in the query.
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
  const { key_id, public_key } = await call('GET', '/api/v1/auth/public-key');
  const password = await encrypt(public_key, fields.get('password'));
  const login = await call('POST', '/api/v1/auth/login', { account: fields.get('email'), key_id, password });
  const member = await call('POST', '/api/v1/enterprise/invitations/accept', { token }, login.access_token);
  await call('POST', '/api/v1/auth/logout', {}, login.access_token);
  return `Done: ${member.email} now belongs to the enterprise.`;
}

/** Passwords leave the browser encrypted (RSA-OAEP, SHA-256). */
async function encrypt(pem, text) {
  const der = Uint8Array.from(atob(pem.replace(/-----[A-Z ]+-----|\s/g, '')), (one) => one.charCodeAt(0));
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('spki', der, algorithm, false, ['encrypt']);
  const cipher = await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(cipher)));
}

async function call(method, path, body, accessToken) {
  const response = await fetch(path, {
    method,
    headers: {
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...(accessToken ? { Authorization: `Bearer ${accessToken}` } : {}),
      ...(site ? { 'X-Site': site } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer.data;
}

function say(text) {
  outcome.textContent = text;
}
