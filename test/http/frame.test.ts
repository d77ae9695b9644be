import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError, newEmail } from '../support/client.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };

describe('the frame', () => {
  const client = new Client();
  let token = '';
  let admin = '';

  beforeAll(async () => {
    token = (await client.newUser()).token;
    admin = await client.admin();
  });

  describe('sites', () => {
    it('picks the database by X-Site, else the host, else default', async () => {
      const email = newEmail();
      const cn = new Client({ site: 'cn' });
      expect((await cn.register({ email })).status).toBe(201);
      expect((await client.register({ email })).status).toBe(201);
      expectError(await cn.register({ email }), 409, 'email_taken');
      const byHost = await client.send('GET', '/api/v1/auth/public-key', {});
      expect(byHost.status).toBe(200);
    });

    it('answers 404 for a site that does not exist, before anything else', async () => {
      const headers = { 'X-Site': 'nowhere', Authorization: 'Bearer nonsense' };
      expectError(await client.get('/api/v1/users/me', { headers }), 404, 'site_unknown');
    });

    it('refuses a token of another site', async () => {
      expectError(
        await new Client({ site: 'cn' }).get('/api/v1/users/me', { token }),
        401,
        'unauthenticated',
      );
    });
  });

  describe('authentication', () => {
    it.each([
      ['no header', {}],
      ['another scheme', { Authorization: 'Basic YTpi' }],
      ['an empty token', { Authorization: 'Bearer ' }],
      ['not a token', { Authorization: 'Bearer abc' }],
      ['an API key', { Authorization: `Bearer sk-prod-${'a'.repeat(32)}` }],
    ])('refuses %s', async (_, headers) => {
      expectError(await client.get('/api/v1/users/me', { headers }), 401, 'unauthenticated');
    });

    it('comes before the schema, and the area before it too', async () => {
      expectError(await client.post('/admin/v1/membership/plans', { name: 7 }), 401, 'unauthenticated');
      expectError(await client.post('/admin/v1/membership/plans', { name: 7 }, { token }), 403, 'forbidden');
      expectError(
        await client.post('/admin/v1/membership/plans', { name: 7 }, { token: admin }),
        400,
        'invalid_input',
      );
    });

    it('refuses a bad token on a path that anyone may ask', async () => {
      expectError(await client.get('/api/v1/membership/plans', { token: 'abc' }), 401, 'unauthenticated');
    });

    it('makes the answer no-store', async () => {
      const me = await client.get('/api/v1/users/me', { token });
      expect(me.headers.get('Cache-Control')).toBe('no-store');
    });
  });

  describe('input', () => {
    it('names the path of each fault', async () => {
      const body = {
        name: '',
        type: 'none',
        price_monthly: 49,
        benefits: [
          { key: 'tpm', value: -1 },
          { key: 'priority', value: 'high' },
        ],
      };
      const answer = await client.post('/admin/v1/membership/plans', body, { token: admin });
      expectError(answer, 400, 'invalid_input');
      expect(answer.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
        'benefits.0.value',
        'benefits.1.value',
        'name',
        'price_monthly',
        'type',
      ]);
    });

    it('speaks Chinese where it is liked best', async () => {
      const headers = { 'Accept-Language': 'en;q=0.5, zh-CN' };
      const answer = await client.post('/admin/v1/membership/plans', {}, { token: admin, headers });
      expect(answer.body.message).toBe('输入有误。');
      expect(answer.body.errors[0].message).toMatch(/[一-鿿]/);
    });

    it.each([
      ['truncated JSON', '{"name":', 'application/json'],
      ['no JSON', 'name=x', 'application/json'],
      ['another content type', '{"name":"x"}', 'text/plain'],
      ['no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 'application/json'],
      ['a hundred thousand levels', '['.repeat(30_000) + ']'.repeat(30_000), 'application/json'],
    ])('answers 400 at path body for %s', async (_, raw, type) => {
      const headers = { 'Content-Type': type };
      const answer = await client.send('POST', '/admin/v1/membership/plans', { token: admin, raw, headers });
      expectError(answer, 400, 'invalid_input');
      expect(answer.body.errors[0].path).toBe('body');
    });

    it('counts an empty body as {}', async () => {
      const answer = await client.send('POST', '/admin/v1/membership/plans', { token: admin });
      expect(answer.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['name', 'type']);
    });

    it('answers 413 past 64 KiB, counted and not believed, and takes what is just below', async () => {
      const sized = (size: number) => JSON.stringify({ name: 'x'.repeat(size - 11) });
      const send = (size: number) =>
        client.send('POST', '/admin/v1/membership/plans', {
          token: admin,
          raw: sized(size),
          headers: { 'Content-Type': 'application/json' },
        });
      expectError(await send(64 * 1024 + 1), 413, 'payload_too_large');
      expectError(await send(64 * 1024), 400, 'invalid_input');
    });

    it.each(['page=0', 'page=x', 'page_size=101', 'page_size=0', 'type=other', 'status=gone'])(
      'refuses the query %s',
      async (query) => {
        expectError(await client.get(`/api/v1/membership/plans?${query}`), 400, 'invalid_input');
      },
    );

    it('answers 404 for unknown paths and methods', async () => {
      expectError(await client.get('/api/v1/nothing'), 404, 'not_found');
      expectError(await client.delete('/api/v1/users/register'), 404, 'not_found');
      expectError(await client.get('/'), 404, 'not_found');
    });

    it('writes nothing when it refuses', async () => {
      const count = async () =>
        (await bindings.DB_DEFAULT.prepare('select count(*) as n from products').first<{ n: number }>())?.n;
      const before = await count();
      for (const body of [
        {},
        { name: 'x' },
        { name: 'x', type: 'personal', currency: 'USD' },
        { name: 'x', type: 'personal', price_yearly: '-1' },
      ]) {
        expectError(
          await client.post('/admin/v1/membership/plans', body, { token: admin }),
          400,
          'invalid_input',
        );
      }
      expect(await count()).toBe(before);
    });
  });

  describe('idempotency', () => {
    const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });

    it('gives the first answer again, the API key included', async () => {
      const body = { name: 'once', key_type: 'production' };
      const first = await client.post('/api/v1/users/me/apikeys', body, { token, ...keyed('a') });
      const second = await client.post('/api/v1/users/me/apikeys', body, { token, ...keyed('a') });
      expect(second.body).toEqual(first.body);
      expect(first.headers.get('Idempotent-Replayed')).toBeNull();
      expect(second.headers.get('Idempotent-Replayed')).toBe('true');
      const { body: list } = await client.get('/api/v1/users/me/apikeys', { token });
      expect(list.data.items.filter(({ name }: { name: string }) => name === 'once')).toHaveLength(1);
      const kept = await bindings.DB_DEFAULT.prepare(
        'select group_concat(answer) as text from idempotency_records',
      ).first<{ text: string }>();
      expect(kept?.text).not.toContain('sk-prod-');
    });

    it('refuses the key with another body, and a bad key', async () => {
      const path = '/api/v1/users/me/apikeys';
      await client.post(path, { name: 'b', key_type: 'test' }, { token, ...keyed('b') });
      expectError(
        await client.post(path, { name: 'c', key_type: 'test' }, { token, ...keyed('b') }),
        422,
        'idempotency_key_reused',
      );
      expect(
        (await client.post(path, { name: 'c', key_type: 'test' }, { token, ...keyed('x'.repeat(256)) }))
          .status,
      ).toBe(400);
    });

    it('makes one of many at once', async () => {
      const send = () =>
        client.post(
          '/api/v1/users/me/apikeys',
          { name: 'many', key_type: 'test' },
          { token, ...keyed('many') },
        );
      const answers = await Promise.all(Array.from({ length: 8 }, send));
      for (const { status } of answers) expect([200, 409]).toContain(status);
      const { body: list } = await client.get('/api/v1/users/me/apikeys?page_size=100', { token });
      expect(list.data.items.filter(({ name }: { name: string }) => name === 'many')).toHaveLength(1);
    });

    it('keeps refusals of policy, and is scoped by actor and path', async () => {
      const refused = await client.post('/api/v1/membership/cancel', {}, { token, ...keyed('a') });
      expectError(refused, 409, 'membership_none');
      const again = await client.post('/api/v1/membership/cancel', {}, { token, ...keyed('a') });
      expect(again.headers.get('Idempotent-Replayed')).toBe('true');
      const other = await client.newUser();
      const answer = await client.post(
        '/api/v1/membership/cancel',
        {},
        { token: other.token, ...keyed('a') },
      );
      expect(answer.headers.get('Idempotent-Replayed')).toBeNull();
    });

    it('does not keep what failed its schema', async () => {
      const path = '/api/v1/users/me/apikeys';
      expect((await client.post(path, { key_type: 'test' }, { token, ...keyed('d') })).status).toBe(400);
      expect(
        (await client.post(path, { name: 'd', key_type: 'test' }, { token, ...keyed('d') })).status,
      ).toBe(200);
    });
  });

  it('lets browsers of other origins read what they need', async () => {
    const answer = await client.send('OPTIONS', '/api/v1/users/me', {
      headers: {
        Origin: 'https://shop.example',
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*');
  });

  it('caches public plans for visitors by ETag', async () => {
    const first = await client.get('/api/v1/membership/plans');
    expect(first.headers.get('Cache-Control')).toBe('public, max-age=60');
    const etag = first.headers.get('ETag') ?? '';
    const second = await client.get('/api/v1/membership/plans', { headers: { 'If-None-Match': etag } });
    expect(second.status).toBe(304);
  });

  it('serves health, the documents and the page', async () => {
    expect((await client.get('/healthz')).body).toMatchObject({ status: 'ok', version: expect.any(String) });
    const { body } = await client.get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toContain('/api/v1/quota/reservations');
    const admins = await client.get('/openapi/admin.json');
    expect(Object.keys(admins.body.paths).every((path) => path.startsWith('/admin/'))).toBe(true);
    const errors = await client.get('/docs/errors');
    expect(errors.body).toContain('<code>quota_exceeded</code>');
    expect(errors.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expectError(await client.get('/docs/nothing'), 404, 'not_found');
    expect((await client.get('/docs')).headers.get('Content-Security-Policy')).toContain(
      "default-src 'none'",
    );
  });
});
