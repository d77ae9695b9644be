import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import { doorWith, strictKv } from '../support/doors.ts';
import { dataOf } from '../support/enterprises.ts';

const { KV } = env as unknown as { KV: KVNamespace };
const kv = strictKv(KV);

/** What production refuses and this machine does not; for every other test `support/setup.ts` has the rest. */
describe('on production’s terms', () => {
  const client = new Client({ door: doorWith({ KV: kv.binding }) });

  it('a key is known and forgotten at once, with one write of KV a second', async () => {
    const user = await client.newUser();
    const { id, key } = await client.newApiKey(user.token);
    const path = `/api/v1/users/me/apikeys/${id}`;
    const reads = await Promise.all(
      Array.from({ length: 20 }, () => client.get('/api/v1/quota', { token: key })),
    );
    expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200]));
    for (const status of ['disabled', 'active', 'disabled', 'active']) {
      dataOf(await client.put(path, { status }, { token: user.token }));
      const read = await client.get('/api/v1/quota', { token: key });
      expect(read.status).toBe(status === 'active' ? 200 : 401);
    }
    const rotated = dataOf(await client.post(`${path}/rotate`, {}, { token: user.token })).api_key;
    expect((await client.get('/api/v1/quota', { token: rotated })).status).toBe(200);
    dataOf(await client.delete(path, { token: user.token }));
    expectError(await client.get('/api/v1/quota', { token: rotated }), 401, 'unauthenticated');
    // Else nothing of this was seen.
    expect(kv.refused()).toBeGreaterThan(0);
  });

  it('RSA keys rotate twice in a second, and the newest is accepted', async () => {
    const token = await client.admin();
    const before = kv.refused();
    await client.get('/api/v1/auth/public-key');
    for (const _ of [1, 2, 3]) dataOf(await client.post('/admin/v1/rsa-keys/rotate', {}, { token }));
    expect(kv.refused()).toBeGreaterThan(before);
    await client.newUser();
  });

  it('the guards are there', async () => {
    const password = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
    const derive = (iterations: number) =>
      crypto.subtle.deriveBits(
        { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations },
        password,
        256,
      );
    expect((await derive(100_000)).byteLength).toBe(32);
    await expect(derive(100_001)).rejects.toThrow('PBKDF2');
    const { instantiate } = WebAssembly as unknown as { instantiate(code: Uint8Array): Promise<unknown> };
    await expect(instantiate(new Uint8Array())).rejects.toThrow('disallowed');
  });
});
