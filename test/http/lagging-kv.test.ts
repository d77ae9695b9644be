import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import { doorWith, laggingKv } from '../support/doors.ts';

const bindings = env as unknown as { KV: KVNamespace };
let offset = 0;
const KV = laggingKv(bindings.KV, 300_000, () => Date.now() + offset);

/** KV that gives what was stored five minutes ago: what it says of a key is never the last word. */
describe('a key under a KV that lags', () => {
  const client = new Client({ door: doorWith({ KV }) });
  let admin = '';

  beforeAll(async () => {
    admin = await client.admin();
  });

  const consume = (key: string, headers = {}) =>
    client.post(
      '/api/v1/quota/consume',
      { tokens: 1, request_id: crypto.randomUUID() },
      { token: key, headers },
    );

  /** Past the isolate's own memory, so that KV is asked. */
  async function waitOutIsolate(): Promise<void> {
    offset += 11_000;
    expect((await client.put('/dev/clock', { offset_seconds: offset / 1000 })).status).toBe(200);
  }

  /** A user whose key KV believes to be good. */
  async function knownKey(fields = {}) {
    const user = await client.newUser();
    const { key, id } = await client.newApiKey(user.token, fields);
    expect((await consume(key)).status).toBe(200);
    await waitOutIsolate();
    expect((await consume(key)).status).toBe(200);
    const token = async () => (await client.login(user.email)).body.data.access_token;
    return { ...user, key, keyId: id, token: await token() };
  }

  it('is refused from the next request on when it is deleted', async () => {
    const { key, keyId, token } = await knownKey();
    expect((await client.delete(`/api/v1/users/me/apikeys/${keyId}`, { token })).status).toBe(200);
    for (let again = 0; again < 3; again += 1) {
      expectError(await consume(key), 401, 'unauthenticated');
      expectError(await client.get('/api/v1/quota', { token: key }), 401, 'unauthenticated');
      await waitOutIsolate();
    }
  });

  it('is refused while it is disabled, and good again at once', async () => {
    const { key, keyId, token } = await knownKey();
    const set = (status: string) => client.put(`/api/v1/users/me/apikeys/${keyId}`, { status }, { token });
    expect((await set('disabled')).body.data.status).toBe('disabled');
    expectError(await consume(key), 401, 'unauthenticated');
    await set('active');
    expect((await consume(key)).status).toBe(200);
  });

  it('obeys narrowed and widened lists at once', async () => {
    const { key, keyId, token } = await knownKey();
    const allow = (list: string[]) =>
      client.put(`/api/v1/users/me/apikeys/${keyId}`, { allowed_ips: list }, { token });
    await allow(['192.0.2.1']);
    expectError(await consume(key), 403, 'ip_not_allowed');
    await allow(['10.0.0.0/8']);
    expect((await consume(key)).status).toBe(200);
  });

  it('is refused when its user is frozen, and good again when thawed', async () => {
    const { key, id } = await knownKey();
    const set = (status: string) =>
      client.put(`/admin/v1/users/${id}/status`, { status, reason: 'test' }, { token: admin });
    admin = await client.admin();
    expect((await set('frozen')).body.data.status).toBe('frozen');
    expectError(await consume(key), 403, 'owner_frozen');
    expect((await set('active')).status).toBe(200);
    expect((await consume(key)).status).toBe(200);
  });

  it('rotates: the old secret works through its grace, one old one is kept', async () => {
    const { key, keyId, token } = await knownKey();
    const rotate = async (grace_seconds: number, bearer: string) =>
      (await client.post(`/api/v1/users/me/apikeys/${keyId}/rotate`, { grace_seconds }, { token: bearer }))
        .body.data;
    const second = await rotate(60, token);
    expect(second.key_id).toBe(keyId);
    expect((await consume(key)).status).toBe(200);
    expect((await consume(second.api_key)).status).toBe(200);
    const third = await rotate(60, token);
    expectError(await consume(key), 401, 'unauthenticated');
    expect((await consume(second.api_key)).status).toBe(200);
    offset += 61_000;
    await client.put('/dev/clock', { offset_seconds: offset / 1000 });
    expectError(await consume(second.api_key), 401, 'unauthenticated');
    expect((await consume(third.api_key)).status).toBe(200);
  });

  it('ends by time without anybody’s help, and may be extended', async () => {
    const expires_at = new Date(Date.now() + offset + 30_000).toISOString();
    const { key, keyId, email } = await knownKey({ expires_at });
    offset += 31_000;
    await client.put('/dev/clock', { offset_seconds: offset / 1000 });
    expectError(await consume(key), 401, 'unauthenticated');
    const token = (await client.login(email)).body.data.access_token;
    const list = await client.get('/api/v1/users/me/apikeys?status=expired', { token });
    expect(list.body.data.items).toMatchObject([{ key_id: keyId, status: 'expired' }]);
    const path = `/api/v1/users/me/apikeys/${keyId}`;
    expect((await client.put(path, { expires_at: null }, { token })).body.data).toMatchObject({
      status: 'active',
      expires_at: null,
    });
    expect((await consume(key)).status).toBe(200);
  });

  it('stays dead when the clock jumps past everything that remembered its death', async () => {
    const { key, keyId, token, email } = await knownKey();
    await client.delete(`/api/v1/users/me/apikeys/${keyId}`, { token });
    offset += 3 * 86_400_000;
    await client.put('/dev/clock', { offset_seconds: offset / 1000 });
    const later = (await client.login(email)).body.data.access_token;
    const other = await client.newApiKey(later);
    await client.put(`/api/v1/users/me/apikeys/${other.id}`, { name: 'pushes' }, { token: later });
    expectError(await consume(key), 401, 'unauthenticated');
    expectError(await client.get('/api/v1/quota', { token: key }), 401, 'unauthenticated');
    expect((await consume(other.key)).status).toBe(200);
  });

  it('loses the secret before its rotation for good when it is disabled', async () => {
    const { key, keyId, token } = await knownKey();
    const path = `/api/v1/users/me/apikeys/${keyId}`;
    const fresh = (await client.post(`${path}/rotate`, { grace_seconds: 3600 }, { token })).body.data.api_key;
    expect((await consume(key)).status).toBe(200);
    await client.put(path, { status: 'disabled' }, { token });
    await client.put(path, { status: 'active' }, { token });
    expectError(await consume(key), 401, 'unauthenticated');
    expect((await consume(fresh)).status).toBe(200);
  });
});
