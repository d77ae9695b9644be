import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import { doorWith, runCron } from '../support/doors.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database; KV: KVNamespace };
const HOUR = 3600;

/** KV whose answers a test decides: empty, lagging or as it is. */
let lies: 'none' | 'empty' | 'lagging' = 'none';
let lagging: unknown = null;
const KV = new Proxy(bindings.KV, {
  get(target, name) {
    if (name !== 'get') return Reflect.get(target, name).bind(target);
    return async (key: string, options: never) =>
      lies === 'empty' ? null : lies === 'lagging' ? lagging : target.get(key, options);
  },
});

describe('RSA keys', () => {
  const client = new Client({ door: doorWith({ KV }) });
  const publicKey = async () => (await client.get('/api/v1/auth/public-key')).body.data;
  const rows = async () =>
    (
      await bindings.DB_DEFAULT.prepare('select id, wrapped_private from rsa_keys order by id').all<{
        id: string;
        wrapped_private: string;
      }>()
    ).results;
  let offset = 0;
  const wait = async (seconds: number) => {
    offset += seconds;
    expect((await client.put('/dev/clock', { offset_seconds: offset })).status).toBe(200);
  };

  beforeAll(() => {
    lies = 'none';
  });

  it('are made by the first request, and two at once make one', async () => {
    const keys = await Promise.all(Array.from({ length: 6 }, publicKey));
    expect(new Set(keys.map(({ key_id }) => key_id)).size).toBe(1);
    expect(await rows()).toHaveLength(1);
    expect(keys[0]).toEqual({
      key_id: expect.stringMatching(/^rsa_key_\d{8}_001$/),
      public_key: expect.stringContaining('BEGIN PUBLIC KEY'),
      algorithm: 'RSA-OAEP-256',
      expires_at: expect.stringMatching(/Z$/),
    });
  });

  it('keep their private halves wrapped, bound to their row', async () => {
    const [row] = await rows();
    expect(row?.wrapped_private).toMatch(/^[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
    expect(
      atob((row?.wrapped_private.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')),
    ).not.toContain('PRIVATE');
  });

  it('are found in D1 where KV is empty', async () => {
    const { key_id } = await publicKey();
    lies = 'empty';
    expect((await publicKey()).key_id).toBe(key_id);
    lies = 'none';
  });

  it('rotate with an overlap: the old one is accepted for a day more', async () => {
    const old = await publicKey();
    lagging = { keyId: old.key_id, publicPem: old.public_key, expiresAt: Date.parse(old.expires_at) };
    const early = await client.encrypt('Aa123456!');
    await wait(23.5 * HOUR);
    await runCron('0 * * * *');
    const fresh = await publicKey();
    expect(fresh.key_id).not.toBe(old.key_id);
    expect((await client.register(early)).status).toBe(201);

    // KV still has the old one: good while it is handed out, passed over once it has expired.
    lies = 'lagging';
    expect((await publicKey()).key_id).toBe(old.key_id);
    await wait(HOUR);
    expect((await publicKey()).key_id).toBe(fresh.key_id);
    lies = 'none';
  });

  it('are deleted once nobody may use them, with what was spent under them', async () => {
    const late = await client.encrypt('Aa123456!');
    await wait(49 * HOUR);
    expectError(await client.register(late), 400, 'ciphertext_invalid');
    await runCron('0 * * * *');
    expect(await rows()).toHaveLength(1);
    expect(await bindings.DB_DEFAULT.prepare('select count(*) as n from spent_ciphertexts').first()).toEqual({
      n: 0,
    });
  });

  it('can be rotated again and again after a revocation, each with a number of its own', async () => {
    const rotate = async () => {
      const token = await client.admin();
      return (await client.post('/admin/v1/rsa-keys/rotate', { revoke: true }, { token })).body.data?.key_id;
    };
    const ids = [await rotate()];
    await runCron('0 * * * *');
    ids.push(await rotate());
    await runCron('0 * * * *');
    ids.push(await rotate());
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain(undefined);
    expect((await rows()).filter(({ wrapped_private }) => wrapped_private !== '')).toHaveLength(1);
  });

  it('are there on the next request after a jump past all of them', async () => {
    await wait(1000 * HOUR);
    expect((await client.register()).status).toBe(201);
  });

  it('go on after the 999th of a day', async () => {
    const token = await client.admin();
    const rotate = async () =>
      (await client.post('/admin/v1/rsa-keys/rotate', {}, { token })).body.data.key_id;
    const first: string = await rotate();
    const day = first.slice(0, -3);
    await bindings.DB_DEFAULT.prepare('update rsa_keys set id = ? where id = ?')
      .bind(`${day}999`, first)
      .run();
    expect(await rotate()).toBe(`${day}1000`);
    expect(await rotate()).toBe(`${day}1001`);
  });
});
