// Shows one of the documents, and whoever is signed in tries it out. No framework, served as it is.
/* global SwaggerUIBundle */
import { Session } from './session.js';

const DOCUMENTS = [
  { key: 'platform', name: 'People and machines', url: '/openapi/platform.json' },
  { key: 'admin', name: 'Admins', url: '/openapi/admin.json' },
  { key: 'sites', name: 'Back offices: packages', url: '/openapi/sites.json' },
  { key: 'tiers', name: 'Alliance: tiers', url: '/openapi/tiers.json' },
  { key: 'storefront', name: 'Storefront: levels', url: '/openapi/storefront.json' },
  // Last: of 150 rows or more Swagger UI draws only those in sight, and a browser's search finds no others.
  { key: 'all', name: 'Everything', url: '/openapi.json' },
];

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const followScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', followScheme);
followScheme();

const select = document.getElementById('document');
const dialog = document.querySelector('dialog');
const form = dialog.querySelector('form');
const outcome = form.querySelector('output');
const opener = document.getElementById('sign-in');
const closer = document.getElementById('sign-out');

for (const { key, name } of DOCUMENTS) select.add(new Option(name, key));
const asked = new URLSearchParams(window.location.search).get('document');
if (DOCUMENTS.some(({ key }) => key === asked)) select.value = asked;

let session = Session.restore();
let ui;

function show() {
  // What was filled in by hand goes along to the next document, and is written nowhere.
  const authorized = ui?.authSelectors.authorized().toJS() ?? {};
  const shown = SwaggerUIBundle({
    url: DOCUMENTS.find(({ key }) => key === select.value).url,
    dom_id: '#reference',
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: -1,
    docExpansion: 'list',
    validatorUrl: null,
    requestInterceptor: asSignedIn,
    onComplete: () => {
      fillIn();
      shown.authActions.authorize(authorized);
    },
  });
  ui = shown;
}

/** Fills in what a session says of who asks, where a document has such a field and nothing stands there. */
function fillIn() {
  if (!session) return;
  const filled = ui.authSelectors.authorized().toJS();
  const shown = { bearer: session.access_token, site: session.site, systemCode: 'AUTH_MANAGEMENT' };
  for (const [name, value] of Object.entries(shown)) if (!filled[name]) ui.preauthorizeApiKey(name, value);
}

/** A request of somebody who is signed in goes to their site, with a token that has not expired. */
async function asSignedIn(request) {
  if (!session || request.loadSpec) return request;
  const mine = `Bearer ${session.access_token}`;
  if (request.headers.Authorization === mine) {
    try {
      request.headers.Authorization = `Bearer ${await session.token()}`;
    } catch (error) {
      if (error.name !== 'session_ended') throw error;
      leave();
      return request;
    }
    if (request.headers.Authorization !== mine) ui.preauthorizeApiKey('bearer', session.access_token);
  }
  if (session?.site) request.headers['X-Site'] ??= session.site;
  return request;
}

function leave() {
  // Whoever asks meanwhile must not bring it back.
  session.forget();
  session = null;
  ui.authActions.logout(['bearer']);
  sayWho();
}

function sayWho() {
  opener.hidden = session !== null;
  closer.hidden = session === null;
  const { user, site } = session ?? {};
  document.getElementById('who').textContent = user ? `${user.email}${site ? ` at ${site}` : ''}` : '';
}

opener.addEventListener('click', () => {
  outcome.textContent = '';
  dialog.showModal();
});
dialog.querySelector('[value=cancel]').addEventListener('click', () => dialog.close());
dialog.addEventListener('close', () => form.reset());
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button:not([value])');
  button.disabled = true;
  outcome.textContent = '…';
  try {
    const { email, password, site } = Object.fromEntries(new FormData(form));
    session = await Session.open({ email, password, site: site.trim() });
    dialog.close();
    ui.preauthorizeApiKey('bearer', session.access_token);
    fillIn();
    sayWho();
  } catch (error) {
    outcome.textContent = error.message;
  } finally {
    button.disabled = false;
  }
});
closer.addEventListener('click', async () => {
  const ended = session;
  leave();
  // The session may have ended elsewhere already.
  await ended.close().catch(() => {});
});
select.addEventListener('change', () => {
  // The address names the document; an operation of another one is not in it.
  window.history.replaceState(null, '', `?document=${select.value}`);
  show();
});
sayWho();
show();
