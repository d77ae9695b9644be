import { describe, expect, it } from 'vitest';
import type { Keyring } from '#kernel/secrets';
import { nameReservation, readReservation, signReservation } from '#security/reservation-id';

const OWNER = 'u_01KA0000000000000000000000';
const old: Keyring = { current: 'an-older-secret-0123456789abcdefgh', previous: null };
const ring: Keyring = { current: 'the-secret-of-today-0123456789abcd', previous: old.current };
const later: Keyring = { current: 'the-secret-of-tomorrow-0123456789a', previous: ring.current };
const asked = { keyId: 'key_1', requestId: 'r-1' };

const name = (request: typeof asked | null = null) => nameReservation('default', OWNER, request);
/** An id as it goes over the wire. */
const make = async (request: typeof asked | null = null, secrets = ring) =>
  signReservation(secrets, 'default', (await name(request)).holdId);
const read = (id: string, secrets = ring, site = 'default') => readReservation(secrets, site, id);

describe('a reservation id', () => {
  it.each([null, asked])('finds its owner and its hold again (%j)', async (request) => {
    const made = await name(request);
    expect(await read(await signReservation(ring, 'default', made.holdId))).toEqual(made);
    expect(made.owner).toBe(OWNER);
  });

  it('is at most 256 characters that fit into a path, also for the longest request_id', async () => {
    const id = await make({ keyId: asked.keyId, requestId: '密'.repeat(128) });
    expect(id).toMatch(/^[A-Za-z0-9._~-]{1,256}$/);
  });

  it('is another each time without a request_id', async () => {
    expect(await make()).not.toBe(await make());
  });

  it('derives from site, owner, key and request_id', async () => {
    expect(await name(asked)).toEqual(await name(asked));
    const names = await Promise.all([
      name(asked),
      name({ ...asked, requestId: 'r-2' }),
      name({ ...asked, keyId: 'key_2' }),
      name({ keyId: 'key', requestId: '_1r-1' }),
      name({ keyId: 'key_1","r', requestId: '-1' }),
      nameReservation('cn', OWNER, asked),
      nameReservation('default', 'u_01KA0000000000000000000001', asked),
    ]);
    expect(new Set(names.map(({ holdId }) => holdId)).size).toBe(names.length);
  });

  it('names one hold for one request_id, also when the secret was rotated in between', async () => {
    const [before, after] = [await make(asked, ring), await make(asked, later)];
    expect(await read(before, later)).toEqual(await read(after, later));
  });

  it('is read while its secret is the previous one, and no longer', async () => {
    const id = await make(null, old);
    expect(await read(id, ring)).toMatchObject({ owner: OWNER });
    expect(await read(id, later)).toBeNull();
  });

  it('is signed with the current secret', async () => {
    expect(await read(await make(), { ...ring, previous: null })).toMatchObject({ owner: OWNER });
  });

  it('belongs to its site', async () => {
    expect(await read(await make(), ring, 'cn')).toBeNull();
  });
});

describe('readReservation', () => {
  it('refuses an id in which any character was changed', async () => {
    const id = await make();
    for (let index = 0; index < id.length; index++) {
      const changed = id.slice(0, index) + (id[index] === 'A' ? 'B' : 'A') + id.slice(index + 1);
      expect(await read(changed), changed).toBeNull();
    }
  });

  it('refuses an id that names another owner under the old signature', async () => {
    const [body = '', signature = ''] = (await make()).slice('rsv_'.length).split('.');
    const bytes = Buffer.from(body, 'base64url');
    bytes[bytes.length - 1] = '1'.charCodeAt(0);
    expect(await read(`rsv_${bytes.toString('base64url')}.${signature}`)).toBeNull();
  });

  it.each(['', 'rsv_', 'rsv_.', 'rsv_AAAA', 'rsv_AAAA.', 'rsv_.AAAA', 'u_1'])('refuses %j', async (id) => {
    expect(await read(id)).toBeNull();
  });

  it('refuses what is longer than any id', async () => {
    expect(await read(`${await make()}${'A'.repeat(10_000)}`)).toBeNull();
  });
});
