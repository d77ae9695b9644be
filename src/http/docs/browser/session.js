// Signing in from a page: the password leaves the browser encrypted, and the tokens are kept for as long as the tab is.

/** Asks the API, in the platform's envelope; what it refuses is thrown, with its name and data. */
export async function call(method, path, { body, token, site } = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(site ? { 'X-Site': site } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const answer = await response
    .json()
    .catch(() => ({ message: `HTTP ${response.status}: no answer of Sluice` }));
  if (!response.ok) throw Object.assign(new Error(answer.message), { name: answer.error });
  return answer.data ?? answer;
}

/** A pair of tokens for an e-mail address and a password; solves a captcha where one is asked for. */
export async function signIn({ email, password, site }) {
  const { key_id, public_key } = await call('GET', '/api/v1/auth/public-key', { site });
  const login = async (more) =>
    call('POST', '/api/v1/auth/login', {
      site,
      // Each ciphertext is good once.
      body: { account: email, key_id, password: await encrypt(public_key, password), ...more },
    });
  try {
    return await login();
  } catch (error) {
    if (error.name !== 'captcha_required') throw error;
    return login({ captcha_token: await solve(await call('GET', '/api/v1/auth/captcha', { site })) });
  }
}

/** RSA-OAEP with SHA-256 under a public key in PEM, as Base64. */
async function encrypt(pem, text) {
  const der = Uint8Array.from(atob(pem.replace(/-----[A-Z ]+-----|\s/g, '')), (one) => one.charCodeAt(0));
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('spki', der, algorithm, false, ['encrypt']);
  const cipher = await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(cipher)));
}

/** ALTCHA's proof of work: the counter whose derived key begins as it must. */
async function solve(challenge) {
  const { parameters } = challenge;
  if (!parameters) throw new Error('This site asks for a captcha of Turnstile: sign in where that is shown.');
  const { nonce, salt, cost, keyLength, keyPrefix } = parameters;
  for (let counter = 0; ; counter += 1) {
    const tried = bytesOf(nonce + counter.toString(16).padStart(8, '0'));
    const key = await crypto.subtle.importKey('raw', tried, 'PBKDF2', false, ['deriveBits']);
    const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: bytesOf(salt), iterations: cost };
    const derivedKey = hexOf(await crypto.subtle.deriveBits(algorithm, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) {
      return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    }
  }
}

function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexOf(buffer) {
  return Array.from(new Uint8Array(buffer), (one) => one.toString(16).padStart(2, '0')).join('');
}

/** What a token says, for its owner to read. */
function claimsOf(token) {
  return JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
}

const STORED = 'sluice-session';

/** Somebody who is signed in, for as long as the tab is open: a token that is about to expire is renewed. */
export class Session {
  static async open(fields) {
    const tokens = await signIn(fields);
    // The host may have said which site it is; the token says it in any case.
    const site = fields.site || claimsOf(tokens.access_token).aud;
    return new Session({ ...tokens, site }).keep();
  }

  /** The one that this tab had before it was loaded anew. */
  static restore() {
    try {
      const stored = sessionStorage.getItem(STORED);
      return stored ? new Session(JSON.parse(stored)) : null;
    } catch {
      return null;
    }
  }

  constructor(stored) {
    Object.assign(this, stored);
    this.expires_at ??= Date.now() + this.expires_in * 1000;
  }

  keep() {
    if (this.closed) return this;
    sessionStorage.setItem(STORED, JSON.stringify(this));
    return this;
  }

  /** An access token that is good for half a minute at least. */
  async token() {
    if (Date.now() > this.expires_at - 30_000) {
      // A refresh token is spent by its use: who asks meanwhile waits for the same answer.
      this.renewing ??= this.renew();
      await this.renewing;
    }
    return this.access_token;
  }

  async renew() {
    try {
      const body = { refresh_token: this.refresh_token };
      Object.assign(this, await call('POST', '/api/v1/auth/refresh', { body, site: this.site }));
      this.expires_at = Date.now() + this.expires_in * 1000;
    } finally {
      delete this.renewing;
    }
    this.keep();
  }

  /** This tab knows nothing of it any more. */
  forget() {
    this.closed = true;
    sessionStorage.removeItem(STORED);
  }

  async close() {
    this.forget();
    const { refresh_token, access_token: token, site } = this;
    await call('POST', '/api/v1/auth/logout', { body: { refresh_token }, token, site });
  }
}
