import { parseList } from 'structured-headers';
import { beforeAll, describe, expect, it } from 'vitest';
import { withChecksum } from '../../src/security/api-key.ts';
import { type Answer, Client, expectError } from '../support/client.ts';

const RESERVATIONS = '/api/v1/quota/reservations';

describe('quota over HTTP', () => {
  const client = new Client();
  let admin = '';
  /** A key of somebody on the free plan. */
  let freeKey = '';

  beforeAll(async () => {
    admin = await client.admin();
    freeKey = (await client.newApiKey((await client.newUser()).token)).key;
  });

  /** A member of a plan made for the test, and a key. */
  async function memberOf(benefits: { key: string; value: unknown }[]) {
    const plan = { name: 'Test plan', type: 'personal', price_monthly: '1.00', benefits };
    const { plan_id } = (await client.post('/admin/v1/membership/plans', plan, { token: admin })).body.data;
    const user = await client.newUser();
    await client.buyPlan(user.token, plan_id, 'monthly');
    const { key, id } = await client.newApiKey(user.token);
    const limits = async () => (await client.get('/api/v1/quota', { token: key })).body.data.limits;
    const reserve = (tokens: number, fields = {}) =>
      client.post(RESERVATIONS, { tokens, ...fields }, { token: key });
    return { user, key, keyId: id, planId: plan_id as string, limits, reserve };
  }

  it('admits 200 at once up to the limit, never more, and exactly the limit where it divides', async () => {
    const even = await memberOf([
      { key: 'tpm', value: 10_000 },
      { key: 'tpd', value: 1_000_000 },
    ]);
    const answers = await Promise.all(Array.from({ length: 200 }, () => even.reserve(100)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(100);
    expect((await even.limits())[0]).toMatchObject({ reserved: 10_000, remaining: 0 });

    const odd = await memberOf([{ key: 'tpd', value: 1000 }]);
    const uneven = await Promise.all(Array.from({ length: 200 }, (_, index) => odd.reserve(7 + (index % 5))));
    const admitted = uneven
      .filter(({ status }) => status === 201)
      .reduce((sum, { body }) => sum + body.data.tokens, 0);
    expect(admitted).toBeLessThanOrEqual(1000);
    expect(admitted).toBeGreaterThan(1000 - 12);
    expect((await odd.limits())[0]).toMatchObject({ metric: 'tpd', reserved: admitted });
  });

  it('counts requests, and gives them back with a release but not with a settle of 0', async () => {
    const { reserve, limits, key } = await memberOf([{ key: 'requests_per_day', value: 2 }]);
    const first = (await reserve(5)).body.data.reservation_id;
    const second = (await reserve(5)).body.data.reservation_id;
    const refused = await reserve(5);
    expectError(refused, 429, 'quota_exceeded');
    expect(refused.body.data).toMatchObject({ metric: 'requests_per_day', limit: 2, used: 2, requested: 1 });
    expect(
      (await client.post(`${RESERVATIONS}/${first}/settle`, { tokens: 0 }, { token: key })).body.data.settled,
    ).toBe(0);
    expect((await limits())[0].remaining).toBe(0);
    expect((await client.delete(`${RESERVATIONS}/${second}`, { token: key })).body.data.status).toBe(
      'released',
    );
    expect((await limits())[0].remaining).toBe(1);
  });

  it('settles and releases once, and says what is in the way', async () => {
    const { reserve, key } = await memberOf([{ key: 'tpd', value: 1000 }]);
    const settle = (id: string, tokens: number) =>
      client.post(`${RESERVATIONS}/${id}/settle`, { tokens }, { token: key });
    const release = (id: string) => client.delete(`${RESERVATIONS}/${id}`, { token: key });
    const a = (await reserve(100)).body.data.reservation_id;
    expect((await settle(a, 60)).body).toEqual((await settle(a, 60)).body);
    expectError(await settle(a, 61), 409, 'reservation_settled');
    expectError(await release(a), 409, 'reservation_settled');
    const b = (await reserve(100)).body.data.reservation_id;
    expect((await release(b)).status).toBe(200);
    expect((await release(b)).status).toBe(200);
    expectError(await settle(b, 1), 409, 'reservation_released');
    expectError(await settle(`${a}x`, 1), 404, 'reservation_not_found');
    expectError(await settle('nonsense', 1), 404, 'reservation_not_found');
  });

  it('remembers a request_id: the same is the same hold, another amount a conflict', async () => {
    const { reserve, limits, key } = await memberOf([{ key: 'tpd', value: 1000 }]);
    const answers = await Promise.all(Array.from({ length: 5 }, () => reserve(100, { request_id: 'r1' })));
    expect(new Set(answers.map(({ body }) => body.data.reservation_id)).size).toBe(1);
    expect((await limits())[0].reserved).toBe(100);
    expectError(await reserve(101, { request_id: 'r1' }), 409, 'request_id_conflict');
    const consume = (tokens: number, id: string) =>
      client.post('/api/v1/quota/consume', { tokens, request_id: id }, { token: key });
    expect((await consume(50, 'r2')).body.data).toMatchObject({
      request_id: 'r2',
      tokens: 50,
      status: 'settled',
    });
    expect((await consume(50, 'r2')).status).toBe(200);
    expectError(await consume(51, 'r2'), 409, 'request_id_conflict');
    expect((await limits())[0]).toMatchObject({ used: 50, reserved: 100 });
    // A refusal is decided anew.
    expectError(await consume(900, 'r3'), 429, 'quota_exceeded');
    expect((await consume(10, 'r3')).status).toBe(200);
  });

  it('names a size that never fits, a model that is missing, and one that is not allowed', async () => {
    const { reserve } = await memberOf([
      { key: 'tpm', value: 1000 },
      { key: 'models', value: ['gpt-4o', 'qwen-*'] },
    ]);
    const faultPath = (answer: Answer) => answer.body.errors?.[0]?.path;
    const never = await reserve(1001, { model: 'gpt-4o' });
    expectError(never, 400, 'quota_never_fits');
    expect(faultPath(never)).toBe('tokens');
    const missing = await reserve(1);
    expectError(missing, 400, 'model_required');
    expect(faultPath(missing)).toBe('model');
    expectError(await reserve(1, { model: 'gpt-4o-mini' }), 403, 'model_not_allowed');
    expect((await reserve(1, { model: 'qwen-turbo' })).status).toBe(201);
  });

  it('holds a key to its own models and addresses', async () => {
    const { user } = await memberOf([{ key: 'tpd', value: 1000 }]);
    const limited = await client.newApiKey(user.token, {
      allowed_models: ['m1'],
      allowed_ips: ['192.0.2.0/24', '2001:db8::/32'],
    });
    const from = (address: string, model?: string) =>
      client.post(
        RESERVATIONS,
        { tokens: 1, ...(model ? { model } : {}) },
        { token: limited.key, headers: { 'CF-Connecting-IP': address } },
      );
    expect((await from('192.0.2.7', 'm1')).status).toBe(201);
    expect((await from('2001:db8::1', 'm1')).status).toBe(201);
    expect((await from('::ffff:192.0.2.9', 'm1')).status).toBe(201);
    expectError(await from('192.0.3.7', 'm1'), 403, 'ip_not_allowed');
    expectError(await from('192.0.2.7', 'm2'), 403, 'model_not_allowed');
    expectError(await from('192.0.2.7'), 400, 'model_required');
  });

  it('carries the limits in headers, on refusals too', async () => {
    const { reserve } = await memberOf([
      { key: 'tpm', value: 1000 },
      { key: 'tokens_per_month', value: 5000 },
    ]);
    const admitted = await reserve(400);
    const listed = ({ headers }: Answer, name: string) =>
      parseList(headers.get(name) ?? '').map(([item, parameters]) => [item, Object.fromEntries(parameters)]);
    expect(listed(admitted, 'RateLimit-Policy')).toEqual([
      ['tpm', { q: 1000, w: 60 }],
      ['tokens-per-month', { q: 5000 }],
    ]);
    expect(listed(admitted, 'RateLimit')).toEqual([
      ['tpm', { r: 600, t: expect.toBeOneOf([60, 61]) }],
      ['tokens-per-month', { r: 4600, t: expect.any(Number) }],
    ]);
    expect(admitted.headers.get('x-ratelimit-limit-tokens')).toBe('1000');
    expect(admitted.headers.get('x-ratelimit-remaining-tokens')).toBe('600');
    expect(admitted.headers.get('x-ratelimit-reset-tokens')).toMatch(/^1m[01]s$/);
    const refused = await reserve(601);
    expectError(refused, 429, 'quota_exceeded');
    expect(listed(refused, 'RateLimit')[0]).toEqual(['tpm', { r: 600, t: expect.any(Number) }]);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1);
  });

  it('is read by a person too, but not by another’s token', async () => {
    const { user, reserve } = await memberOf([{ key: 'tpd', value: 1000 }]);
    await reserve(10);
    const mine = await client.get('/api/v1/quota', { token: user.token });
    expect(mine.body.data).toMatchObject({ limits: [{ metric: 'tpd', reserved: 10 }], expired_today: 0 });
    const stranger = await client.newUser();
    const theirs = await client.get('/api/v1/quota', { token: stranger.token });
    expect(theirs.body.data.limits[0]).toMatchObject({ metric: 'tpm', limit: 10_000, reserved: 0 });
  });

  it('does not let another user end a reservation', async () => {
    const mine = await memberOf([{ key: 'tpd', value: 1000 }]);
    const theirs = await memberOf([{ key: 'tpd', value: 1000 }]);
    const id = (await mine.reserve(100)).body.data.reservation_id;
    expectError(
      await client.post(`${RESERVATIONS}/${id}/settle`, { tokens: 0 }, { token: theirs.key }),
      404,
      'reservation_not_found',
    );
    expectError(
      await client.delete(`${RESERVATIONS}/${id}`, { token: theirs.key }),
      404,
      'reservation_not_found',
    );
    expect((await mine.limits())[0].reserved).toBe(100);
  });

  it('lets a dead key end what it began, and nothing else', async () => {
    const { reserve, key, keyId, user } = await memberOf([{ key: 'tpd', value: 1000 }]);
    const other = await client.newApiKey(user.token);
    const id = (await reserve(100)).body.data.reservation_id;
    const theirs = (await client.post(RESERVATIONS, { tokens: 50 }, { token: other.key })).body.data
      .reservation_id;
    await client.delete(`/api/v1/users/me/apikeys/${keyId}`, { token: user.token });
    expectError(await reserve(1), 401, 'unauthenticated');
    expectError(await client.get('/api/v1/quota', { token: key }), 401, 'unauthenticated');
    expectError(
      await client.post(`${RESERVATIONS}/${theirs}/settle`, { tokens: 1 }, { token: key }),
      401,
      'unauthenticated',
    );
    expect((await client.post(`${RESERVATIONS}/${id}/settle`, { tokens: 40 }, { token: key })).status).toBe(
      200,
    );
    expect(
      (await client.post(`${RESERVATIONS}/${theirs}/settle`, { tokens: 1 }, { token: other.key })).status,
    ).toBe(200);
  });

  it.each([
    ['tokens', { tokens: 0 }],
    ['tokens', { tokens: 1.5 }],
    ['tokens', { tokens: '5' }],
    ['tokens', { tokens: 100_000_001 }],
    ['tokens', {}],
    ['model', { tokens: 1, model: 'no spaces' }],
    ['model', { tokens: 1, model: 'x'.repeat(65) }],
    ['request_id', { tokens: 1, request_id: '' }],
    ['ttl_seconds', { tokens: 1, ttl_seconds: 9 }],
    ['ttl_seconds', { tokens: 1, ttl_seconds: 3601 }],
  ])('refuses a bad %s', async (path, body) => {
    const answer = await client.post(RESERVATIONS, body, { token: freeKey });
    expectError(answer, 400, 'invalid_input');
    expect(answer.body.errors[0].path).toBe(path);
  });

  it('refuses keys that nobody knows, 60 a minute and address, and never counts others', async () => {
    const stranger = new Client();
    const ask = (key: string) => stranger.post(RESERVATIONS, { tokens: 1 }, { token: key });
    const unknown = withChecksum(`sk-prod-${'0'.repeat(26)}`);
    const malformed = `${unknown.slice(0, -1)}${unknown.endsWith('0') ? '1' : '0'}`;
    for (const answer of await Promise.all(Array.from({ length: 70 }, () => ask(malformed)))) {
      expectError(answer, 401, 'unauthenticated');
    }
    // The limiter's minutes are its own: 130 at once fall into two of them at the most.
    const answers = await Promise.all(Array.from({ length: 130 }, () => ask(unknown)));
    const refused = answers.filter(({ status }) => status === 401).length;
    const limited = answers.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(0);
    expect(limited).toBeGreaterThanOrEqual(10);
    expect(refused + limited).toBe(130);
    expect((await ask(freeKey)).status).toBe(201);
  });

  it('says 401 before it looks at the body, and tells the limits with every other refusal', async () => {
    const bad = { tokens: 'x' };
    expectError(await client.post(RESERVATIONS, bad, { token: 'sk-bogus' }), 401, 'unauthenticated');
    const answer = await client.post(RESERVATIONS, bad, { token: freeKey });
    expectError(answer, 400, 'invalid_input');
    expect(answer.headers.get('RateLimit-Policy')).toContain('"tpm";q=10000;w=60');
  });

  it('keeps what was admitted under a request_id when the limits fall, and does not revive what was released', async () => {
    const { reserve, planId, key } = await memberOf([{ key: 'tpd', value: 1000 }]);
    const first = await reserve(800, { request_id: 'kept' });
    const benefits = [{ key: 'tpd', value: 500 }];
    await client.put(`/admin/v1/membership/plans/${planId}`, { benefits }, { token: admin });
    const again = await reserve(800, { request_id: 'kept' });
    expect(again.status).toBe(201);
    expect(again.body.data.reservation_id).toBe(first.body.data.reservation_id);
    await client.delete(`${RESERVATIONS}/${first.body.data.reservation_id}`, { token: key });
    expectError(await reserve(800, { request_id: 'kept' }), 409, 'reservation_released');
  });

  it('learns the free plan of today with the first key, whatever the object knew before', async () => {
    const user = await client.newUser();
    const limit = async (token: string) =>
      (await client.get('/api/v1/quota', { token })).body.data.limits[0].limit;
    expect(await limit(user.token)).toBe(10_000);
    const { benefits } = (await client.get('/api/v1/membership/plans/plan_free')).body.data;
    const set = (value: number) =>
      client.put(
        '/admin/v1/membership/plans/plan_free',
        { benefits: benefits.map((one: { key: string }) => (one.key === 'tpm' ? { ...one, value } : one)) },
        { token: admin },
      );
    expect((await set(5000)).status).toBe(200);
    expect(await limit(user.token)).toBe(5000);
    expect(await limit((await client.newApiKey(user.token)).key)).toBe(5000);
    expect(await limit(freeKey)).toBe(5000);
    await set(10_000);
  });
});
