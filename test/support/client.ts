import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { expect } from 'vitest';
import { assertDocumented } from './contract.ts';
import { doorWith } from './doors.ts';

/** An answer as a test looks at it. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into bodies of every shape
  body: any;
}

export interface Send {
  token?: string;
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  raw?: BodyInit;
  headers?: Record<string, string>;
}

/** Speaks HTTP to the Worker in the real runtime. Each client has an address of its own. */
export class Client {
  readonly site: string | null;
  readonly address: string;
  private readonly door: (request: Request) => Promise<Response>;

  constructor(
    options: { site?: string; address?: string; door?: (request: Request) => Promise<Response> } = {},
  ) {
    this.site = options.site ?? null;
    this.address = options.address ?? randomAddress();
    this.door = options.door ?? doorWith({});
  }

  async send(method: string, path: string, { token, body, raw, headers }: Send = {}): Promise<Answer> {
    const request = new Request(`http://localhost${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'CF-Connecting-IP': this.address,
        ...(this.site ? { 'X-Site': this.site } : {}),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    const response = await this.door(request);
    const text = await response.text();
    const json = response.headers.get('Content-Type')?.includes('json');
    const answer = {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(text) : text,
    };
    assertDocumented(method, path, answer);
    return answer;
  }

  get = (path: string, send?: Send) => this.send('GET', path, send);
  post = (path: string, body?: unknown, send?: Send) =>
    this.send('POST', path, { body: body ?? {}, ...send });
  put = (path: string, body?: unknown, send?: Send) => this.send('PUT', path, { body: body ?? {}, ...send });
  delete = (path: string, send?: Send) => this.send('DELETE', path, send);

  /** A solved captcha, as a browser would send it. */
  async captcha(): Promise<string> {
    const { body: challenge } = await this.get('/api/v1/auth/captcha');
    const solution = await solveChallenge({ challenge, deriveKey });
    return btoa(JSON.stringify({ challenge, solution }));
  }

  /** Encrypts a password as the documents say. */
  async encrypt(password: string): Promise<{ key_id: string; password: string }> {
    const { body } = await this.get('/api/v1/auth/public-key');
    const der = body.data.public_key.replace(/-----[A-Z ]+-----|\s/g, '');
    const key = await crypto.subtle.importKey(
      'spki',
      Uint8Array.from(atob(der), (character) => character.charCodeAt(0)),
      { name: 'RSA-OAEP', hash: 'SHA-256' },
      false,
      ['encrypt'],
    );
    const cipher = await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, key, new TextEncoder().encode(password));
    return {
      key_id: body.data.key_id,
      password: btoa(String.fromCharCode(...new Uint8Array(cipher))),
    };
  }

  async register(fields: Record<string, unknown> = {}, password = 'Aa123456!'): Promise<Answer> {
    return this.post('/api/v1/users/register', {
      user_type: 'personal',
      email: newEmail(),
      ...(await this.encrypt(password)),
      captcha_token: await this.captcha(),
      ...fields,
    });
  }

  async login(
    account: string,
    password = 'Aa123456!',
    fields: Record<string, unknown> = {},
  ): Promise<Answer> {
    return this.post('/api/v1/auth/login', { account, ...(await this.encrypt(password)), ...fields });
  }

  /** A new user, signed in. */
  async newUser(fields: Record<string, unknown> = {}): Promise<{ id: string; email: string; token: string }> {
    const registered = await this.register(fields);
    expect(registered.status, JSON.stringify(registered.body)).toBe(201);
    const { user_id, email } = registered.body.data;
    const signedIn = await this.login(email);
    expect(signedIn.status, JSON.stringify(signedIn.body)).toBe(200);
    return { id: user_id, email, token: signedIn.body.data.access_token };
  }

  /** The site's admin, signed in; made by the secrets at the first login. */
  async admin(): Promise<string> {
    const answer = await this.login('admin@example.com', 'Admin12345');
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body.data.access_token;
  }

  async newApiKey(token: string, fields: Record<string, unknown> = {}): Promise<{ id: string; key: string }> {
    const body = { name: 'test', key_type: 'production', ...fields };
    const answer = await this.post('/api/v1/users/me/apikeys', body, { token });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return { id: answer.body.data.key_id, key: answer.body.data.api_key };
  }

  /** Subscribes and pays at the sandbox's cashier. Gives the order's id. */
  async buyPlan(token: string, planId: string, period = 'yearly'): Promise<string> {
    const ordered = await this.post('/api/v1/membership/subscribe', { plan_id: planId, period }, { token });
    expect(ordered.status, JSON.stringify(ordered.body)).toBe(200);
    const id = ordered.body.data.order_id;
    const paid = await this.cashier(id, { action: 'pay' });
    expect(paid.body).toMatchObject({ status: 'paid' });
    return id;
  }

  /** The local run's cashier. */
  async cashier(order: string, form: Record<string, string>): Promise<Answer> {
    return this.send('POST', `/dev/cashier/${order}`, {
      raw: new URLSearchParams(form).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
    });
  }
}

let count = 0;

export function newEmail(): string {
  count += 1;
  return `user-${count}-${Math.random().toString(36).slice(2, 10)}@example.com`;
}

function randomAddress(): string {
  const [a = 0, b = 0, c = 0] = crypto.getRandomValues(new Uint8Array(3));
  return `10.${a}.${b}.${c}`;
}

/** An error of the platform: status, number and name, with a message and a request id. */
export function expectError(answer: Answer, status: number, error: string): void {
  expect(answer.body, JSON.stringify(answer.body)).toMatchObject({ error });
  expect(answer.status).toBe(status);
  expect(Math.floor(answer.body.code / 100)).toBe(status);
  expect(answer.body.message).toEqual(expect.any(String));
  expect(answer.body.request_id).toBe(answer.headers.get('X-Request-Id'));
}
