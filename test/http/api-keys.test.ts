import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };
const KEYS = '/api/v1/users/me/apikeys';

describe('API keys', () => {
  const client = new Client();
  let token = '';
  beforeAll(async () => {
    token = (await client.newUser()).token;
  });

  it('are made with the seed’s own body and shown whole once', async () => {
    const body = {
      name: '生产环境主 Key',
      key_type: 'production',
      expires_at: null,
      allowed_models: [],
      allowed_ips: [],
    };
    const made = await client.post(KEYS, body, { token });
    expect(made.body).toEqual({
      code: 0,
      data: {
        key_id: expect.stringMatching(/^key_/),
        api_key: expect.stringMatching(/^sk-prod-[0-9A-Za-z]{32}$/),
        name: '生产环境主 Key',
        key_type: 'production',
      },
    });
    const { items } = (await client.get(KEYS, { token })).body.data;
    expect(items[0]).toEqual({
      key_id: made.body.data.key_id,
      name: '生产环境主 Key',
      key_prefix: `${made.body.data.api_key.slice(0, 12)}****`,
      key_type: 'production',
      status: 'active',
      allowed_models: [],
      allowed_ips: [],
      last_used_at: null,
      expires_at: null,
      created_at: expect.stringMatching(/Z$/),
    });
    const { results } = await bindings.DB_DEFAULT.prepare('select * from api_keys').all();
    expect(JSON.stringify(results)).not.toContain(made.body.data.api_key.slice(12));
  });

  it('are filtered by type and status', async () => {
    await client.newApiKey(token, { key_type: 'test', name: 'filtered' });
    const of = async (query: string) => (await client.get(`${KEYS}?${query}`, { token })).body.data.items;
    expect((await of('key_type=test')).map((one: { name: string }) => one.name)).toEqual(['filtered']);
    expect(await of('status=disabled')).toEqual([]);
    expectError(await client.get(`${KEYS}?status=gone`, { token }), 400, 'invalid_input');
    expect((await of('key_type=test'))[0].key_prefix).toMatch(/^sk-test-/);
  });

  it.each([
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(65) }],
    ['key_type', { key_type: 'live' }],
    ['expires_at', { expires_at: '2020-01-01T00:00:00Z' }],
    ['expires_at', { expires_at: 'tomorrow' }],
    ['allowed_ips.0', { allowed_ips: ['10.0.0.0/33'] }],
    ['allowed_ips.1', { allowed_ips: ['::1', 'localhost'] }],
    ['allowed_models.0', { allowed_models: ['*bad'] }],
  ])('refuse a bad %s', async (path, fields) => {
    const answer = await client.post(KEYS, { name: 'x', key_type: 'test', ...fields }, { token });
    expectError(answer, 400, 'invalid_input');
    expect(answer.body.errors[0].path).toBe(path);
  });

  it('are at most fifty, also when sixty are made at once; deleted ones do not count', async () => {
    const user = await client.newUser();
    const make = () => client.post(KEYS, { name: 'many', key_type: 'test' }, { token: user.token });
    const answers = await Promise.all(Array.from({ length: 60 }, make));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expectError(answer, 409, 'api_key_limit_reached');
    const [first] = answers.filter(({ status }) => status === 200);
    await client.delete(`${KEYS}/${first?.body.data.key_id}`, { token: user.token });
    expect((await make()).status).toBe(200);
  });

  it('belong to their user', async () => {
    const { id } = await client.newApiKey(token);
    const stranger = await client.newUser();
    for (const answer of [
      await client.put(`${KEYS}/${id}`, { name: 'mine now' }, { token: stranger.token }),
      await client.post(`${KEYS}/${id}/rotate`, {}, { token: stranger.token }),
      await client.delete(`${KEYS}/${id}`, { token: stranger.token }),
      await client.delete(`${KEYS}/no-such-key`, { token }),
    ]) {
      expectError(answer, 404, 'not_found');
    }
  });

  it('say what they are', async () => {
    const user = await client.newUser();
    const { key, id } = await client.newApiKey(user.token, { name: 'self', key_type: 'test' });
    const self = async () => (await client.get('/api/v1/keys/self', { token: key })).body.data;
    expect(await self()).toMatchObject({
      key_id: id,
      name: 'self',
      key_type: 'test',
      owner: user.id,
      plan_id: 'plan_free',
      effective_benefits: { tpm: 10_000 },
    });
    await client.buyPlan(user.token, 'plan_basic', 'monthly');
    expect(await self()).toMatchObject({ plan_id: 'plan_basic', effective_benefits: { tpm: 100_000 } });
  });

  it('are good on the machine paths only', async () => {
    const { key } = await client.newApiKey(token);
    for (const path of ['/api/v1/users/me', KEYS, '/api/v1/orders', '/admin/v1/users']) {
      expectError(await client.get(path, { token: key }), 401, 'unauthenticated');
    }
    expectError(
      await client.post('/api/v1/quota/reservations', { tokens: 1 }, { token }),
      401,
      'unauthenticated',
    );
  });

  it('note when they were last used', async () => {
    const user = await client.newUser();
    const { key } = await client.newApiKey(user.token);
    await client.post('/api/v1/quota/consume', { tokens: 1, request_id: 'used' }, { token: key });
    // What the object has to tell D1, it tells at the latest when usage is asked for.
    await client.get('/api/v1/usage', { token: user.token });
    const { items } = (await client.get(KEYS, { token: user.token })).body.data;
    expect(items[0].last_used_at).toMatch(/Z$/);
  });

  it('are gone after they were deleted, whatever else waits to be told', async () => {
    const user = await client.newUser();
    const { id } = await client.newApiKey(user.token);
    expect((await client.delete(`${KEYS}/${id}`, { token: user.token })).status).toBe(200);
    await client.newApiKey(user.token);
    expectError(await client.delete(`${KEYS}/${id}`, { token: user.token }), 404, 'not_found');
  });

  it('are told again of their deletion where that is still outstanding', async () => {
    const user = await client.newUser();
    const { id } = await client.newApiKey(user.token);
    await client.delete(`${KEYS}/${id}`, { token: user.token });
    const db = bindings.DB_DEFAULT;
    await db
      .prepare(
        'update pushes set pending_at = (select changed_at from api_keys where id = ?) where owner = ?',
      )
      .bind(id, user.id)
      .run();
    expect((await client.delete(`${KEYS}/${id}`, { token: user.token })).status).toBe(200);
    expectError(await client.delete(`${KEYS}/${id}`, { token: user.token }), 404, 'not_found');
  });

  it('with a wrong checksum cost nothing', async () => {
    const { key } = await client.newApiKey(token);
    const wrong = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    expectError(await client.get('/api/v1/quota', { token: wrong }), 401, 'unauthenticated');
  });
});
