import { expect } from 'vitest';
import { type Answer, Client } from './client.ts';

/** A place at a back office: a site, a system, and whoever works there. */
export class Desk {
  readonly client: Client;
  readonly headers: Record<string, string>;

  constructor(client: Client, headers: Record<string, string>) {
    this.client = client;
    this.headers = {
      'X-Site': client.site ?? 'default',
      'X-System-Code': 'AUTH_MANAGEMENT',
      ...headers,
    };
  }

  async send(method: string, path: string, body?: unknown, headers: object = {}): Promise<Answer> {
    return this.client.send(method, `/api/members${path}`, {
      body,
      headers: { ...this.headers, ...headers },
    });
  }

  get = (path = '', headers: object = {}) => this.send('GET', path, undefined, headers);
  post = (path: string, body: unknown, headers: object = {}) => this.send('POST', path, body, headers);
  put = (path: string, body: unknown) => this.send('PUT', path, body);
  delete = (path: string) => this.send('DELETE', path);

  /** A package of the test's own. */
  async package(fields: object = {}) {
    return dataAt(await this.post('', { name: '测试套餐', price: '10.00', validityDays: 10, ...fields }));
  }

  /** The same, switched on. */
  async sold(fields: object = {}) {
    return this.package({ status: 1, ...fields });
  }
}

/** The data of an answer that must have gone well, in the envelope of back offices. */
export function dataAt(answer: Answer, message?: string) {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(Object.keys(answer.body)).toEqual(['code', 'message', 'data', 'timestamp']);
  expect(answer.body).toMatchObject({ code: '0000', message: message ?? expect.any(String) });
  expect(answer.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return answer.body.data;
}

/** A refusal of a back office, with its exact message where one is given. */
export function expectRefusal(answer: Answer, status: number, code: string, message?: string): void {
  expect(Object.keys(answer.body), JSON.stringify(answer.body)).toEqual([
    'code',
    'message',
    'data',
    'timestamp',
  ]);
  expect(answer.body).toEqual({
    code,
    message: message ?? expect.any(String),
    data: null,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
  expect(answer.status).toBe(status);
}

const EVERYTHING = {
  systems: ['AUTH_MANAGEMENT', 'CONTENT_MANAGEMENT'],
  permissions: ['members:read', 'members:write'],
};

/** A client of a site, made by its admin. */
export async function newClientKey(client: Client, admin: string, access: object = {}) {
  const body = { name: 'a test', ...EVERYTHING, ...access };
  const made = await client.post('/admin/v1/clients', body, { token: admin });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return { id: made.body.data.client_id as string, key: made.body.data.client_key as string };
}

/** A desk whose client may do everything. */
export async function newDesk(client = new Client()): Promise<Desk> {
  const { key } = await newClientKey(client, await client.admin());
  return new Desk(client, { 'X-Client': key });
}
