import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reservation } from '#kernel/quota';
import type { Keyring } from '#kernel/secrets';
import { nameReservation, readReservation, signReservation } from '#security/reservation-id';

const OWNER = 'ent_01KA0000000000000000000000';
const old: Keyring = { current: 'an-older-secret-0123456789abcdefgh', previous: null };
const ring: Keyring = { current: 'the-secret-of-today-0123456789abcd', previous: old.current };
const later: Keyring = { current: 'the-secret-of-tomorrow-0123456789a', previous: ring.current };
const asked = { keyId: 'key_1', requestId: 'r-1' };

const name = (request: typeof asked | null = null) => nameReservation('default', OWNER, request);

const facts: Reservation = {
  id: await name(),
  tokens: 1200,
  userId: 'u_01KA0000000000000000000001',
  keyId: 'key_01KA0000000000000000000002',
  model: 'gpt-4o-mini',
  test: false,
  madeAt: Date.parse('2026-10-30T20:00:00.123Z'),
  expiresAt: Date.parse('2026-10-30T20:10:00.123Z'),
};

/** An id as it goes over the wire. */
const make = (more: Partial<Reservation> = {}, secrets = ring, owner = OWNER) =>
  signReservation(secrets, 'default', { owner, reservation: { ...facts, ...more } });
const read = (id: string, secrets = ring, site = 'default') => readReservation(secrets, site, id);

const WIRE = /^[A-Za-z0-9._~-]{1,256}$/;
/** The least, the greatest, and one in between. */
const ULIDS = ['00000000000000000000000000', '7ZZZZZZZZZZZZZZZZZZZZZZZZZ', '01KA9XV2M7QWERTY0123456789'];

describe('what a reservation is found by', () => {
  it('is another each time without a request_id', async () => {
    expect(await name()).not.toBe(await name());
  });

  it('derives from site, owner, key and request_id', async () => {
    expect(await name(asked)).toBe(await name(asked));
    const names = await Promise.all([
      name(asked),
      name({ ...asked, requestId: 'r-2' }),
      name({ ...asked, keyId: 'key_2' }),
      name({ keyId: 'key', requestId: '_1r-1' }),
      name({ keyId: 'key_1","r', requestId: '-1' }),
      nameReservation('cn', OWNER, asked),
      nameReservation('default', 'ent_01KA0000000000000000000001', asked),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is one for one request_id, also when the secret was rotated in between', async () => {
    const id = await name(asked);
    const [before, after] = [await make({ id }, ring), await make({ id: await name(asked) }, later)];
    expect(await read(before, later)).toEqual(await read(after, later));
  });
});

describe('a reservation id', () => {
  it('carries its owner and all that it takes to end it', async () => {
    expect(await read(await make())).toEqual({ owner: OWNER, reservation: facts });
  });

  it('carries whatever a reservation may be, in at most 256 characters that fit into a path', async () => {
    const ids = (prefix: string) =>
      fc.oneof(
        fc.constantFrom(...ULIDS).map((ulid) => `${prefix}_${ulid}`),
        fc.constant(`${prefix}_1`),
      );
    const model = fc.stringMatching(/^[A-Za-z0-9._:/-]{1,64}$/);
    const made = fc.record({
      tokens: fc.integer({ min: 1, max: 100_000_000 }),
      userId: ids('u'),
      keyId: ids('key'),
      model: fc.option(fc.oneof(model, fc.constant('m'.repeat(64)))),
      test: fc.boolean(),
      madeAt: fc.integer({ min: 0, max: Date.parse('2100-01-01') }),
      ttl: fc.integer({ min: 10, max: 3600 }),
    });
    await fc.assert(
      fc.asyncProperty(made, fc.option(ids('ent')), async ({ ttl, ...more }, enterprise) => {
        const reservation = { ...facts, ...more, expiresAt: more.madeAt + ttl * 1000 };
        // Of a personal plan the owner is the user.
        const owner = enterprise ?? reservation.userId;
        const id = await signReservation(ring, 'default', { owner, reservation });
        expect(id).toMatch(WIRE);
        expect(await read(id)).toEqual({ owner, reservation });
      }),
    );
  });

  it('is at most 256 characters long for the longest of all', async () => {
    const longest = { keyId: `key_${ULIDS[1]}`, userId: `u_${ULIDS[1]}`, model: 'm'.repeat(64) };
    expect(await make({ ...longest, id: await name({ ...asked, requestId: '密'.repeat(128) }) })).toMatch(
      WIRE,
    );
  });

  it('tells a model of no letters from none', async () => {
    expect(await read(await make({ model: null }))).toMatchObject({ reservation: { model: null } });
    expect(await read(await make({ model: '' }))).toMatchObject({ reservation: { model: '' } });
  });

  it('is read while its secret is the previous one, and no longer', async () => {
    const id = await make({}, old);
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

  it('refuses an id with other facts under the old signature', async () => {
    const bodyOf = (id: string) => id.slice('rsv_'.length).split('.');
    const [, signature] = bodyOf(await make());
    const others: Partial<Reservation>[] = [
      { tokens: 1 },
      { userId: 'u_1' },
      { keyId: 'key_1' },
      { model: null },
      { test: true },
      { madeAt: facts.madeAt + 1 },
      { expiresAt: facts.expiresAt + 1 },
    ];
    for (const other of others) {
      const [body] = bodyOf(await make(other));
      expect(await read(`rsv_${body}.${signature}`), JSON.stringify(other)).toBeNull();
    }
    const [body] = bodyOf(await make({}, ring, 'ent_01KA0000000000000000000001'));
    expect(await read(`rsv_${body}.${signature}`)).toBeNull();
  });

  it.each(['', 'rsv_', 'rsv_.', 'rsv_AAAA', 'rsv_AAAA.', 'rsv_.AAAA', 'u_1'])('refuses %j', async (id) => {
    expect(await read(id)).toBeNull();
  });

  it('refuses what is longer than any id', async () => {
    expect(await read(`${await make()}${'A'.repeat(10_000)}`)).toBeNull();
  });
});
