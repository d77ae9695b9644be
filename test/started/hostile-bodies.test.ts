import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Send, type Started, start } from '../support/started.ts';

const KIB = 1024;

interface Refused {
  code: number;
  error: string;
  message: string;
  request_id: string;
  errors?: { path: string; message: string }[];
}

type Fields = Record<string, string | number | boolean>;

/** An operation, who may call it, and a body with every field that it needs, each of the right form. */
interface Operation {
  path: string;
  as: 'visitor' | 'demo user' | 'demo key';
  sample: Fields;
  /** The fields that can be left out, of the right form too. */
  optional: Fields;
}

const REGISTER: Operation = {
  path: '/api/v1/users/register',
  as: 'visitor',
  sample: {
    user_type: 'personal',
    email: 'hostile@example.com',
    key_id: 'rsa_key_20240101_001',
    password: 'AAAA',
    captcha_token: 'AAAA',
  },
  optional: { phone: '13800138000', enterprise_name: 'Hostile Ltd', invite_code: 'AAAA' },
};
const LOGIN: Operation = {
  path: '/api/v1/auth/login',
  as: 'visitor',
  sample: { account: 'hostile@example.com', key_id: 'rsa_key_20240101_001', password: 'AAAA' },
  optional: { captcha_token: 'AAAA' },
};
const SUBSCRIBE: Operation = {
  path: '/api/v1/membership/subscribe',
  as: 'demo user',
  sample: { plan_id: 'plan_basic', period: 'monthly' },
  optional: { auto_renew: true, voucher_id: 'AAAA' },
};
const RESERVE: Operation = {
  path: '/api/v1/quota/reservations',
  as: 'demo key',
  sample: { tokens: 1 },
  optional: { model: 'gpt-4o', request_id: 'hostile', ttl_seconds: 600 },
};
const OPERATIONS = [REGISTER, LOGIN, SUBSCRIBE, RESERVE];

/** Bodies that are a fault anywhere, whatever the operation. */
const NOT_AN_OBJECT: [name: string, raw: Send['raw']][] = [
  ['null', 'null'],
  ['an array', '[]'],
  ['a string', '"text"'],
  ['a number', '1'],
  ['a number past every range', '1e400'],
  ['true', 'true'],
  ['truncated JSON', '{"tokens": 1, "plan_id": "plan_ba'],
  ['two JSON values', '{}{}'],
  ['JSON with a comment', '{} // fine?'],
  ['white space', ' \n\t '],
  ['a NUL character', '\0'],
  ['a NUL character after JSON', '{}\0'],
  ['a raw control character in a string', '{"account": "\u0001"}'],
  ['half an escape', '{"account": "\\ud8'],
  ['invalid UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['overlong UTF-8', Uint8Array.from([0x22, 0xc0, 0x80, 0x22])],
  ['a lone surrogate in UTF-8', Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ['UTF-16', new Uint8Array(Buffer.from('\ufeff{}', 'utf16le'))],
  ['30,000 brackets that never close', '['.repeat(30_000)],
  ['30,000 brackets that close', '['.repeat(30_000) + ']'.repeat(30_000)],
  ['10,000 objects inside each other', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['64 KiB of nothing', ' '.repeat(64 * KIB)],
];

/** Content types that are not JSON. */
const OTHER_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'text/json',
  'application/octet-stream',
];

/** Values that no field of these operations can have, as they stand in JSON. */
const NEVER_VALID = [
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '123456789012345678901234567890',
];

/** Characters that no text has, as escapes of JSON. */
const ODD_TEXTS: [name: string, escape: string][] = [
  ['a NUL character', '\\u0000'],
  ['half a surrogate pair', '\\ud800'],
  ['a surrogate pair the wrong way round', '\\udfff\\ud800'],
];

let server: Started;
let token: string;
let before: Awaited<ReturnType<typeof written>>;

beforeAll(async () => {
  server = await start();
  token = await server.signIn();
  before = await written();
});

describe.each(OPERATIONS)('POST $path as $as', (operation) => {
  it.each(NOT_AN_OBJECT)('refuses %s', async (_, raw) => {
    expectFault(await post(operation, { raw }), 'body');
  });

  it.each(OTHER_TYPES)('refuses a body of type %s', async (type) => {
    const raw = JSON.stringify(operation.sample);
    expectFault(await post(operation, { raw, headers: { 'Content-Type': type } }), 'body');
  });

  it('names each field that is missing', async () => {
    for (const path of Object.keys(operation.sample)) {
      const { [path]: _, ...rest } = operation.sample;
      expectFault(await post(operation, { body: rest }), path);
    }
    const none = await post(operation, { body: {} });
    expect(pathsOf(none)).toEqual(Object.keys(operation.sample));
    expect(pathsOf(await post(operation, {}))).toEqual(pathsOf(none));
  });

  it.each(NEVER_VALID)('names each field that is %s', async (value) => {
    for (const path of Object.keys(operation.sample)) {
      expectFault(await post(operation, { raw: withField(operation.sample, path, value) }), path);
    }
  });

  it('names a field that is far too long', async () => {
    for (const path of Object.keys(operation.sample)) {
      expectFault(
        await post(operation, { raw: withField(operation.sample, path, `"${'9'.repeat(60_000)}"`) }),
        path,
      );
    }
  });

  it.each(['[]', '{}', '-1.5'])('names each optional field that is %s', async (value) => {
    for (const path of Object.keys(operation.optional)) {
      expectFault(await post(operation, { raw: withField(operation.sample, path, value) }), path);
    }
  });

  it('takes the last of two fields of one name', async () => {
    for (const [path, good] of Object.entries(operation.sample)) {
      const raw = withField(operation.sample, path, `${JSON.stringify(good)}, ${JSON.stringify(path)}: []`);
      expectFault(await post(operation, { raw }), path);
    }
  });

  it.each(['__proto__', 'constructor', 'prototype'])('takes nothing from %s', async (key) => {
    const sample = JSON.stringify(operation.sample);
    for (const raw of [`{"${key}": ${sample}}`, `{"${key}": {"prototype": ${sample}}}`, '{}']) {
      expect(pathsOf(await post(operation, { raw }))).toEqual(Object.keys(operation.sample));
    }
  });

  it.each(ODD_TEXTS)('refuses %s in every field', async (_, odd) => {
    const sample = { ...operation.sample, ...operation.optional };
    for (const [path, good] of Object.entries(sample)) {
      const value = `"${typeof good === 'string' ? good.slice(0, 2) : ''}${odd}x"`;
      const answer = await post(operation, { raw: withField(sample, path, value) });
      // 404 where it is the name of something that does not exist.
      expect([400, 404], `${path} = ${value}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
    }
  });

  it('refuses one byte more than 64 KiB, and 100,000 brackets', async () => {
    for (const raw of [' '.repeat(64 * KIB + 1), '['.repeat(100_000)])
      expectTooLarge(await post(operation, { raw }));
  });

  it('answers 413 to 20 chunked bodies of 70 KB at once, and lives', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => postInChunks(operation, 70_000)));
    for (const answer of answers) expectTooLarge(answer);
    expect((await server.send('GET', '/healthz')).status).toBe(200);
  });

  it('lives on when clients leave in the middle of a body', async () => {
    await Promise.all(Array.from({ length: 20 }, () => leaveInTheMiddle(operation)));
    expectFault(await post(operation, { raw: '[]' }), 'body');
    expect((await server.send('GET', '/healthz')).status).toBe(200);
  });
});

describe('a registration that is good but for one text', () => {
  it.each(ODD_TEXTS)('is refused for %s in it', async (_, odd) => {
    for (const field of ['enterprise_name', 'invite_code']) {
      const good = {
        user_type: 'enterprise',
        email: 'hostile@example.com',
        enterprise_name: 'Hostile Ltd',
        ...(await server.encrypt('Aa123456!')),
        captcha_token: await server.captcha(),
      };
      const raw = withField(good, field, `"A${odd}B"`);
      const answer = await post(REGISTER, { raw });
      expect(answer.status, `${field}: ${JSON.stringify(answer.body)}`).toBe(400);
    }
  });
});

describe.each([SUBSCRIBE, RESERVE])('POST $path without a sign-in', (operation) => {
  it.each(NOT_AN_OBJECT)('does not look at %s', async (_, raw) => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await server.send<Refused>('POST', operation.path, { raw, headers });
    expectEnvelope(answer, 401, 'unauthenticated');
  });

  it('says first that a body is too large', async () => {
    expectTooLarge(await server.send<Refused>('POST', operation.path, { raw: ' '.repeat(64 * KIB + 1) }));
  });
});

describe('what was refused', () => {
  it('has left nothing behind', async () => {
    expect(await written()).toEqual(before);
  });

  it('was no fault of the server’s own', () => {
    const lines = server.printed().split('\n');
    expect(lines.filter((line) => /request\.failed|uncaught|exception/i.test(line))).toEqual([]);
  });
});

/** What a body that was refused could have written. */
async function written() {
  const orders = await server.data<{ total: number }>('GET', '/api/v1/orders', { token });
  const quota = await server.data<{ limits: { metric: string; used: number; reserved: number }[] }>(
    'GET',
    '/api/v1/quota',
    { token: server.demo.apiKey },
  );
  const mailbox = await server.send('GET', '/dev/mailbox', { headers: { Accept: 'application/json' } });
  return {
    orders: orders.total,
    quota: quota.limits.map(({ metric, used, reserved }) => ({ metric, used, reserved })),
    mailbox: mailbox.body,
  };
}

function post(operation: Operation, send: Send): Promise<Answer<Refused>> {
  const headers = { ...headersOf(operation), ...send.headers };
  return server.send('POST', operation.path, { ...send, headers });
}

function headersOf({ as }: Operation): Record<string, string> {
  const credential = { visitor: null, 'demo user': token, 'demo key': server.demo.apiKey }[as];
  return {
    'Content-Type': 'application/json',
    ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
  };
}

/** An object as JSON, with one field as given: text that `JSON.stringify` would never write. */
function withField(fields: Fields, path: string, value: string): string {
  const { [path]: _, ...rest } = fields;
  const others = Object.entries(rest).map(
    ([name, good]) => `${JSON.stringify(name)}: ${JSON.stringify(good)}`,
  );
  return `{${[...others, `${JSON.stringify(path)}: ${value}`].join(', ')}}`;
}

/** Sends a body without a Content-Length, a piece at a time. */
async function postInChunks(operation: Operation, size: number): Promise<Answer<Refused>> {
  const sending = request(`${server.url}${operation.path}`, {
    method: 'POST',
    agent: false,
    headers: headersOf(operation),
  });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  for (let sent = 0; sent < size; sent += 7_000) sending.write(' '.repeat(Math.min(7_000, size - sent)));
  sending.end();
  const [response] = await answered;
  const body = JSON.parse(await text(response)) as Refused;
  const headers = new Headers({ 'X-Request-Id': String(response.headers['x-request-id']) });
  return { status: response.statusCode ?? 0, headers, body };
}

/** Announces a body, sends the beginning of it and hangs up. */
async function leaveInTheMiddle(operation: Operation): Promise<void> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const headers = Object.entries({
    ...headersOf(operation),
    Host: `${hostname}:${port}`,
    'Content-Length': '1000',
  });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const sent = new Promise<void>((done) => {
    socket.write(`POST ${operation.path} HTTP/1.1\r\n${head}\r\n{"tokens": 1, `, () => done());
  });
  await sent;
  socket.destroy();
  await once(socket, 'close');
}

function pathsOf(answer: Answer<Refused>): string[] {
  expectEnvelope(answer, 400, 'invalid_input');
  return (answer.body.errors ?? []).map(({ path }) => path);
}

/** A fault of the input: 400 that says where (and nowhere else), and in words. */
function expectFault(answer: Answer<Refused>, path: string): void {
  expect(new Set(pathsOf(answer)), JSON.stringify(answer.body)).toEqual(new Set([path]));
  for (const { message } of answer.body.errors ?? []) expect(message).toMatch(/\S/);
}

function expectTooLarge(answer: Answer<Refused>): void {
  expectEnvelope(answer, 413, 'payload_too_large');
}

function expectEnvelope(answer: Answer<Refused>, status: number, error: string): void {
  const shown = JSON.stringify(answer.body);
  expect(answer.status, shown).toBe(status);
  expect(answer.body, shown).toMatchObject({
    code: status * 100,
    error,
    message: expect.stringMatching(/\S/),
    request_id: answer.headers.get('X-Request-Id'),
  });
}
